/** Checks an AND scope: its names, the order that its data gives, its steps, and what it gives out. */

import { any, closest, fieldsOf, nullable } from '@scriptorium/core';
import type { Expr, Field, Node, Tpl, Type } from '@scriptorium/core';
import { namesWith } from './checking.ts';
import type { CheckedStep, Checking, Names, Where } from './checking.ts';
import { checkData } from './data.ts';
import { isReserved } from '../reading/name.ts';
import { checkCondition } from './expression.ts';
import { orderSteps } from './order.ts';
import type { Piece } from '../reading/piece.ts';
import type { ScopeShape, StepShape } from '../reading/shape.ts';
import { readSpan } from '../reading/text.ts';

export interface CheckedScope {
  /** In an order in which they could run one after another. */
  readonly nodes: readonly Node[];
  readonly until?: Expr;
  readonly output: Tpl;
  readonly type: Type;
}

/** Checks one step that waits for `needs`; handed in, because steps hold scopes in turn. */
export type CheckStep = (step: StepShape, needs: readonly string[], where: Where, checking: Checking) => CheckedStep;

export function checkScope(
  { steps, until, output }: Extract<ScopeShape, { k: 'steps' }>,
  where: Where,
  checking: Checking,
  checkStep: CheckStep,
): CheckedScope {
  const byName = new Map(steps.map((step) => [step.name, step]));
  // What reads a name that is there twice may mean either: it waits for nothing by it.
  const hiding = new Set(steps.filter((step) => checkShadow(step, where.names, checking)));
  const siblings: Siblings = {
    byName: new Map([...byName].filter(([, step]) => !hiding.has(step))),
    ranks: new Map(steps.map(({ name }, i) => [name, i])),
  };
  const needs = new Map(steps.map((step) => [step.name, needsOf(step, siblings, where.names, checking)]));
  const { order, circles } = orderSteps([...byName.keys()], (name) => needs.get(name) ?? []);
  for (const circle of circles) {
    reportCircle(circle, byName, checking);
  }
  const circling = new Set(circles.flat());
  const names = namesWith(where.names, Object.fromEntries(steps.map(({ name }) => [name, any]))) as Record<string, Type>;
  const nodes = order.flatMap((name): Node[] => {
    const step = byName.get(name);
    if (step === undefined) {
      return [];
    }
    const { node, type } = checkStep(step, needs.get(name) ?? [], { ...where, names, path: step.path }, checking);
    names[name] = hiding.has(step) || circling.has(name) ? any : type;
    return [node];
  });
  if (until === undefined) {
    return { nodes, ...scopeOutput(steps, output, { ...where, names }, checking) };
  }
  // It may be over before all has settled: what has not is null.
  const early = { ...names, ...Object.fromEntries(steps.map(({ name }) => [name, nullable(names[name] ?? any)])) };
  const over = { ...where, names: namesWith(where.names, early) };
  const condition = checkCondition(until, '`until`', over, checking);
  return { nodes, ...(condition === undefined ? {} : { until: condition }), ...scopeOutput(steps, output, over, checking) };
}

/** What the scope says it gives, else an object of all its steps' outputs. */
function scopeOutput(
  steps: readonly StepShape[],
  output: Piece | undefined,
  where: Where,
  checking: Checking,
): { readonly output: Tpl; readonly type: Type } {
  if (output !== undefined) {
    const { tpl, type } = checkData(output, where, checking);
    return { output: tpl, type };
  }
  const fields = steps.map(({ name }): [string, Field] => [name, { type: where.names[name] ?? any, optional: false }]);
  const parts = steps.map(({ name }): [string, Tpl] => [name, { expr: { $: name, reads: [name] } }]);
  return { output: { obj: Object.fromEntries(parts) }, type: { k: 'obj', fields: fieldsOf(fields), rest: null } };
}

/** Tells of a name that is already there around the scope; whether it is. */
export function checkShadow(step: StepShape, outer: Names, { findings }: Checking): boolean {
  const hides = Object.hasOwn(outer, step.name) && !isReserved(step.name);
  if (hides) {
    findings.add({
      code: 'shadowed_name',
      message: `'${step.name}' is already a name around this scope: a step cannot hide it`,
      span: step.span,
      path: step.path,
      fix: 'choose another name',
    });
  }
  return hides;
}

/** The steps of a scope, and which of them comes first in the definition. */
interface Siblings {
  readonly byName: ReadonlyMap<string, StepShape>;
  readonly ranks: ReadonlyMap<string, number>;
}

/** Siblings that the step names in `needs` or reads, in the order of the definition. */
function needsOf(step: StepShape, { byName: siblings, ranks }: Siblings, outer: Names, checking: Checking): readonly string[] {
  const needed = new Set<string>();
  for (const { text, span } of step.needs) {
    if (text === step.name) {
      checking.findings.add({ code: 'self_read', message: `'${step.name}' cannot need itself`, span, path: step.path });
    } else if (siblings.has(text)) {
      needed.add(text);
    } else {
      const suggestion =
        closest(
          text,
          [...siblings.keys()].filter((name) => name !== step.name),
        ) ?? undefined;
      const hint = Object.hasOwn(outer, text)
        ? `'${text}' lies outside of this scope, which waits for it as a whole`
        : `there is no step '${text}' beside '${step.name}'`;
      checking.findings.add({
        code: 'no_such_step',
        message: `${hint}${suggestion === undefined ? '' : ` — did you mean '${suggestion}'?`}`,
        span,
        path: step.path,
        suggestion,
        fix: suggestion === undefined ? '`needs` names steps of the same scope' : undefined,
      });
    }
  }
  for (const [name, { piece, part }] of checking.reads.ofStep(step)) {
    if (name === step.name && siblings.has(name)) {
      checking.findings.add({
        code: 'self_read',
        message: `'${step.name}' reads its own output, which is there only after it has run`,
        span: readSpan(piece, part, name),
        path: step.path,
      });
    } else if (siblings.has(name)) {
      needed.add(name);
    }
  }
  return [...needed].sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
}

function reportCircle(circle: readonly string[], steps: ReadonlyMap<string, StepShape>, checking: Checking): void {
  const first = Math.max(
    0,
    circle.indexOf([...circle].sort((a, b) => (steps.get(a)?.span.from ?? 0) - (steps.get(b)?.span.from ?? 0))[0] ?? ''),
  );
  const ring = circle.slice(0, -1);
  const turned = [...ring.slice(first), ...ring.slice(0, first)];
  const from = turned[0] ?? '';
  const to = turned[1] ?? from;
  const step = steps.get(from);
  if (step === undefined) {
    return;
  }
  const read = checking.reads.ofStep(step).get(to);
  const span = step.needs.find(({ text }) => text === to)?.span ?? (read === undefined ? step.span : readSpan(read.piece, read.part, to));
  checking.findings.add({
    code: 'cycle',
    message: `these steps wait for each other: ${[...turned, turned[0]].join(' → ')}`,
    span,
    path: step.path,
    fix: 'cut one of these reads',
  });
}
