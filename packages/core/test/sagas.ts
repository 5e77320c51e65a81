/** Random flows of steps that can be undone, and the account of what should have been undone and what was. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { undoingAround } from '../src/compensation/compensation.ts';
import { evolve, iterationOf, planOf } from '../src/index.ts';
import type { ActorState, Flow, Json, Node, Recorded } from '../src/index.ts';
import { $, call, each, flow, lit, scope, states, to, undo, value } from './ir.ts';
import { ModelHost } from './model-host.ts';
import type { Behaviour, ModelOptions, Outcome } from './model-host.ts';

interface Shape {
  readonly k: 'call' | 'scope' | 'race' | 'each' | 'loop';
  readonly undoable: boolean;
  readonly caught: boolean;
  readonly ordered: boolean;
  readonly size: number;
  readonly children: readonly Shape[];
}

const settings = { undoable: fc.boolean(), caught: fc.integer({ max: 5, min: 0 }).map((n) => n === 0), ordered: fc.boolean() };
const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ k: fc.constant('call' as const), ...settings, size: fc.constant(1), children: fc.constant([]) }),
    fc.record({
      k: fc.constantFrom('scope' as const, 'race' as const, 'each' as const, 'loop' as const),
      ...settings,
      size: fc.integer({ min: 1, max: 4 }),
      children: fc.array(tie('shape'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));
export interface Saga {
  readonly seed: number;
  readonly shapes: readonly Shape[];
  readonly trouble: number;
  /** Turns after which the engine ends and comes back. */
  readonly crashes: readonly number[];
  readonly cancelAt: number | null;
}

export const saga: fc.Arbitrary<Saga> = fc.record({
  seed: fc.nat(),
  shapes: fc.array(shape, { minLength: 1, maxLength: 3 }),
  trouble: fc.integer({ min: 0, max: 20 }),
  crashes: fc.array(fc.nat(80), { maxLength: 3 }),
  cancelAt: fc.option(fc.nat(60)),
});

function nodeOf({ k, undoable, caught, ordered, size, children }: Shape, id: string, needs: readonly string[]): Node {
  const options = { needs, ...(caught ? { catch: [{ errors: ['*'], do: value(`${id}/catch.0`, lit(null)) }] } : {}) };
  if (k === 'call')
    return undoable
      ? call(id, 'make', lit(id), { ...options, compensate: undo(id, 'undo', $(nameOf(id))) })
      : call(id, 'make', lit(id), options);
  if (k === 'scope') return scope(id, nodesOf(children, id, ordered), lit(null), options);
  // Only what needs nothing of the others races.
  if (k === 'race') return scope(id, nodesOf(children, id, false), lit(null), { ...options, until: 's0 != null' });
  if (k === 'each') {
    const list = each(JSON.stringify(Array.from({ length: size }, (_, index) => index)), {
      workers: 2,
      tolerate: ordered ? 0 : 1,
      ...(undoable ? { until: 'ok.size() >= 2' } : {}),
    });
    return scope(id, nodesOf(children, id, ordered), lit(null), { ...options, each: list });
  }
  const go = scope(`${id}/go`, nodesOf(children, `${id}/go`, ordered), lit(null), {
    next: [to('go', `visits < ${size}`), to('end')],
    max: 9,
  });
  return states(id, [go, value(`${id}/end`, lit(null))], options);
}

function nodesOf(shapes: readonly Shape[], around: string, ordered: boolean): readonly Node[] {
  return shapes.map((one, index) =>
    nodeOf(one, around === '' ? `s${index}` : `${around}/s${index}`, ordered && index > 0 ? [`s${index - 1}`] : []),
  );
}

export function playSaga(
  { seed, shapes, trouble, crashes, cancelAt }: Saga,
  broken: number,
  more: Partial<ModelOptions> = {},
  meanwhile: (host: ModelHost, turn: number) => void = () => undefined,
): ModelHost {
  let calls = 0;
  const behave: Behaviour = (uses): Outcome => {
    calls += 1;
    const dice = (Math.imul(calls + seed, 2654435761) >>> 8) % 100;
    if (uses === 'undo') return dice < broken ? { fail: { code: 'stays', message: 'm' } } : { ok: null };
    return dice < trouble ? { fail: { code: 'hard', message: 'm' } } : { ok: `token ${calls}` };
  };
  const host = new ModelHost(flow(nodesOf(shapes, '', true), lit(null)), { seed, behave, ...more });
  for (let turns = 1; host.turn(); turns += 1) {
    if (crashes.includes(turns)) host.crash();
    meanwhile(host, turns);
    if (turns === cancelAt) host.record('root', { type: 'run.cancelling', by: 'me', reason: 'test' });
    assert.ok(turns < 20_000, 'the run does not end');
  }
  assert.notEqual(host.outcome(), null);
  return host;
}

/** Exactly what completed inside what failed is undone, each once, in reverse order. */
export function assertUndone(host: ModelHost, journal: readonly Recorded[] = host.journal): void {
  const { expected, undone } = accountOf(host, journal);
  assert.deepEqual(undone.map(({ token }) => token).toSorted(compare), expected.toSorted(compare));
  for (const [before, after] of pairs(undone)) {
    if (before.by !== after.by) continue;
    assert.ok(before.at >= after.at, 'a later step is undone first');
    if (before.actor === after.actor) assert.ok(before.place > after.place, 'a later step of the same actor is undone first');
  }
}

interface Completed {
  readonly token: Json;
  readonly actor: string;
  readonly item: number;
  readonly node: string;
  readonly iteration: string;
  readonly at: number;
  readonly place: number;
}

/** What should have been undone, and what was, told from the journal alone: tokens are what the steps gave. */
export function accountOf(
  host: ModelHost,
  journal: readonly Recorded[] = host.journal,
): { readonly expected: Json[]; readonly undone: (Completed & { readonly by: string })[] } {
  const actors = new Map<string, ActorState>();
  const parents = new Map<string, { actor: string; item: number; node: string; iteration: string }>();
  const completed: Completed[] = [];
  const expected = new Set<Json>();
  const undone: (Completed & { by: string })[] = [];
  const inputs = new Map<string, Json>();
  const compensable = nodesWithUndo(host.flow);
  for (const command of host.given.map(
    (text) => JSON.parse(text) as [string, { k: string; uses: string; node: string; item: number; iteration: string; input: Json }],
  )) {
    const [actor, { k, uses, item, node, iteration, input }] = command;
    if (k === 'dispatch' && uses === 'undo') inputs.set(`${actor}|${item}|${node}|${iteration}`, input);
  }
  for (const [place, recorded] of journal.entries()) {
    const { actor, event, at } = recorded;
    const before = actors.get(actor);
    actors.set(actor, evolve(before ?? null, recorded));
    if (event.type === 'chunk.started') {
      const { parent, node } = event;
      const steps = actors.get(parent.actor)?.open.get(parent.item)?.steps;
      parents.set(actor, { ...parent, node, iteration: iterationOf(steps, node) ?? '' });
    }
    if (event.type === 'run.settled' && event.status === 'cancelled') for (const { token } of completed) expected.add(token);
    if (!('node' in event && 'item' in event) || event.type === 'chunk.reported') continue;
    const iteration = iterationOf(before?.open.get(event.item)?.steps, event.node) ?? '';
    if (event.type === 'attempt.succeeded') {
      const token = inputs.get(`${actor}|${event.item}|${event.node}|${iteration}`);
      const done = completed.find((one) => one.token === token);
      if (done !== undefined)
        undone.push({
          ...done,
          by: `${actor}|${event.item}|${undoingAround(before?.open.get(event.item)?.steps, event.node)?.node}|${iteration}`,
        });
      else if (compensable.has(event.node) && 'v' in event.output)
        completed.push({ token: event.output.v, actor, item: event.item, node: event.node, iteration, at, place });
    }
    const around = { actor, item: event.item, node: event.node, iteration };
    if (event.type === 'step.failed' || event.type === 'step.caught' || event.type === 'step.cancelled')
      for (const one of completed) if (isAround(around, one, parents)) expected.add(one.token);
    const steps = before?.open.get(event.item)?.steps;
    const own = steps?.get(event.node);
    if (event.type === 'step.settled' && own?.type === 'entered' && own.ended)
      for (const child of planOf(host.flow).get(event.node)?.steps.keys() ?? []) {
        const node = event.node === '' ? child : `${event.node}/${child}`;
        if (steps?.get(node)?.type === 'succeeded') continue;
        for (const one of completed) if (isAround({ ...around, node }, one, parents)) expected.add(one.token);
      }
  }
  return { expected: [...expected], undone };
}

interface Spot {
  readonly actor: string;
  readonly item: number;
  readonly node: string;
  readonly iteration: string;
}

/** Whether it lies in this very instance of the step, in the same actor or in a chunk of it. */
function isAround(step: Spot, one: Spot, parents: ReadonlyMap<string, Spot>): boolean {
  for (let at: Spot | undefined = one; at !== undefined; at = parents.get(at.actor)) {
    if (at.actor !== step.actor || at.item !== step.item) continue;
    const isBelow = step.node === '' || at.node === step.node || at.node.startsWith(`${step.node}/`);
    return isBelow && (step.iteration === '' || `${at.iteration}.`.startsWith(`${step.iteration}.`));
  }
  return false;
}

function nodesWithUndo(flow: Flow): ReadonlySet<string> {
  return new Set([...planOf(flow)].flatMap(([id, { node }]) => (node.compensate === undefined ? [] : [id])));
}

function compare(a: Json, b: Json): number {
  return String(a) < String(b) ? -1 : 1;
}

function pairs<T>(list: readonly T[]): readonly (readonly [T, T])[] {
  return list.slice(1).map((after, index) => [list[index] as T, after]);
}

function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}
