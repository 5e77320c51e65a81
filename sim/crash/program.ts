/**
 * The work that is crashed: three flows whose outcome has a closed form. What becomes of a run depends on its input
 * alone, never on when a process died, so that any difference is a fault.
 */

import type { CalledFlows, Flow, Json, JsonObject } from '@scriptorium/core';
import { coreHandlers } from '@scriptorium/engine';
import { compileFlow } from '@scriptorium/flow';
import { handlers } from './handlers.ts';

/** `work` succeeds with failed items, `saga` fails and takes back what it did, `left` waits until it is cancelled. */
export type Kind = 'work' | 'saga' | 'left';

export interface Program {
  /** By which its run is known again after a crash. */
  readonly label: string;
  readonly kind: Kind;
  readonly count: number;
  /** An item fails at its first attempt where its number leaves 1 when divided by this. */
  readonly retryEvery: number;
  /** An item fails for good where its number leaves 2. */
  readonly breakEvery: number;
  /** An item waits for a signal where its number leaves 0. */
  readonly payEvery: number;
  /** An item calls another flow where its number leaves 0. */
  readonly callEvery: number;
}

/** What a program comes to, by arithmetic. */
export interface Outcome {
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly output: Json;
  readonly items: { readonly total: number; readonly succeeded: number; readonly failed: number };
  readonly calledRuns: number;
}

const WORK = `
flow: crash/work
version: "1.0.0"
input:
  label: { type: string }
  count: { type: integer }
  retryEvery: { type: integer, minimum: 1 }
  breakEvery: { type: integer, minimum: 1 }
  payEvery: { type: integer, minimum: 1 }
  callEvery: { type: integer, minimum: 1 }
limits: { desk: { concurrent: 4 } }
budget: { usd: 1000 }
steps:
  list: { uses: crash/list, with: { count: "\${ input.count }" } }
  items:
    each: { in: "\${ list }", as: n, key: "\${ 'n' + string(n) }", workers: 6, tolerate: "100%" }
    steps:
      first:
        uses: crash/work
        limit: desk
        retry: { max: 20, delay: 5ms, factor: 1, errors: [overloaded] }
        with: { n: "\${ n }", again: "\${ n % input.retryEvery == 1 }", bad: "\${ n % input.breakEvery == 2 }" }
      paid:
        needs: [first]
        if: \${ n % input.payEvery == 0 }
        wait: { event: paid, match: "\${ event.n == n }", answer: { type: object, required: [n], properties: { n: { type: integer } } } }
        timeout: 30d
      below:
        needs: [first]
        if: \${ n % input.callEvery == 0 }
        uses: crash/child@^1
        with: { label: "\${ input.label }", n: "\${ n }" }
      file: { needs: [paid], uses: crash/write, with: { label: "\${ input.label }", n: "\${ n }" } }
    output: { sum: "\${ first.square + (below ?? 0) }" }
  asked:
    wait: { event: asked, ask: "Go on?", answer: { enum: ["yes"] } }
    timeout: 30d
  total: { needs: [asked], uses: crash/total, with: { items: "\${ items.ok }" } }
output: { ok: "\${ items.ok.size() }", failed: "\${ items.failed.size() }", sum: "\${ total.sum }" }
`;

const CHILD = `
flow: crash/child
version: "1.0.0"
input: { label: { type: string }, n: { type: integer } }
steps:
  one: { uses: crash/work, with: { n: "\${ input.n }", again: false, bad: false } }
  two: { needs: [one], uses: crash/write, with: { label: "\${ input.label + '-child' }", n: "\${ input.n }" } }
output: \${ one.square }
`;

const booked = `
  list: { uses: crash/list, with: { count: "\${ input.count }" } }
  rooms:
    each: { in: "\${ list }", as: n, key: "\${ 'n' + string(n) }", workers: 3 }
    uses: crash/book
    with: { what: "\${ input.label + ' ' + string(n) }" }
    compensate: { uses: crash/unbook, with: { what: "\${ rooms.what }" } }`;

const SAGA = `
flow: crash/saga
version: "1.0.0"
input: { label: { type: string }, count: { type: integer } }
steps:${booked}
  end: { needs: [rooms], uses: core/fail, with: { error: no_use, message: it was of no use } }
`;

const LEFT = `
flow: crash/left
version: "1.0.0"
input: { label: { type: string }, count: { type: integer } }
steps:${booked}
  never: { needs: [rooms], wait: { event: never }, timeout: 30d }
`;

const sources: { readonly [kind in Kind]: string } = { work: WORK, saga: SAGA, left: LEFT };

export function compileProgram({ kind }: Program): { readonly flow: Flow; readonly called: CalledFlows } {
  const callables = new Map(
    [...coreHandlers, ...handlers].map((handler) => [handler.name, { ...handler, errors: Object.keys(handler.errors) }]),
  );
  const { flow, called, diagnostics } = compileFlow(sources[kind], {
    file: `${kind}.flow.yaml`,
    callables,
    flows: kind === 'work' ? [{ file: 'child.flow.yaml', source: CHILD, callables }] : [],
  });
  if (flow === null) throw new Error(diagnostics.map(({ line, col, code, message }) => `${line}:${col} ${code}: ${message}`).join('\n'));
  return { flow, called };
}

export function inputOf(program: Program): JsonObject {
  const { label, kind, count, retryEvery, breakEvery, payEvery, callEvery } = program;
  return kind === 'work' ? { label, count, retryEvery, breakEvery, payEvery, callEvery } : { label, count };
}

/** Numbers of the items that wait for a signal. */
export function payersOf({ kind, count, breakEvery, payEvery }: Program): readonly number[] {
  return kind === 'work' ? numbers(count).filter((n) => n % payEvery === 0 && n % breakEvery !== 2) : [];
}

export function outcomeOf({ kind, count, breakEvery, callEvery }: Program): Outcome {
  const all = { total: count, succeeded: count, failed: 0 };
  if (kind === 'saga') return { status: 'failed', output: null, items: all, calledRuns: 0 };
  if (kind === 'left') return { status: 'cancelled', output: null, items: all, calledRuns: 0 };
  const whole = numbers(count).filter((n) => n % breakEvery !== 2);
  const callers = whole.filter((n) => n % callEvery === 0);
  const sum = [...whole, ...callers].reduce((total, n) => total + n * n, 0);
  const failed = count - whole.length;
  return {
    status: 'succeeded',
    output: { ok: whole.length, failed, sum },
    items: { total: count, succeeded: whole.length, failed },
    calledRuns: callers.length,
  };
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n);
}
