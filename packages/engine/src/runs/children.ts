/**
 * Child runs: an attempt of a step that calls a flow is a run of its own, in the same engine and through the same pools.
 *
 * Boundary: says how a child begins, what its end means for the attempt, and what is handed on to it; when an attempt
 * starts and what follows from its end is for the kernel and the reducer.
 *
 * 1. A child begins in the commit in which the attempt starts: a running attempt always has its run.
 * 2. An attempt that waits for a child is never lost: after the engine ended it goes on waiting for the same run.
 * 3. An attempt has one child, and a child works for one attempt of one run: what is tried again, or again in a fork or
 *    after a rollback, has a new one.
 * 4. Cancelling and timing out end the child first, then the attempt.
 */

import { budgetsAround, calledAs, carry, iterationOf, jsonOf, matchesError, placeOf, planOf, ROOT, unreachable } from '@scriptorium/core';
import type {
  AttemptId,
  Budget,
  Carried,
  Failure,
  Flow,
  FlowCall,
  HandlerVersions,
  Instant,
  Json,
  JsonObject,
  ParentRun,
  Usage,
} from '@scriptorium/core';
import { brokenReturns, reportTo } from '../attempts/outcome.ts';
import { partNote } from '../attempts/going-on.ts';
import type { Ended } from '../attempts/outcome.ts';
import type { Contracts } from '../calls/contracts.ts';
import { abortFailure, contractFailure } from '../calls/failures.ts';
import type { Journal, RunRow } from '../journal/journal.ts';
import type { Begun } from '../attempts/attempt-port.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { idempotencyKey, priorityOf, rootOf, underwayOf } from '../kernel/live-run.ts';
import type { LiveRun, Underway } from '../kernel/live-run.ts';
import type { ChargedBudget } from '../pools/ledger.ts';
import type { Parents } from '../attempts/parents.ts';
import type { PoolBoard } from '../pools/pool-board.ts';
import { childRunId } from './run-id.ts';
import type { Timers } from '../kernel/timers.ts';
import type { ValueStore } from '../journal/values.ts';

/** So many runs may be in each other, the first one not counted. */
export const MAX_FLOW_DEPTH = 32;

export interface ChildPorts {
  readonly now: () => Instant;
  readonly journal: Journal;
  readonly values: ValueStore;
  readonly contracts: Contracts;
  readonly pools: PoolBoard;
  readonly timers: Timers;
  readonly kernel: () => Pick<Kernel, 'run' | 'submit' | 'withdraw' | 'reconsider'>;
  /** What the calls of a run have used, those of its own children included. */
  readonly usageOf: (run: string) => Usage;
  readonly endParked: (run: string, by: string, reason: string) => Promise<void>;
  /** The versions of the handlers that the flow calls. */
  readonly handlersOf: (flow: Flow) => HandlerVersions;
  /** What the run that a fork is beside has called. */
  readonly parents: Pick<Parents, 'childOf'>;
  /** A run that nobody works on yet. */
  readonly create: (run: string, flow: Flow) => LiveRun;
}

/** What the calls of a run must fit into beside its own budgets. */
export interface Around {
  /** The outermost of the runs that wait for each other. */
  readonly family: string;
  readonly budgets: readonly ChargedBudget[];
}

export interface Children {
  readonly around: (live: LiveRun) => Around;
  /** What the calls of a flow may use at most in all; nothing is known of one that nobody waits for. */
  readonly budgetOf: (live: LiveRun, uses: string, call: FlowCall) => Budget;
  /** What the start of an attempt that calls a flow begins. */
  readonly begin: (live: LiveRun, underway: Underway) => Begun;
  /** Whether a child works for this run, and not for one that this one was forked from. */
  readonly isOwn: (run: string, child: string) => boolean;
  /** Waits for the child of an attempt, which may have ended already. */
  readonly follow: (live: LiveRun, underway: Underway) => void;
  /** Takes up the attempts of a run that wait for children, after it was loaded. */
  readonly reattach: (live: LiveRun) => void;
  /** The end of a run is durable: the attempt that waits for it, if any, has its result. */
  readonly settle: (run: string) => void;
  /** The runs that the attempts of a run wait for. */
  readonly of: (run: string) => readonly string[];
  /** Asks a child to end whose attempt was aborted before the child was there to hear of it. */
  readonly recall: (child: string) => Promise<void>;
}

interface Waiting {
  readonly live: LiveRun;
  readonly underway: Underway;
}

export function createChildren(ports: ChildPorts): Children {
  const waiting = new Map<string, Waiting>();
  /** From the moment in which the child begins, which is before anybody follows it. */
  const callers = new Map<string, Waiting>();
  /** Those that are in `waiting`, by the run that waits. */
  const awaited = new Map<string, Set<string>>();
  const definition = (hash: string): Flow => definitionIn(ports, hash);

  function follow(live: LiveRun, underway: Underway): void {
    const { child, stop, dispatch } = underway;
    if (child === null) return;
    waiting.set(child, { live, underway });
    callers.set(child, { live, underway });
    awaited.set(live.id, (awaited.get(live.id) ?? new Set()).add(child));
    stop.hear(() => void recall(child).catch(() => undefined));
    const row = ports.journal.run(child);
    if (row === null || row.endedAt !== null) return settle(child);
    if (dispatch.timeoutMs !== null) ports.timers.set(timeoutOf(child), row.startedAt + dispatch.timeoutMs, () => stop.ask('timeout'));
  }

  async function recall(child: string): Promise<void> {
    const { stop } = waiting.get(child)?.underway ?? {};
    // An engine that stops leaves children as they are: they go on together with their parents.
    if (stop?.isAsked !== true || stop.reason === 'stopped') return;
    const reason = stop.reason === 'timeout' ? 'the step that waits for it timed out' : 'its parent was cancelled';
    await cancel(ports, child, `run ${waiting.get(child)?.live.id}`, reason);
  }

  function settle(child: string): void {
    const known = waiting.get(child);
    if (known === undefined) return;
    const { live, underway } = known;
    waiting.delete(child);
    callers.delete(child);
    const beside = awaited.get(live.id);
    beside?.delete(child);
    if (beside?.size === 0) awaited.delete(live.id);
    ports.timers.clear(timeoutOf(child));
    const row = ports.journal.run(child);
    if (row === null) throw new Error(`the run ${child} is not in the store; an attempt of ${live.id} started it`);
    const used = ports.usageOf(child);
    const event: Ended = { ...asPart(underway, row, endOf(ports, live, underway, row)), used };
    underway.withdraw?.();
    reportTo(underway.permit, event, ports.now());
    underway.permit?.release();
    live.underway.delete(underway.key);
    void ports
      .kernel()
      .submit(live.id, underway.actor, event)
      .catch(() => undefined);
  }

  function reattach(live: LiveRun): void {
    for (const underway of waitingAttempts(live, (child) => ports.journal.run(child)?.parent?.run === live.id)) {
      queue(ports, live, underway);
      follow(live, underway);
    }
  }

  return {
    around: (live) => aroundOf(callers, live),
    budgetOf: (live, uses, call) => budgetOf(definition, live, uses, call),
    begin: (live, underway) => {
      const begun = beginChild(ports, definition, live, underway);
      if ('child' in begun && !begun.detached) callers.set(begun.child.id, { live, underway });
      return begun;
    },
    isOwn: (run, child) => ports.journal.run(child)?.parent?.run === run,
    follow,
    reattach,
    settle,
    of: (run) => [...(awaited.get(run) ?? [])],
    recall,
  };
}

function budgetOf(definition: (hash: string) => Flow, live: LiveRun, uses: string, call: FlowCall): Budget {
  const hash = rootOf(live).flows[calledAs(uses, call)];
  return hash === undefined || call.detached === true ? {} : (definition(hash).budget ?? {});
}

function definitionIn({ journal }: ChildPorts, hash: string): Flow {
  const flow = journal.flow(hash);
  if (flow === null) throw new Error(`the definition ${hash} is not in the store; the run was started with it`);
  return flow;
}

/** What a run's own budget bounds is held for it as a whole in those around it. */
function aroundOf(callers: ReadonlyMap<string, Waiting>, { id, flow }: LiveRun): Around {
  const caller = callers.get(id);
  if (caller === undefined) return { family: id, budgets: [] };
  const outer = aroundOf(callers, caller.live);
  const all = [...caller.underway.budgets.map((scope) => ({ ...scope, run: caller.live.id })), ...outer.budgets];
  const budgets = all.flatMap((scope) => {
    const units = Object.entries(scope.budget).filter(([unit]) => !Object.hasOwn(flow.budget ?? {}, unit));
    return units.length === 0 ? [] : [{ ...scope, budget: Object.fromEntries(units) }];
  });
  return { family: outer.family, budgets };
}

/** A child that is parked cannot end by itself. */
async function cancel(ports: ChildPorts, child: string, by: string, reason: string): Promise<void> {
  const kernel = ports.kernel();
  const live = kernel.run(child);
  if (live === undefined) return ports.journal.run(child)?.status === 'parked' ? ports.endParked(child, by, reason) : undefined;
  await kernel.submit(child, ROOT, { type: 'run.cancelling', by, reason });
  kernel.withdraw(live);
  kernel.reconsider(live);
}

/** Takes the place in its pool again that the attempt had; its child goes on meanwhile. */
function queue(ports: ChildPorts, live: LiveRun, underway: Underway): void {
  live.underway.set(underway.key, underway);
  underway.withdraw = ports.pools.enter(underway.dispatch.pool, {
    run: live.id,
    priority: priorityOf(live),
    grant: (permit) => {
      underway.withdraw = null;
      if (live.underway.get(underway.key) !== underway) return permit.release();
      underway.permit = permit;
      permit.start(ports.now());
    },
  });
}

function beginChild(ports: ChildPorts, definition: (hash: string) => Flow, live: LiveRun, underway: Underway): Begun {
  const { actor, dispatch } = underway;
  const { options, flows, parent } = rootOf(live);
  const { uses, flow: call, attempt, node, key } = dispatch;
  const hash = call === null ? undefined : flows[calledAs(uses, call)];
  if (call === null || hash === undefined) throw new Error(`the run ${live.id} has no definition of ${uses}; it was admitted without it`);
  const depth = (parent?.depth ?? 0) + 1;
  if (depth > MAX_FLOW_DEPTH)
    return { failure: { code: 'recursion.exceeded', message: `${uses} would be the ${depth}th run in a row that another one waits for` } };
  const flow = definition(hash);
  const input = inputOf(flow, dispatch.input, ports.contracts);
  if ('failure' in input) return input;
  const run = newChildId(ports, live, `${idempotencyKey(live, actor, dispatch)}:${attempt}`);
  const detached = call.detached === true;
  const of: ParentRun = { run: live.id, step: node, key, depth, ...(detached ? { detached } : {}) };
  const { name, version } = flow;
  return {
    child: ports.create(run, flow),
    detached,
    handler: `${name}@${version}`,
    started: {
      type: 'run.started',
      flow: { name, version, hash },
      input: input.value,
      // The limit is on the items of the run that somebody started, and the report is about that run.
      options: { ...options, limit: null, report: false },
      by: `run ${live.id}`,
      handlers: ports.handlersOf(flow),
      flows,
      parent: of,
      ...besideOf(ports, live, underway, hash),
    },
  };
}

/** Where the run beside a fork has called the same flow in the same place, the call goes on beside that run. */
function besideOf({ journal, parents }: ChildPorts, live: LiveRun, underway: Underway, hash: string): { readonly beside?: string } {
  const { fork } = rootOf(live);
  // What a handler calls is a part of its own work, and one step may call many.
  if (fork === null || underway.dispatch.flow?.raises !== undefined) return {};
  const beside = parents.childOf(fork, underway);
  return beside === null || journal.run(beside)?.flow.hash !== hash ? {} : { beside };
}

/** A name that no run has: after a rollback the same attempt may be made again. */
function newChildId({ journal }: ChildPorts, live: LiveRun, attempt: string): string {
  for (let round = 0; ; round += 1) {
    const run = childRunId(live.id, attempt, round);
    if (journal.run(run) === null) return run;
  }
}

/** What the step gives, with the defaults of the rest, as the flow's contract wants it. */
function inputOf(flow: Flow, given: unknown, contracts: Contracts): { readonly value: JsonObject } | { readonly failure: Failure } {
  const carried = carry(given as Json);
  if (!('v' in carried) || carried.collections === true) {
    const message = `the input of ${flow.name} holds a collection`;
    return { failure: { code: 'contract.input', message, fix: 'Make a list of it: `${ step.ok.map(one, one) }`.' } };
  }
  const value = { ...defaultsOf(flow), ...(carried.v as JsonObject) };
  const problems = contracts.compile(flow.input)(value);
  return problems.length === 0 ? { value } : { failure: contractFailure('contract.input', `the input of ${flow.name}`, problems) };
}

export function defaultsOf({ input }: Flow): JsonObject {
  const { properties = {} } = input as { readonly properties?: { readonly [name: string]: { readonly default?: Json } } };
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, schema]) => (schema.default === undefined ? [] : [[name, schema.default]])),
  );
}

/** What the end of a child is for the attempt. */
function endOf(ports: ChildPorts, live: LiveRun, { dispatch, stop }: Underway, row: RunRow): Ended {
  const at = { item: dispatch.item, node: dispatch.node, attempt: dispatch.attempt };
  const ms = ports.now() - row.startedAt;
  const failed = (error: Failure): Ended => ({ ...at, type: 'attempt.failed', error, ms });
  const { status } = row;
  if (status !== 'succeeded' && stop.isAsked) {
    if (stop.reason === 'timeout') return failed(abortFailure('timeout', dispatch.timeoutMs));
    if (stop.reason === 'cancelled') return { ...at, type: 'attempt.lost', reason: 'cancelled', among: 1 };
  }
  switch (status) {
    case 'succeeded': {
      const output: Carried = row.output ?? { v: null };
      const whole = jsonOf(output, ports.values);
      const broken =
        output.collections === true || dispatch.part !== null ? null : brokenReturns(ports.contracts, live, dispatch.node, whole);
      return broken === null ? { ...at, type: 'attempt.succeeded', output, artifacts: [], ms } : failed(broken);
    }
    case 'failed':
    case 'cancelled':
      return failed(failureOf(row));
    case 'running':
    case 'paused':
    case 'interrupted':
    case 'parked':
    case 'cancelling':
      throw new Error(`the run ${row.run} has not ended`);
    default:
      return unreachable(status);
  }
}

/** The run of a part ends the part: what its end means for the step is for the handler to say, unless the step has said it. */
function asPart({ dispatch }: Underway, { run }: RunRow, end: Ended): Ended {
  const { part } = dispatch;
  if (part === null || (end.type !== 'attempt.succeeded' && end.type !== 'attempt.failed')) return end;
  if (end.type === 'attempt.failed' && matchesError(dispatch.flow?.raises ?? [], end.error.code)) return end;
  const { item, node, attempt, ms } = end;
  return { item, node, attempt, ms, type: 'attempt.continued', notes: [partNote(part, run, end)] };
}

/** The child's own failure; what tells where it came from is that of the innermost run. */
function failureOf({ run, flow, error }: RunRow): Failure {
  const { message, details, ...rest } = error ?? { code: 'unexpected', message: 'the run failed' };
  return { ...rest, message: `${flow.name} (run ${run}): ${message}`, details: { run, flow: flow.name, ...details } };
}

/** The attempts that a loaded run shows as waiting for children. */
function waitingAttempts(live: LiveRun, isOwn: (child: string) => boolean): readonly Underway[] {
  return [...live.actors.entries()].flatMap(([actor, { open }]) =>
    [...open].flatMap(([item, { steps }]) =>
      [...steps].flatMap(([node, step]): readonly Underway[] => {
        const iteration = iterationOf(steps, node);
        if (step.type !== 'running' || step.child === null || iteration === null || !isOwn(step.child)) return [];
        return [waitingOf(live, actor, { item, node, attempt: step.attempt, iteration }, step.child)];
      }),
    ),
  );
}

/** As the start of the attempt left it; the child has its input already. */
function waitingOf(live: LiveRun, actor: string, id: AttemptId, child: string): Underway {
  const place = placeOf(planOf(live.flow), id.node);
  const { node } = place;
  const state = live.actors.state(actor);
  const step = state?.open.get(id.item)?.steps.get(id.node);
  const part = step?.type === 'running' ? step.call : undefined;
  if (node.do.k !== 'call') throw new Error(`${id.node} of run ${live.id} calls nothing`);
  const call = {
    uses: part?.uses ?? node.do.uses,
    flow: part?.flow ?? node.do.flow ?? null,
    part: part?.as ?? null,
    input: null,
    key: null,
  };
  const policies = {
    pool: part === undefined ? (node.limit ?? null) : null,
    timeoutMs: part === undefined ? (node.timeout ?? null) : null,
    startBy: null,
    refusable: false,
    budgets: [
      ...(state === undefined ? [] : budgetsAround(live.flow, state, id.item, place)),
      ...(part?.account === undefined ? [] : [part.account]),
    ],
    cache: null,
    alone: false,
    undoable: false,
    notes: [],
    failure: null,
  };
  return underwayOf(actor, { k: 'dispatch', ...id, ...call, ...policies }, child);
}

function timeoutOf(child: string): string {
  return `${child}/timeout`;
}
