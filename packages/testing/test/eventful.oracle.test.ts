/**
 * Random flows that wait, race and are undone, with a random world around them: signals early, late and twice, answers,
 * timeouts, crashes, pauses, results that come too late. They end in one of the ways that the page about the language
 * allows.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT } from '@scriptorium/core';
import { ModelHost } from '@scriptorium/core/model-host';
import type { JsonObject } from '@scriptorium/core';
import fc from 'fast-check';
import { checkCutOff, checkReversed, checkUndone, compare, compiled, Given, hashOf, scriptOf } from './model/given.ts';
import type { Completion } from './model/given.ts';
import { met } from './model/met.ts';
import { predict } from './model/oracle.ts';
import { tooEarly } from './model/order.ts';
import { happenings, Outside } from './model/outside.ts';
import { catchesBroken, eventfulPlans } from './model/plan.ts';
import type { Plan } from './model/plan.ts';
import { mistimed } from './model/timing.ts';

/** More where somebody has the time: `ORACLE_RUNS=20000`. */
const RUNS = Number(process.env['ORACLE_RUNS'] ?? 500);

const history = fc.record({
  seed: fc.nat(),
  failing: fc.constantFrom(0, 0, 1, 3),
  happening: fc.array(fc.record({ turn: fc.nat(30), what: fc.constantFrom(...happenings) }), { maxLength: 12 }),
  cancelAt: fc.option(fc.nat(40), { freq: 8 }),
});

type History = typeof history extends fc.Arbitrary<infer Value> ? Value : never;

test('a flow that waits and races ends as the oracle allows, whatever comes from outside', () => {
  fc.assert(
    fc.property(eventfulPlans, history, (plan, { seed, failing, happening, cancelAt }) => {
      const script = scriptOf(seed, failing);
      const prediction = predict(plan, script);
      fc.pre(prediction !== null);
      const given = new Given(script);
      const completions: Completion[] = [];
      const host = new ModelHost(compiled(plan), {
        options: { mode: plan.mode },
        seed,
        behave: (uses, input, { call, node }) => {
          if (outside.losing) return ((outside.losing = false), { lose: 'worker' });
          const where = call.slice(0, call.indexOf(`:${node}`));
          if (uses === 'model/undo') return { ok: given.undo(input as JsonObject, undoing(host, where, node)) };
          if (uses === 'model/break') {
            given.break(input as JsonObject, undoing(host, where, node));
            return { fail: { code: 'e1', message: 'scripted' } };
          }
          const result = given.answer(input as JsonObject, call);
          const cut = where.lastIndexOf('/');
          const place = { actor: where.slice(0, cut), item: Number(where.slice(cut + 1)), node, after: host.journal.length };
          if (typeof result === 'number') completions.push({ name: given.done.at(-1) ?? '', ...place });
          return typeof result === 'number' ? { ok: result } : { fail: { code: result, message: 'scripted' } };
        },
      });
      const outside = new Outside(host, plan, prediction.spots);
      let crashes = 0;
      for (let turn = 0; ; turn += 1) {
        if (turn > MAX_TURNS) throw new Error(`not settled after ${turn} turns`);
        for (const [index, { what }] of happening.filter((one) => one.turn === turn).entries()) {
          // More than three would set a step aside.
          if ((what === 'engine' || what === 'worker' || what === 'stop') && (crashes += 1) > 3) continue;
          outside.happen(what, hashOf(`${seed}:${turn}:${index}`));
        }
        if (turn === cancelAt && host.root().status === 'running')
          host.record(ROOT, { type: 'run.cancelling', by: 'test', reason: 'for a test' });
        if (!outside.turn(hashOf(`${seed}:${turn}`))) break;
      }
      const outcome = host.outcome();
      assert.ok(outcome !== null, 'the run stands still');
      const isCancelled = host.journal.some(({ event }) => event.type === 'run.cancelling');
      compare(prediction, isCancelled ? { ...outcome, status: 'cancelled' } : outcome, host.journal, given.names);
      if (given.broken.length > 0 && !catchesBroken(plan.body)) assert.equal(outcome.error?.code, 'compensation_failed');
      checkUndone(plan, outcome, given);
      checkCutOff(plan, host.journal, completions, given);
      for (const { names } of given.series) checkReversed(names, given.done);
      assert.deepEqual(tooEarly(plan, host.journal), []);
      assert.deepEqual(mistimed(plan, host.journal), []);
    }),
    { numRuns: RUNS, examples: met.map(({ plan, seed }): [Plan, History] => [plan, { seed, failing: 0, happening: [], cancelAt: null }]) },
  );
});

const MAX_TURNS = 20_000;

/** Which scope undoes it, of which item, and under which id. */
function undoing(host: ModelHost, where: string, node: string): string {
  const cut = where.lastIndexOf('/');
  const steps = host.actors.get(where.slice(0, cut))?.open.get(Number(where.slice(cut + 1)))?.steps ?? new Map();
  const scopes = [...steps].filter(([id, { type }]) => type === 'undoing' && (id === '' || node.startsWith(`${id}/`)));
  return `${where}:${scopes.map(([id]) => id).toSorted((a, b) => b.length - a.length)[0] ?? ''} ${node}`;
}
