/** Puts a scenario into what a world plays, and into what is to be expected of it. */

import type { Flow, Handler, Limit, Node, RunOptions } from '@scriptorium/core';
import { hashFlow } from '@scriptorium/flow';
import { planHandlers } from '@scriptorium/testing/model/definition';
import { compiled, scriptOf } from '@scriptorium/testing/model/given';
import { predict } from '@scriptorium/testing/model/oracle';
import type { Script } from '@scriptorium/testing/model/oracle';
import type { Plan, ScopePlan } from '@scriptorium/testing/model/plan';
import { agingActsOf, agingRunsOf, lastingOf } from './aging-flows.ts';
import { hashOf } from './chance.ts';
import type { Expected } from './expected.ts';
import type { Level } from './history.ts';
import { actsOf, runsOf } from './letter-flows.ts';
import { Outside } from './outside.ts';
import { poolName } from './scenario.ts';
import type { FlowPlan, PoolPlan, Scenario, Trim } from './scenario.ts';
import type { Story, Work } from './story.ts';
import type { Call, PlannedRun, Reply, Setting } from './setting.ts';

export interface Prepared {
  /** New for every play: it remembers what was asked. */
  readonly setting: () => Setting;
  readonly expected: readonly Expected[];
}

/** Null where a flow has too many ways to end. */
export function prepare({ flows: plans, story, post, aging }: Scenario, level: Level): Prepared | null {
  const { seed, work } = story;
  const plain = scriptOf(seed, work.failing);
  const base: Script = work.code == null ? plain : (...asked) => named(plain(...asked), work.code ?? '');
  const isSteady = work.steady || (level === 'engine' && isDisturbed(story));
  const script: Script = isSteady ? (call, at, visit) => base(call, at, visit, 0) : base;
  const expected: Expected[] = [];
  for (const [index, { plan, trim }] of plans.entries()) {
    const prediction = predict(plan, script);
    if (prediction === null) return null;
    expected.push({
      plan,
      flow: flowName(index),
      prediction,
      isPredictable: isPredictable(trim) && (work.deaf === 0 || !endsEarly(plan.body)),
    });
  }
  const flows = plans.map(flowOf);
  return {
    expected,
    setting: () => {
      const runs = story.runs.map(({ flow, atMs }): PlannedRun => {
        const index = flow % flows.length;
        return { atMs, flow: at(flows, index), called: {}, input: {}, options: optionsOf(at(plans, index).plan) };
      });
      const places = story.runs.map(({ flow }) => flow % flows.length);
      const outside = new Outside({ expected, flows, script, newer: newerOf, places });
      const posted = post === undefined ? [] : runsOf(post);
      const asked = post === undefined ? [] : actsOf(post, posted.length);
      const old = aging === undefined ? [] : agingRunsOf(aging);
      const late = aging === undefined ? [] : agingActsOf(aging, old.length);
      return {
        seed,
        runs: [...runs, ...posted, ...old],
        handlers: costlyHandlers,
        answer: answering({ seed, work, script }),
        // Who waits for a message is told by nobody outside.
        nudge: (waits, live) => (places.length === 0 ? null : outside.nudge(waits, live)),
        acts: [...story.acts.toSorted((a, b) => a.atMs - b.atMs).flatMap((act) => outside.acts(act)), ...asked, ...late],
        ...(aging === undefined ? {} : { lasting: lastingOf(aging) }),
        faults: story.faults,
      };
    },
  };
}

/** Budgets count only calls of what says that it costs something. */
const costlyHandlers: readonly Handler[] = planHandlers.map((one) =>
  one.name === 'model/work' ? { ...one, cost: () => ({ usd: CALL_USD }) } : one,
);

function named(given: number | string, code: string): number | string {
  return typeof given === 'number' ? given : code;
}

function flowName(index: number): string {
  return `sim/flow${index}`;
}

function isPredictable({ retry, pools, callMs, maxCalls, waitMs = null }: Trim): boolean {
  return (
    waitMs === null && retry.withinMs === null && callMs === null && maxCalls === null && pools.every(({ breaker }) => breaker === null)
  );
}

/** Where it is enough before all is done, a call that does not hear of it may still add what it gives. */
function endsEarly(scope: ScopePlan): boolean {
  if (scope.k === 'and' && scope.until !== null) return true;
  return (scope.k === 'and' ? scope.steps : scope.states).some(
    ({ each, body }) => (each !== null && each.until !== null) || ((body.k === 'and' || body.k === 'or') && endsEarly(body)),
  );
}

function optionsOf({ mode }: Plan): RunOptions {
  return { mode, test: false, dryRun: false, limit: null, out: '/out', fresh: false, modules: [] };
}

const compiledPlans = new WeakMap<Plan, Flow>();
const compiledFlows = new WeakMap<FlowPlan, Map<number, Flow>>();

/** The flow as a user's would be compiled, with what the trim adds to it. */
function flowOf(flowPlan: FlowPlan, index: number): Flow {
  const known = compiledFlows.get(flowPlan) ?? new Map<number, Flow>();
  compiledFlows.set(flowPlan, known);
  const flow = known.get(index) ?? trimmedFlow(flowPlan, index);
  known.set(index, flow);
  return flow;
}

function trimmedFlow({ plan, trim }: FlowPlan, index: number): Flow {
  const plain = compiledPlans.get(plan) ?? compiled(plan);
  compiledPlans.set(plan, plain);
  const { hash: _, ...flow } = plain;
  const limits = Object.fromEntries(trim.pools.map((pool, place) => [poolName(place), limitOf(pool)]));
  const budget = trim.maxCalls === null ? {} : { budget: { calls: trim.maxCalls } };
  return hashed({ ...flow, name: flowName(index), limits, ...budget, root: trimmed(flow.root, trim) });
}

/** The same flow, with longer delays between its retries. */
function newerOf({ hash: _, ...flow }: Flow): Flow {
  return hashed({ ...flow, version: '1.0.1', doc: 'Waits longer.', root: slower(flow.root) });
}

function hashed(flow: Omit<Flow, 'hash'>): Flow {
  return { ...flow, hash: hashFlow(flow) };
}

function limitOf({ concurrent, rate, breaker }: PoolPlan): Limit {
  return {
    concurrent,
    ...(rate === null ? {} : { rate: { n: rate.n, per: rate.perMs } }),
    ...(breaker === null ? {} : { breaker: { failures: breaker.failures, cooldown: breaker.cooldownMs } }),
  };
}

function trimmed(node: Node, trim: Trim): Node {
  return changed(node, (own) => {
    if (own.do.k === 'wait' && own.do.event !== undefined && trim.waitMs != null) return { ...own, timeout: trim.waitMs };
    if (own.do.k !== 'call') return own;
    const { delayMs: delay, factor, capMs: cap, withinMs } = trim.retry;
    const retry = own.retry.map((entry) => ({ ...entry, delay, factor, cap, ...(withinMs === null ? {} : { within: withinMs }) }));
    const place = trim.pools.length === 0 ? null : hashOf(own.id) % trim.pools.length;
    return {
      ...own,
      retry,
      ...(place === null ? {} : { limit: poolName(place) }),
      ...(trim.callMs === null ? {} : { timeout: trim.callMs }),
      ...(trim.cache && own.compensate === undefined ? { cache: { lit: true } } : {}),
    };
  });
}

function slower(node: Node): Node {
  return changed(node, (own) => ({ ...own, retry: own.retry.map((entry) => ({ ...entry, delay: entry.delay * 2 })) }));
}

/** The step with everything in it, each changed. */
function changed(node: Node, change: (node: Node) => Node): Node {
  const inside = (one: Node): Node => changed(one, change);
  const body = node.do;
  const next: Node = {
    ...node,
    do:
      body.k === 'and' ? { ...body, steps: body.steps.map(inside) } : body.k === 'or' ? { ...body, states: body.states.map(inside) } : body,
    catch: node.catch.map((entry) => (entry.do === undefined ? entry : { ...entry, do: inside(entry.do) })),
    ...(node.compensate === undefined ? {} : { compensate: inside(node.compensate) }),
  };
  return change(next);
}

/** What every call may use at most, and does. */
const CALL_USD = 0.25;
const SHORT_MS = 400;
const LONG_MS = 50 * 60_000;

/** Whether what a call gave may be lost after it was given: then nobody knows how often it has failed as far as that counts. */
function isDisturbed({ faults, acts, work }: Story): boolean {
  return (
    faults.length > 0 ||
    work.losing > 0 ||
    work.deaf > 0 ||
    acts.some((act) => act.do !== 'signal' && act.do !== 'answer' && act.do !== 'limit')
  );
}

interface Working {
  readonly seed: number;
  readonly work: Work;
  readonly script: Script;
}

/** Where the world does not know how often a call has failed, it is counted here. */
function answering(working: Working): Setting['answer'] {
  const failed = new Map<string, number>();
  return (call) => {
    const failures = call.failures ?? failed.get(call.idempotencyKey) ?? 0;
    const reply = replyTo({ ...call, failures }, working);
    if ('fail' in reply.result) failed.set(call.idempotencyKey, failures + 1);
    return reply;
  };
}

/** What a call gives follows from what it is given, and how long it takes from which attempt it is. */
function replyTo(call: Call, { seed, work, script }: Working): Reply {
  const chance = hashOf(`${seed}:${call.idempotencyKey}:${call.attempt}`);
  const isSlow = (chance >>> 4) % 100 < work.slow;
  const afterMs = onGrid(isSlow ? LONG_MS + (chance % SHORT_MS) : 1 + (chance % SHORT_MS), work);
  const isDeaf = (chance >>> 9) % 10 < work.deaf;
  const how = { afterMs, hears: !isDeaf, againMs: isDeaf && (chance >>> 12) % 3 === 0 ? 30 : null } as const;
  if ((chance >>> 16) % 100 < work.losing) return { ...how, result: { lose: true } };
  if (call.uses === 'model/undo') return { ...how, result: { ok: null } };
  if (call.uses === 'model/break') return { ...how, result: { fail: { code: 'e1', message: 'as planned' } } };
  const {
    call: name,
    at: items,
    visit,
    add,
  } = call.input as unknown as { call: string; at: readonly unknown[]; visit: number; add: number };
  const given = script(name, items, visit, call.failures ?? 0);
  // Some say when to come again.
  const later = (chance >>> 20) % 5 === 0 ? { retryAfterMs: 5_000 } : {};
  return { ...how, result: typeof given === 'number' ? { ok: given + add } : { fail: { code: given, message: 'as planned', ...later } } };
}

function onGrid(ms: number, { gridMs = 1 }: Work): number {
  return Math.ceil(ms / gridMs) * gridMs;
}

function at<T>(list: readonly T[], index: number): T {
  const one = list[index];
  if (one === undefined) throw new RangeError(`there is no ${index} of ${list.length}`);
  return one;
}
