/** Short hands for writing IR in tests. Templates: `$('a.b')` is an expression, everything else literal. */

import type { Each, Flow, Next, Node, Tpl } from '../src/index.ts';

export function $(source: string): Tpl {
  return { expr: { $: source, reads: [] } };
}

export function lit(value: string | number | boolean | null): Tpl {
  return { lit: value };
}

export function obj(fields: { readonly [key: string]: Tpl }): Tpl {
  return { obj: fields };
}

type Options = Partial<Omit<Node, 'id' | 'do' | 'if'>> & { readonly if?: string };

function node(id: string, body: Node['do'], { if: condition, ...options }: Options = {}): Node {
  return {
    id,
    needs: [],
    retry: [],
    catch: [],
    returns: true,
    ...options,
    do: body,
    ...(condition === undefined ? {} : { if: { $: condition, reads: [] } }),
  };
}

export function call(id: string, uses: string, input: Tpl = lit(null), options: Options = {}): Node {
  return node(id, { k: 'call', uses, with: input }, options);
}

/** The compensation of the step `of`. */
export function undo(of: string, uses: string, input: Tpl = lit(null), options: Options = {}): Node {
  return call(`${of}/compensate`, uses, input, options);
}

export function value(id: string, tpl: Tpl, options: Options = {}): Node {
  return node(id, { k: 'value', value: tpl }, options);
}

type WaitBody = Extract<Node['do'], { k: 'wait' }>;

export function wait(id: string, body: Omit<WaitBody, 'k'>, options: Options = {}): Node {
  return node(id, { k: 'wait', ...body }, options);
}

/** What an event wait is for; `match` with the names that it reads. */
export function event(
  name: string,
  more: { readonly match?: string; readonly reads?: readonly string[]; readonly ask?: Tpl; readonly to?: readonly string[] } = {},
): Pick<WaitBody, 'event'> {
  const { match, reads = [], ask, to = [] } = more;
  return {
    event: {
      name,
      to,
      answer: true,
      ...(match === undefined ? {} : { match: { $: match, reads: ['event', ...reads] } }),
      ...(ask === undefined ? {} : { ask }),
    },
  };
}

export function scope(id: string, steps: readonly Node[], output: Tpl, options: Options & { readonly until?: string } = {}): Node {
  const { until, ...rest } = options;
  return node(id, { k: 'and', steps, ...(until === undefined ? {} : { until: { $: until, reads: [] } }), output }, rest);
}

/** An OR scope; the first state is the initial one. */
export function states(id: string, list: readonly Node[], options: Options & { readonly output?: Tpl } = {}): Node {
  const { output, ...rest } = options;
  return node(id, { k: 'or', states: list, ...(output === undefined ? {} : { output }) }, rest);
}

/** `to('a')`, `to('a', 'guard')`, or `to($('expression'))`. */
export function to(target: string | Tpl, guard?: string): Next {
  const expr = typeof target === 'string' ? target : 'expr' in target ? target.expr : '';
  return { to: expr, ...(guard === undefined ? {} : { if: { $: guard, reads: [] } }) };
}

export function each(
  list: string,
  options: {
    as?: string;
    key?: string;
    workers?: number;
    batch?: number;
    tolerate?: string | number;
    captures?: string[];
    until?: string;
  } = {},
): Each {
  const { as = 'item', key, until, workers = 4, batch = 1, tolerate = 0, captures = [] } = options;
  return {
    in: $(list),
    as,
    workers: lit(workers),
    batch: lit(batch),
    tolerate: lit(tolerate),
    captures,
    ...(key === undefined ? {} : { key: { $: key, reads: [] } }),
    ...(until === undefined ? {} : { until: { $: until, reads: [] } }),
  };
}

export function flow(steps: readonly Node[], output: Tpl): Flow {
  return flowOf(scope('', steps, output));
}

export function flowOf(root: Node): Flow {
  return {
    ir: 1,
    expr: 1,
    name: 'test/flow',
    version: '1.0.0',
    hash: 'sha256:test',
    input: true,
    output: true,
    limits: {},
    root,
    migrate: [],
  };
}
