/**
 * Small flows in which the rarer rules of the language meet: what fails inside of what is undone, enough before all is
 * done, waits in items that are not needed any more, signals out of states. They are cheap to make and to play, so that a
 * simulation gets there often; plans at random get there by chance.
 */

import fc from 'fast-check';
import { FAILING } from '@scriptorium/testing/model/plan';
import type { BodyPlan, CatchPlan, EachPlan, Name, Plan, ScopePlan, StepPlan, Sum } from '@scriptorium/testing/model/plan';

const MINUTE_MS = 60_000;

const plain = { needs: [], guard: null, each: null, retry: [], catch: [], max: null, next: null, leaves: null, timeoutMs: null } as const;
const nothing: Sum = { of: [], plus: 1 };

type Undo = Extract<BodyPlan, { k: 'call' }>['undo'];

function call(name: string, undo: Undo, more: Partial<StepPlan> = {}): StepPlan {
  return { ...plain, name, body: { k: 'call', add: nothing, undo }, ...more };
}

function all(steps: readonly StepPlan[]): Sum {
  return { of: steps.map(({ name, each }): Name => ({ name, isEach: each !== null })), plus: 1 };
}

function and(steps: readonly StepPlan[], until: Extract<ScopePlan, { k: 'and' }>['until'] = null): ScopePlan {
  return { k: 'and', steps, until, out: all(steps) };
}

/** Each leads to the next one. */
function or(states: readonly StepPlan[]): ScopePlan {
  const next = (index: number): StepPlan['next'] =>
    index === states.length - 1 ? null : [{ guard: null, to: states[index + 1]?.name ?? '' }];
  return { k: 'or', states: states.map((state, index) => ({ ...state, next: state.next ?? next(index) })), out: null };
}

const undos = fc.constantFrom<Undo>('works', 'works', 'fails', null);
const tolerances = fc.constantFrom<EachPlan['tolerate']>(0, 1, 2, '50%');
const waiting = fc.constantFrom(null, 30 * MINUTE_MS, 90 * MINUTE_MS);

/** Which errors are caught, and with a value; none are in many. */
const catches: fc.Arbitrary<readonly CatchPlan[]> = fc
  .constantFrom<readonly string[] | null>(null, null, [], ['*'], ['e1'], ['compensation_failed', 'e1'], ['each.failed'], ['timeout'])
  .map((errors) => (errors === null ? [] : [{ errors, then: { k: 'value', value: nothing } }]));

const retries = fc.constantFrom<StepPlan['retry']>([], [], [{ errors: ['*'], max: 1 }]);

const eaches: fc.Arbitrary<EachPlan> = fc.record({
  as: fc.constant('i1'),
  items: fc.integer({ min: 1, max: 5 }).map((count) => Array.from({ length: count }, (_, index) => index + 1)),
  keyed: fc.boolean(),
  workers: fc.integer({ min: 1, max: 3 }),
  batch: fc.constantFrom(1, 1, 1, 2),
  tolerate: tolerances,
  until: fc.constantFrom(null, { ok: 1, failed: 0 }, { ok: 2, failed: 1 }, { ok: 1, failed: 3 }),
});

/** A body that is done when `x` of it fails, after something was done that can be undone. */
const failing = fc
  .record({ first: undos, second: undos, retry: retries, isLong: fc.boolean() })
  .map(({ first, second, retry, isLong }): ScopePlan => {
    const before = [call('s4', first, { retry }), ...(isLong ? [call('s5', second, { needs: ['s4'] })] : [])];
    return and([...before, call(`${FAILING}6`, null, { needs: before.map(({ name }) => name) })]);
  });

const works = fc.record({ undo: undos, retry: retries }).map(({ undo, retry }) => call('', undo, { retry }));

const waits = fc
  .record({ ask: fc.boolean(), timeoutMs: waiting })
  .map(({ ask, timeoutMs }): StepPlan => ({ ...plain, name: '', body: { k: 'await', ask }, timeoutMs }));

const pauses = waiting.map((timeoutMs): StepPlan => ({ ...plain, name: '', body: { k: 'pause', ms: 60 * MINUTE_MS }, timeoutMs }));

const leaf = fc.oneof({ weight: 3, arbitrary: works }, { weight: 2, arbitrary: waits }, { weight: 1, arbitrary: pauses });

const inner = fc.oneof(
  leaf,
  fc.record({ body: failing, timeoutMs: waiting }).map((own): StepPlan => ({ ...plain, name: '', ...own })),
);

/** A step beside it fails in the end, or none does. */
const sagas: fc.Arbitrary<ScopePlan> = fc
  .record({ first: undos, part: failing, caught: catches, each: fc.option(eaches, { freq: 2 }), last: fc.boolean() })
  .map(({ first, part, caught, each, last }) => {
    const steps = [
      call('s1', first),
      { ...plain, name: 's2', body: part, catch: caught, each: each === null ? null : { ...each, until: null } },
    ];
    return and(last ? [...steps, call(`${FAILING}3`, null, { needs: ['s1', 's2'] })] : steps);
  });

/** Over before all of it is. */
const enough: fc.Arbitrary<ScopePlan> = fc
  .record({ parts: fc.array(inner, { minLength: 2, maxLength: 3 }), by: fc.constantFrom(2, 3), is: fc.nat(1), caught: catches })
  .map(({ parts, by, is, caught }) => {
    const steps = parts.map((part, index): StepPlan => renamed(part, `s${index + 1}`));
    const early = and(steps, { sum: { of: [{ name: 's1', isEach: false }], plus: 0 }, visits: false, by, is });
    return and([{ ...plain, name: 's8', body: early, catch: caught }, call('s9', 'works')]);
  });

const crowds: fc.Arbitrary<ScopePlan> = fc
  .record({ each: eaches, part: inner, caught: catches, beside: fc.option(leaf) })
  .map(({ each, part, caught, beside }) => {
    const crowd: StepPlan = { ...renamed(part, 's1'), each, catch: caught };
    return and([crowd, ...(beside === null ? [] : [renamed(beside, 's2')])]);
  });

const machines: fc.Arbitrary<ScopePlan> = fc
  .record({
    parts: fc.array(inner, { minLength: 2, maxLength: 3 }),
    leaves: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
    stuck: fc.boolean(),
    max: fc.constantFrom(null, 1, 2),
    caught: catches,
  })
  .map(({ parts, leaves, stuck, max, caught }) => {
    const names = ['s1', 's2', 's3'].slice(0, parts.length);
    const again = { guard: { sum: { of: [], plus: 0 }, visits: true, by: 3, is: 1 }, to: 's1' };
    const states = parts.map((part, index): StepPlan => {
      const state = { ...renamed(part, names[index] ?? ''), leaves: leaves[index] === true ? 's9' : null };
      const back = index === 1 && max !== null ? [again, { guard: null, to: names[2] ?? 's9' }] : null;
      const own = { ...state, max: index === 0 ? max : null, next: back, catch: index === 0 && max !== null ? [] : caught };
      return stuck && index === 0 && own.leaves !== null ? { ...own, body: { k: 'forever' }, retry: [], timeoutMs: null } : own;
    });
    return or([...states, call('s9', 'works')]);
  });

/** Steps inside of it keep their names, which no step beside it has. */
function renamed(step: StepPlan, name: string): StepPlan {
  return { ...step, name, body: within(step.body, name) };
}

function within(body: BodyPlan, around: string): BodyPlan {
  if (body.k !== 'and') return body;
  const named = (name: string): string => `${name}${around}`;
  const steps = body.steps.map((step): StepPlan => ({ ...step, name: named(step.name), needs: step.needs.map(named) }));
  return { ...body, steps, out: all(steps) };
}

const modes = fc.constantFrom('flexible' as const, 'flexible' as const, 'strict' as const, 'best_effort' as const);

function plansOf(body: fc.Arbitrary<ScopePlan>): fc.Arbitrary<Plan> {
  return fc.record({ mode: modes, body });
}

export const corners: { readonly [kind in 'saga' | 'race' | 'fan' | 'machine']: fc.Arbitrary<Plan> } = {
  saga: plansOf(sagas),
  race: plansOf(enough),
  fan: plansOf(crowds),
  machine: plansOf(machines),
};

export const cornerPlans: fc.Arbitrary<Plan> = plansOf(fc.oneof(sagas, enough, crowds, machines));
