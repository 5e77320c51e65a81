/**
 * Random flows, compiled as a user's would be, with random histories: whatever happens in between, they end as the page
 * that defines the language says.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT } from '@scriptorium/core';
import { ModelHost } from '@scriptorium/core/model-host';
import type { JsonObject } from '@scriptorium/core';
import fc from 'fast-check';
import { fails, rehearse, takes } from '../src/index.ts';
import type { Answer, Call } from '../src/index.ts';
import { definitionOf, planHandlers } from './model/definition.ts';
import { checkReversed, checkUndone, compare, compiled, Given, hashOf, scriptOf } from './model/given.ts';
import { predict } from './model/oracle.ts';
import type { Script } from './model/oracle.ts';
import { tooEarly } from './model/order.ts';
import { plans } from './model/plan.ts';

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
      fc.pre(prediction !== null);
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
    { numRuns: Number(process.env['ORACLE_RUNS'] ?? 500) },
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
      fc.pre(prediction !== null);
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

const MAX_TURNS = 20_000;
