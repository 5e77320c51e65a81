/**
 * Random flows, compiled as a user's would be, with random histories: whatever happens in between, they end as the page
 * that defines the language says.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT } from '@scriptorium/core';
import { ModelHost } from '@scriptorium/core/model-host';
import type { Flow, JsonObject, Recorded } from '@scriptorium/core';
import { compileFlow, formatDiagnostic } from '@scriptorium/flow';
import fc from 'fast-check';
import { fails, rehearse, takes } from '../src/index.ts';
import type { Answer, Call } from '../src/index.ts';
import { definitionOf, planCallables, planHandlers } from './model/definition.ts';
import { callName, predict } from './model/oracle.ts';
import { tooEarly } from './model/order.ts';
import type { Prediction, Script, World } from './model/oracle.ts';
import { codes, plans } from './model/plan.ts';
import type { Plan, ScopePlan } from './model/plan.ts';

/** Of ten calls, so many fail. */
const failing = fc.constantFrom(0, 1, 3, 6);

const history = fc.record({
  seed: fc.nat(),
  failing,
  /** When the engine ends, or the worker that has the next call; more than three ends would set a step aside. */
  ends: fc.uniqueArray(fc.record({ turn: fc.nat(60), what: fc.constantFrom('engine', 'worker') }), {
    maxLength: 3,
    selector: ({ turn }) => turn,
  }),
  cancelAt: fc.option(fc.nat(80), { freq: 8 }),
});

test('in memory, a flow ends as the oracle says, whatever the order and whatever ends in between', () => {
  fc.assert(
    fc.property(plans, history, (plan, { seed, failing, ends, cancelAt }) => {
      const script = scriptOf(seed, failing);
      const prediction = predict(plan, script);
      fc.pre(prediction.worlds.length <= MAX_WORLDS);
      const given = new Given(script);
      let losing = false;
      const host = new ModelHost(compiled(plan), {
        options: { mode: plan.mode },
        seed,
        behave: (uses, input, { call, node }) => {
          if (losing) return ((losing = false), { lose: 'worker' });
          if (uses === 'model/undo') return { ok: given.undo(input as JsonObject, `${call.slice(0, call.indexOf(`:${node}`))} ${node}`) };
          const result = given.answer(input as JsonObject, call);
          return typeof result === 'number' ? { ok: result } : { fail: { code: result, message: 'scripted' } };
        },
      });
      for (let turn = 0; host.turn(); turn += 1) {
        if (turn > MAX_TURNS) throw new Error(`not settled after ${turn} turns`);
        const end = ends.find((one) => one.turn === turn)?.what;
        if (end === 'engine') host.crash();
        if (end === 'worker') losing = true;
        if (turn === cancelAt && host.root().status === 'running')
          host.record(ROOT, { type: 'run.cancelling', by: 'test', reason: 'for a test' });
      }
      const outcome = host.outcome();
      assert.ok(outcome !== null, 'the run stands still');
      compare(prediction, outcome, host.journal, given.names);
      checkUndone(plan, outcome, given);
      for (const { names } of given.series) checkReversed(names, given.done);
      assert.deepEqual(tooEarly(plan, host.journal), []);
    }),
    { numRuns: 500 },
  );
});

test('in the engine, with calls that take their time, a flow ends as the oracle says', async () => {
  const faults = fc.uniqueArray(fc.record({ commit: fc.integer({ min: 1, max: 12 }), when: fc.constantFrom('before', 'after') }), {
    maxLength: 2,
    selector: ({ commit }) => commit,
  });
  await fc.assert(
    fc.asyncProperty(plans, fc.nat(), failing, faults, async (plan, seed, failing, faults) => {
      const changing = scriptOf(seed, failing);
      // What a call gave may be lost with the engine before it is kept: then it has to give the same again.
      const script: Script = faults.length === 0 ? changing : (call, at, visit) => changing(call, at, visit, 0);
      const prediction = predict(plan, script);
      fc.pre(prediction.worlds.length <= MAX_WORLDS);
      const given = new Given(script);
      const work = (input: JsonObject, { step }: Call): Answer => {
        const ms = hashOf(`${seed}:${step.idempotencyKey}:${step.attempt}`) % 400;
        const result = given.answer(input, step.idempotencyKey);
        return takes(`${ms}ms`, typeof result === 'number' ? result : fails(result));
      };
      await using run = await rehearse(definitionOf(plan), {
        handlers: planHandlers,
        script: { 'model/work': work, 'model/undo': (input) => takes('10ms', given.undo(input)) },
        mode: plan.mode,
        faults,
      });
      const outcome = await run.outcome();
      compare(prediction, outcome, await run.events(), faults.length === 0 ? given.names : null);
    }),
    { numRuns: 25 },
  );
});

/** What calls gave, by the names that the oracle has for them. */
class Given {
  readonly names: string[] = [];
  /** Calls that gave a number, and those that were undone, by the number they gave and where. */
  readonly done: string[] = [];
  readonly undone: string[] = [];
  /** Undone one after another, by whom; the first of a series has the number 0. */
  readonly series: { readonly by: string; readonly names: string[] }[] = [];
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
    const { call, at, visit, gave } = input as unknown as { call: string; at: readonly unknown[]; visit: number; gave: number };
    const name = spotName(call, at, visit, gave);
    this.undone.push(name);
    const [by = '', node = ''] = spot.split(' ');
    if (node.endsWith('.0')) this.series.push({ by, names: [name] });
    else this.series.findLast((one) => one.by === by)?.names.push(name);
    return null;
  }
}

/** More ways to end than these are not enumerated. */
const MAX_WORLDS = 200;
const MAX_TURNS = 20_000;

function compiled(plan: Plan): Flow {
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
function scriptOf(seed: number, failing: number): Script {
  return (call, at, visit, failures) => {
    const chance = hashOf(`${seed}:${callName(call, at, visit, failures)}`);
    if (chance % 10 >= failing) return chance % 7;
    return codes[(chance >>> 8) % codes.length] ?? '';
  };
}

function spotName(call: string, at: readonly unknown[], visit: number, gave: number): string {
  return JSON.stringify([call, at, visit, gave]);
}

/** A run that failed or was cancelled has undone all that was done and can be undone, once; no other has undone more than that. */
function checkUndone(plan: Plan, { status }: Ended, { done, undone }: Given): void {
  const undoable = new Set(undoableIn(plan.body));
  const expected = done.filter((name) => undoable.has((JSON.parse(name) as readonly [string])[0]));
  if (status !== 'succeeded') return assert.deepEqual(undone.toSorted(), expected.toSorted());
  const left = [...expected];
  for (const name of undone) {
    const index = left.indexOf(name);
    assert.notEqual(index, -1, `${name} was undone more often than done`);
    left.splice(index, 1);
  }
}

/** What is undone in a series was done in the reverse order. */
function checkReversed(names: readonly string[], done: readonly string[]): void {
  let before = done.length;
  for (const name of names) {
    before = before === 0 ? -1 : done.lastIndexOf(name, before - 1);
    assert.notEqual(before, -1, `${name} was undone in another order than the reverse of completion`);
  }
}

function undoableIn(scope: ScopePlan): readonly string[] {
  return (scope.k === 'and' ? scope.steps : scope.states).flatMap(({ name, body }) => {
    if (body.k === 'and' || body.k === 'or') return undoableIn(body);
    return body.k === 'call' && body.undo ? [name] : [];
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

function compare(prediction: Prediction, outcome: Ended, journal: readonly Recorded[], given: readonly string[] | null): void {
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
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  return (hash ^ (hash >>> 13)) >>> 0;
}
