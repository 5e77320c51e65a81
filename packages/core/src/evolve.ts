/**
 * Folds one event into the state of its actor. Start reading here.
 *
 * Boundary: knows no flow, evaluates nothing, reads no clock; what an event means for what comes next is for
 * {@link decide} to say.
 *
 * 1. The same events give the same state, always.
 * 2. An event that no longer applies (a result of an attempt that was given up, or for a state that was left; a telling
 *    heard before) changes nothing but `seq`.
 * 3. `counts` are the sums over `results`.
 */

import { evolveAttempt, isCurrent } from './attempting.ts';
import { noActors, valueFor, withActor, withoutActor } from './by-actor.ts';
import { beginUndoing, endUndo, without } from './compensation/compensation.ts';
import type { Undoable } from './compensation/compensation-event.ts';
import { isGraver, unreachable } from './errors.ts';
import { noMail, takeGiven, takePost } from './waits/mail.ts';
import { evolveFan, hearReport, openFan } from './items/fan.ts';
import { noCounts } from './state.ts';
import type { Counts, Event, Recorded } from './events.ts';
import type { At } from './carried.ts';
import type { Instant } from './json.ts';
import { noEntries, withEntry, withoutEntry } from './list-map.ts';
import { parseUndoId } from './compensation/undo-id.ts';
import { configured, evolveVersion } from './versions/evolving.ts';
import { enterState, iterationOf } from './scopes/visiting.ts';
import { oneOfAlike } from './waits/alike.ts';
import { evolveWait } from './waits/waits.ts';
import type { ActorState, ChunkKind, ItemResult, ItemState, RootKind, StepState } from './state.ts';

/** Its place in the whole journal says nothing here. */
type Fact = Omit<Recorded, 'gseq'>;

export function evolve(state: ActorState | null, recorded: Fact): ActorState {
  const { event, at } = recorded;
  if (state === null) return begin(recorded);
  const next: ActorState = { ...state, seq: recorded.seq };
  if (event.from !== undefined) {
    if ((valueFor(state.heard, event.from.actor) ?? 0) >= event.from.seq) return next;
    return evolveHeard({ ...next, heard: withActor(state.heard, event.from.actor, event.from.seq) }, event, at);
  }
  return evolveHeard(next, event, at);
}

function begin(recorded: Fact): ActorState {
  const { event, run, actor: id, seq, at } = recorded;
  const common = {
    run,
    id,
    seq,
    status: 'running',
    open: noEntries,
    results: noEntries,
    counts: noCounts,
    completed: [],
    returns: [],
  } as const;
  if (event.type === 'run.started') {
    const kind: RootKind = {
      type: 'root',
      flow: event.flow.hash,
      input: event.input,
      options: event.options,
      startedAt: at,
      mail: noMail,
      flows: event.flows ?? {},
      parent: event.parent ?? null,
      held: null,
      handlers: event.handlers ?? null,
      fork: event.beside === undefined ? null : { parent: event.beside, gseq: 0, step: null },
      outcome: null,
    };
    return { ...common, kind, heard: noActors };
  }
  if (event.type === 'chunk.started') {
    const { parent, node, chunk, offset, size, page, env, slots } = event;
    const kind: ChunkKind = {
      type: 'chunk',
      parent,
      node,
      chunk,
      offset,
      size,
      page,
      env,
      granted: slots,
      returned: 0,
      reported: noCounts,
      next: 0,
      failure: null,
      undoable: [],
      cutOff: false,
    };
    return { ...common, kind, heard: event.from === undefined ? noActors : withActor(noActors, event.from.actor, event.from.seq) };
  }
  throw new Error(`an actor cannot begin with ${event.type} (run ${run}, actor ${id})`);
}

function evolveHeard(state: ActorState, event: Event, at: Instant): ActorState {
  switch (event.type) {
    case 'run.started':
    case 'chunk.started':
      return state;
    case 'run.configured':
      return configured(state, event.settings);
    case 'run.paused':
      return withRoot(state, { held: 'paused' });
    case 'run.resumed':
      return withRoot(state, { held: null });
    case 'run.interrupted':
      return withRoot(state, { held: 'interrupted' });
    case 'chunk.cancelling':
      return cancel(event.undo === true && state.status === 'running' ? withChunk(state, { cutOff: true }) : state);
    case 'run.cancelling':
      return cancel(state);
    case 'run.settled':
      return withRoot(
        { ...state, status: 'settled', open: noEntries },
        { outcome: { status: event.status, output: event.output, error: event.error } },
      );
    case 'run.parked':
    case 'run.code_changed':
    case 'run.migrated':
    case 'run.forked':
    case 'run.rolled_back':
    case 'actor.migrated':
    case 'actor.rolled_back':
      return evolveVersion(state, event);
    case 'chunk.granted':
      return withChunk(state, { granted: event.slots });
    case 'chunk.settled':
      return settleChunk(state);
    case 'chunk.reported':
      return state.kind.type === 'chunk' && event.from === undefined
        ? withChunk(state, { reported: event.counts, returned: event.returned })
        : evolveReport(state, event);
    case 'signal.received':
    case 'signal.awaited':
    case 'signal.unawaited':
    case 'signal.matched':
    case 'signal.returned':
      return takePost(state, event, at);
    case 'wait.answered':
    case 'state.signalled':
      return takeGiven(state, event);
    default:
      return evolveStep(state, event, at);
  }
}

function cancel(state: ActorState): ActorState {
  return state.status === 'running' ? { ...state, status: 'cancelling' } : state;
}

type StepChange = Exclude<
  Event,
  | { type: `run.${string}` | `actor.${string}` | `signal.${string}` | 'wait.answered' | 'state.signalled' }
  | { type: 'chunk.started' | 'chunk.granted' | 'chunk.cancelling' | 'chunk.settled' | 'chunk.reported' }
>;

function evolveStep(state: ActorState, event: StepChange, at: Instant): ActorState {
  const steps = state.open.get(event.item)?.steps;
  const iteration = iterationOf(steps, event.node);
  if (iteration === null) return state;
  const step = steps?.get(event.node);
  const set = (next: StepState): ActorState => setStep(state, event.item, event.node, next);
  switch (event.type) {
    case 'attempt.succeeded':
      return isCurrent(step, event.attempt) ? succeed(state, event, { iteration, at, undoable: step.undoable }) : state;
    case 'attempt.reused':
      return iteration === (event.iteration ?? '') ? set({ type: 'succeeded', output: event.output, degraded: false }) : state;
    case 'attempt.started':
    case 'attempt.failed':
    case 'attempt.lost':
    case 'attempt.noted':
    case 'attempt.continued':
    case 'retry.due':
    case 'retry.expired': {
      // An item that has settled has no steps, and takes no failure of one that was refused a start.
      const next = event.type === 'attempt.failed' && state.results.has(event.item) ? undefined : evolveAttempt(step, event, at);
      return next === undefined ? state : set(next);
    }
    case 'step.entered':
      return set({ type: 'entered', at, timedOut: false, ended: false, machine: null });
    case 'step.ended':
      return step?.type === 'entered' || step?.type === 'fanned' ? set({ ...step, ended: true }) : state;
    case 'state.entered':
      return steps !== undefined && step?.type === 'entered'
        ? setItem(state, event.item, (item) => ({ ...item, steps: enterState(steps, step, event) }))
        : state;
    case 'state.subscribed':
    case 'state.unsubscribed':
    case 'step.timed_out':
    case 'wait.begun':
    case 'wait.over':
    case 'wait.subscribed':
    case 'wait.unsubscribed':
    case 'wait.left': {
      const next = evolveWait(step, event, iteration, at);
      return next === undefined ? state : set(next);
    }
    case 'step.skipped':
      return set({ type: 'skipped', reason: event.reason });
    case 'step.caught':
      return end(state, event, { type: 'caught', error: event.error, catch: event.catch });
    case 'step.settled':
      return set({ type: 'succeeded', output: event.output, degraded: event.degraded });
    case 'step.failed':
      return end(state, event, { type: 'failed', error: event.error });
    case 'step.cancelled':
      return set({ type: 'cancelled' });
    case 'compensation.noted':
      return note(state, event);
    case 'compensation.begun':
      return setItem(state, event.item, (item) => beginUndoing(item, event, at));
    case 'each.opened':
      return set(openFan(event, at));
    case 'chunk.spawned':
    case 'chunk.slots':
    case 'chunk.recalled':
      return step?.type === 'fanned' ? set(evolveFan(step, event)) : state;
    default:
      return unreachable(event);
  }
}

/** An attempt gave its step a result. */
function succeed(
  state: ActorState,
  { item, node, output }: Extract<Event, { type: 'attempt.succeeded' }>,
  { iteration, at, undoable }: { readonly iteration: string; readonly at: Instant; readonly undoable: boolean },
): ActorState {
  if (parseUndoId(node) !== null) return setItem(state, item, (known) => endUndo(known, node));
  const next = setStep(state, item, node, { type: 'succeeded', output, degraded: false });
  return undoable ? { ...next, completed: [...state.completed, { item, node, iteration, at, output }] } : next;
}

/** What is inside a step that failed or was caught will not be undone any more. */
function end(state: ActorState, { item, node }: At, step: StepState): ActorState {
  return setStep(
    setItem(state, item, (known) => ({ ...known, undoable: without(known, node) })),
    item,
    node,
    step,
  );
}

function note(state: ActorState, { item, node, key, input, error }: Extract<Event, { type: 'compensation.noted' }>): ActorState {
  const completion = state.completed.find((one) => one.item === item && one.node === node);
  if (completion === undefined) return state;
  const { iteration, at } = completion;
  const undoable: Undoable = { type: 'call', at, node, iteration, key, input, error };
  const next = { ...state, completed: state.completed.filter((one) => one !== completion) };
  // The step may be the item as a whole, which is settled by now.
  return state.kind.type === 'chunk' && !state.open.has(item)
    ? withChunk(next, { undoable: [...state.kind.undoable, undoable] })
    : setItem(next, item, (known) => ({ ...known, undoable: [...known.undoable, undoable] }));
}

function evolveReport(state: ActorState, event: Extract<Event, { type: 'chunk.reported' }>): ActorState {
  const step = state.open.get(event.item)?.steps.get(event.node);
  if (step?.type !== 'fanned' || !step.live.has(event.chunk)) return state;
  // A chunk says nothing after its last report, so what it said need not be told apart any more.
  const isLast = event.page !== null && event.from !== undefined;
  const heard = isLast ? withoutActor(state.heard, event.from.actor) : state.heard;
  const next = setStep({ ...state, heard }, event.item, event.node, hearReport(step, event));
  const { undo, node } = event;
  if (undo === undefined) return next;
  const iteration = iterationOf(state.open.get(event.item)?.steps, node) ?? '';
  return setItem(next, event.item, (item) => ({ ...item, undoable: [...item.undoable, { type: 'page', node, iteration, ...undo }] }));
}

function setItem(state: ActorState, item: number, change: (item: ItemState) => ItemState): ActorState {
  const known = state.open.get(item);
  return known === undefined ? state : { ...state, open: withEntry(state.open, item, change(known)) };
}

/** Records a step's state; in a chunk the step that fanned out is the item as a whole, and settling it closes the item. */
function setStep(state: ActorState, item: number, node: string, step: StepState): ActorState {
  const known = state.open.get(item);
  const changed = oneOfAlike({ undoable: known?.undoable ?? nothing, steps: withEntry(known?.steps ?? none, node, step) });
  if (state.kind.type === 'root') return { ...state, open: withEntry(state.open, item, changed) };
  const result = node === state.kind.node ? resultOf(step) : null;
  if (result === null) {
    const open = withEntry(state.open, item, changed);
    return known === undefined
      ? withChunk({ ...state, open }, { next: nextUnopened(state.kind, open, state.results) })
      : { ...state, open };
  }
  const open = withoutEntry(state.open, item);
  const results = withEntry(state.results, item, result);
  const failure =
    result.status === 'failed' && (state.kind.failure === null || isGraver(result.error, state.kind.failure.error))
      ? { item, error: result.error }
      : state.kind.failure;
  const undoable = changed.undoable.length === 0 ? state.kind.undoable : [...state.kind.undoable, ...changed.undoable];
  return withChunk(
    { ...state, open, results, counts: countResult(state.counts, result) },
    { failure, undoable, next: nextUnopened(state.kind, open, results) },
  );
}

const none: ReadonlyMap<string, StepState> = noEntries;
const nothing: readonly Undoable[] = [];

function resultOf(step: StepState): ItemResult | null {
  switch (step.type) {
    case 'succeeded':
      return { status: 'succeeded', output: step.output, degraded: step.degraded };
    case 'failed':
      return { status: 'failed', error: step.error };
    case 'skipped':
    case 'cancelled':
      return { status: step.type };
    default:
      return null;
  }
}

function nextUnopened(kind: ChunkKind, open: ReadonlyMap<number, ItemState>, results: ReadonlyMap<number, ItemResult>): number {
  let next = kind.next;
  while (next < kind.size && (open.has(next) || results.has(next))) next += 1;
  return next;
}

/** Items that never opened were cancelled with their chunk. */
function settleChunk(state: ActorState): ActorState {
  if (state.kind.type !== 'chunk') return state;
  const cancelled = state.counts.cancelled + state.kind.size - state.results.size;
  return { ...state, status: 'settled', counts: { ...state.counts, cancelled }, open: noEntries, results: noEntries };
}

function countResult(counts: Counts, result: ItemResult): Counts {
  const next = { ...counts, [result.status]: counts[result.status] + 1 };
  return result.status === 'succeeded' && result.degraded ? { ...next, degraded: counts.degraded + 1 } : next;
}

function withRoot(state: ActorState, change: Partial<RootKind>): ActorState {
  return state.kind.type === 'root' ? { ...state, kind: { ...state.kind, ...change } } : state;
}

function withChunk(state: ActorState, change: Partial<ChunkKind>): ActorState {
  return state.kind.type === 'chunk' ? { ...state, kind: { ...state.kind, ...change } } : state;
}
