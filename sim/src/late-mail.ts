/**
 * Items that wait, in runs that are paused for longer than they may: signals come to those who wait no longer, and are
 * handed back. And items in more chunks than one.
 */

import fc from 'fast-check';
import type { EachPlan, Plan, StepPlan } from '@scriptorium/testing/model/plan';
import { plainTrims } from './scenario.ts';
import type { FlowPlan } from './scenario.ts';
import type { Story } from './story.ts';

const plain = { needs: [], guard: null, each: null, retry: [], catch: [], max: null, next: null, leaves: null, timeoutMs: null } as const;

const TIMEOUT_MS = 30 * 60_000;
/** Of a pause, in units of two minutes: longer than what waits may wait. */
const LONG = [16, 20, 40, 80];

function fan(count: number, more: Partial<EachPlan>, step: Partial<StepPlan>): Plan {
  const items = Array.from({ length: count }, (_, index) => index + 1);
  const each: EachPlan = { as: 'i1', items, keyed: false, workers: 1, batch: 1, tolerate: 2, until: null, ...more };
  const one: StepPlan = { ...plain, name: 's1', body: { k: 'await', ask: false }, each, ...step };
  const out = { of: [{ name: 's1', isEach: true }], plus: 1 };
  return { mode: 'best_effort', body: { k: 'and', steps: [one], until: null, out } };
}

const mailPlans: fc.Arbitrary<Plan> = fc
  .record({ count: fc.integer({ min: 2, max: 3 }), workers: fc.integer({ min: 1, max: 3 }) })
  .map(({ count, workers }) => fan(count, { workers }, {}));

export const mailFlows: fc.Arbitrary<readonly FlowPlan[]> = fc
  .record({ plan: mailPlans, trim: plainTrims })
  .map(({ plan, trim }) => [{ plan, trim: { ...trim, waitMs: TIMEOUT_MS } }]);

/** More than a chunk holds, and few who work on them. */
export const longPlans: fc.Arbitrary<Plan> = fc
  .record({ workers: fc.integer({ min: 1, max: 2 }), isCall: fc.boolean() })
  .map(({ workers, isCall }) => {
    const nothing = { of: [], plus: 1 };
    return fan(129, { workers }, { body: isCall ? { k: 'call', add: nothing, undo: null } : { k: 'value', value: nothing } });
  });

export const mailStories: fc.Arbitrary<Story> = fc
  .record({ seed: fc.nat(), startMs: fc.nat(200), more: fc.constantFrom(...LONG), signals: fc.array(fc.nat(20), { maxLength: 3 }) })
  .map(({ seed, startMs, more, signals }) => ({
    seed,
    runs: [{ flow: 0, atMs: 0 }],
    work: { failing: 0, losing: 0, slow: 0, deaf: 0, steady: false },
    acts: [
      { do: 'pause', atMs: startMs, run: 0, pick: 1, more },
      ...signals.map((pick, index) => ({ do: 'signal', atMs: startMs + 100 + index, run: 0, pick, more: 0 }) as const),
    ],
    faults: [],
  }));
