/** Histories that a test has met and that chance seldom meets again. */

import type { Plan, ScopePlan, StepPlan } from './plan.ts';

const step: Omit<StepPlan, 'name' | 'body'> = {
  needs: [],
  guard: null,
  each: null,
  retry: [],
  catch: [],
  max: null,
  next: null,
  leaves: null,
  timeoutMs: null,
};

function call(name: string): StepPlan {
  return { ...step, name, body: { k: 'call', add: { of: [], plus: 0 }, undo: null } };
}

const items: ScopePlan = {
  k: 'or',
  states: [
    { ...step, name: 's1', body: { k: 'forever' }, next: [{ guard: null, to: 's2' }], leaves: 's2' },
    {
      ...call('s2'),
      each: { as: 'i3', items: [1, 2], keyed: false, workers: 2, batch: 1, tolerate: 0, until: { ok: 1, failed: 0 } },
    },
  ],
  out: {
    of: [
      { name: 's1', isEach: false },
      { name: 's2', isEach: true },
    ],
    plus: 0,
  },
};

const racer = { name: 's1', isEach: false };

const race: ScopePlan = {
  k: 'and',
  steps: [call('s1'), call('s2')],
  until: { sum: { of: [racer], plus: 0 }, visits: false, by: 7, is: 5 },
  out: { of: [racer, { name: 's2', isEach: false }], plus: 0 },
};

/** The item that is cut off cannot be undone: however many failures are tolerated, that is none of them. */
const undone: ScopePlan = {
  k: 'and',
  steps: [
    {
      ...step,
      name: 's1',
      each: { as: 'i4', items: [1, 2], keyed: false, workers: 2, batch: 1, tolerate: 1, until: { ok: 1, failed: 0 } },
      body: {
        k: 'and',
        steps: [{ ...call('s2'), body: { k: 'call', add: { of: [], plus: 0 }, undo: 'fails' } }, call('s3')],
        until: null,
        out: {
          of: [
            { name: 's2', isEach: false },
            { name: 's3', isEach: false },
          ],
          plus: 0,
        },
      },
    },
  ],
  until: null,
  out: { of: [{ name: 's1', isEach: true }], plus: 0 },
};

/** With nothing from outside, and nothing that fails. */
export interface Met {
  readonly plan: Plan;
  readonly seed: number;
}

export const met: readonly Met[] = [
  { plan: { mode: 'flexible', body: items }, seed: 296802908 },
  { plan: { mode: 'flexible', body: race }, seed: 58 },
  { plan: { mode: 'flexible', body: undone }, seed: 1107661306 },
];
