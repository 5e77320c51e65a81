/** What a run gave, undid and ended as, and whether that is what was predicted. */

import assert from 'node:assert/strict';
import type { Flow, JsonObject, Recorded } from '@scriptorium/core';
import { compileFlow, formatDiagnostic } from '@scriptorium/flow';
import { callName } from './oracle.ts';
import type { Prediction, Script } from './oracle.ts';
import type { World } from './worlds.ts';
import { definitionOf, planCallables } from './definition.ts';
import { codes, FAILING } from './plan.ts';
import type { Plan, ScopePlan } from './plan.ts';

/** What calls gave, by the names that the oracle has for them. */
export class Given {
  readonly names: string[] = [];
  /** Calls that gave a number, and those that were undone, by the number they gave and where. */
  readonly done: string[] = [];
  readonly undone: string[] = [];
  /** Undone one after another, by whom; the first of a series has the number 0. */
  readonly series: { readonly by: string; readonly names: string[] }[] = [];
  /** Those whose undoing failed, the latest in each series. */
  readonly broken: string[] = [];
  readonly #script: Script;
  readonly #failures = new Map<string, number>();

  constructor(script: Script) {
    this.#script = script;
  }

  answer(input: JsonObject, key: string): number | string {
    const { call, at, visit, add } = input as unknown as { call: string; at: readonly unknown[]; visit: number; add: number };
    const failures = this.#failures.get(key) ?? 0;
    const result = this.#script(call, at, visit, failures);
    this.names.push(callName(call, at, visit, failures));
    if (typeof result === 'number') {
      this.done.push(spotName(call, at, visit, result + add));
      return result + add;
    }
    this.#failures.set(key, failures + 1);
    return result;
  }

  /** `spot`: the item that undoes it, and the id under which. */
  undo(input: JsonObject, spot = ''): null {
    const name = undoneName(input);
    this.undone.push(name);
    this.#inSeries(name, spot);
    return null;
  }

  /** A compensation that fails for good: nothing may follow it in its series. */
  break(input: JsonObject, spot: string): void {
    this.broken.push(undoneName(input));
    this.#inSeries(BROKEN, spot);
  }

  #inSeries(name: string, spot: string): void {
    const [by = '', node = ''] = spot.split(' ');
    if (node.endsWith('.0')) this.series.push({ by, names: [name] });
    else this.series.findLast((one) => one.by === by)?.names.push(name);
  }
}

const BROKEN = 'could not be undone';

function undoneName(input: JsonObject): string {
  const { call, at, visit, gave } = input as unknown as { call: string; at: readonly unknown[]; visit: number; gave: number };
  return spotName(call, at, visit, gave);
}

export function compiled(plan: Plan): Flow {
  const definition = definitionOf(plan);
  const { flow, diagnostics } = compileFlow(definition, {
    file: 'plan.flow.yaml',
    callables: planCallables,
  });
  if (flow !== null) return flow;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  throw new Error(errors.map((one) => formatDiagnostic(one, JSON.stringify(definition, null, 2))).join('\n'));
}

/** A call's result follows from its name alone, so that order cannot change it. */
export function scriptOf(seed: number, failing: number): Script {
  return (call, at, visit, failures) => {
    if (call.startsWith(FAILING)) return 'e1';
    const chance = hashOf(`${seed}:${callName(call, at, visit, failures)}`);
    if (chance % 10 >= failing) return chance % 7;
    return codes[(chance >>> 8) % codes.length] ?? '';
  };
}

function spotName(call: string, at: readonly unknown[], visit: number, gave: number): string {
  return JSON.stringify([call, at, visit, gave]);
}

/** Where a call gave its number. */
export interface Completion {
  readonly name: string;
  readonly actor: string;
  readonly item: number;
  readonly node: string;
  /** Events before it. */
  readonly after: number;
}

/** What was done in a scope that did not settle by itself is undone, also where the run succeeds without it. */
export function checkCutOff(plan: Plan, journal: readonly Recorded[], completions: readonly Completion[], { undone, broken }: Given): void {
  if (broken.length > 0) return;
  const undoable = new Set(undoableIn(plan.body));
  const left = [...undone];
  for (const { name, actor, item, node, after } of completions) {
    if (!undoable.has((JSON.parse(name) as readonly [string])[0])) continue;
    const names = node.split('/');
    const isCut = names.slice(0, -1).some((_, index) => {
      const scope = names.slice(0, index + 1).join('/');
      const here = journal.flatMap(({ actor: at, event }, position) =>
        at === actor && 'item' in event && 'node' in event && event.item === item && event.node === scope ? [{ position, event }] : [],
      );
      const end = here.find(({ position, event }) => position >= after && ends.has(event.type));
      return here.some(({ event }) => event.type === 'step.entered') && end?.event.type !== 'step.settled';
    });
    if (!isCut) continue;
    const index = left.indexOf(name);
    assert.notEqual(index, -1, `${name} was cut off and not undone`);
    left.splice(index, 1);
  }
}

const ends: ReadonlySet<string> = new Set(['step.settled', 'step.failed', 'step.caught', 'step.cancelled']);

/** A run that failed or was cancelled has undone all that was done and can be undone, once; no other has undone more than that. */
export function checkUndone(plan: Plan, { status }: Ended, { done, undone, broken }: Given): void {
  const undoable = new Set(undoableIn(plan.body));
  const expected = done.filter((name) => undoable.has((JSON.parse(name) as readonly [string])[0]));
  if (status !== 'succeeded' && broken.length === 0) return assert.deepEqual(undone.toSorted(), expected.toSorted());
  const left = [...expected];
  for (const name of undone) {
    const index = left.indexOf(name);
    assert.notEqual(index, -1, `${name} was undone more often than done`);
    left.splice(index, 1);
  }
}

/** What is undone in a series was done in the reverse order. */
export function checkReversed(names: readonly string[], done: readonly string[]): void {
  let before = done.length;
  for (const [index, name] of names.entries()) {
    if (name === BROKEN) return assert.equal(index, names.length - 1, 'what came before a compensation that failed was undone');
    before = before === 0 ? -1 : done.lastIndexOf(name, before - 1);
    assert.notEqual(before, -1, `${name} was undone in another order than the reverse of completion`);
  }
}

function undoableIn(scope: ScopePlan): readonly string[] {
  return (scope.k === 'and' ? scope.steps : scope.states).flatMap(({ name, body }) => {
    if (body.k === 'and' || body.k === 'or') return undoableIn(body);
    return body.k === 'call' && body.undo !== null ? [name] : [];
  });
}

interface Ended {
  readonly status: string;
  readonly output: unknown;
  readonly error: { readonly code: string } | null;
}

/** What an `each` gives is a reference and not looked into; its numbers are part of other outputs. */
function worldOf({ status, output, error }: Ended, journal: readonly Recorded[]): World {
  if (status === 'failed') return { failed: error?.code ?? '' };
  const settled = journal.findLast(({ event }) => event.type === 'step.settled' && event.node === '')?.event;
  const degraded = settled?.type === 'step.settled' && settled.degraded;
  return { ok: typeof output === 'object' ? null : (output as number), degraded };
}

export function compare(prediction: Prediction, outcome: Ended, journal: readonly Recorded[], given: readonly string[] | null): void {
  const { worlds, calls, isCalm } = prediction;
  const ended = JSON.stringify(worldOf(outcome, journal));
  const known = worlds.map((world) => JSON.stringify('ok' in world && typeof world.ok === 'object' ? { ...world, ok: null } : world));
  const isCancelled = outcome.status === 'cancelled';
  assert.ok(isCancelled || known.includes(ended), `it ends as ${ended} and not as ${known.join(' or ')}`);
  if (given === null) return;
  assert.deepEqual(
    given.filter((name) => !calls.has(name)),
    [],
    'results of calls that the page does not make',
  );
  if (!isCalm || isCancelled) return;
  assert.deepEqual(given.toSorted(), [...calls].flatMap(([name, count]) => Array<string>(count).fill(name)).toSorted());
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits, mixed once more so that the low digits depend on all of the text. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  return (hash ^ (hash >>> 13)) >>> 0;
}
