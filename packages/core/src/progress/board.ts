/**
 * Who is where: the counters of a run's items and stages, and the few items in flight behind them.
 *
 * Items are those of the run's outermost `each` steps (a fan); a stage is a step directly inside such an `each`, or the
 * `each` itself when its body is one call. Deeper scopes and fans roll up into their stage. A flow without any `each` is
 * one fan of one item with the empty id, whose stages are what the run calls its items.
 *
 * Invariants:
 * 1. Every tally conserves `total = succeeded + failed + skipped + cancelled + waiting + running`.
 * 2. An item that settled is forgotten when its chunk settles; what comes late for it changes nothing.
 * 3. Where an item's stages are states, one that is entered again takes back what it had been counted as.
 */

import type { ChunkEvent, StepEvent } from '../events.ts';
import { ROOT } from '../events.ts';
import { addDuration, emptyHistogram } from './histogram.ts';
import type { Histogram } from './histogram.ts';
import type { Flow } from '../ir.ts';
import { onlyName } from '../list-map.ts';
import { outlinesOf } from './outline.ts';
import type { Outline } from './outline.ts';
import { noUsage } from '../budgets/usage.ts';
import type { Usage } from '../budgets/usage.ts';
import type { Tally } from './figures.ts';
import { add, filled, isMarked, mark, outcomeOf, reset, rowOf, rowsFor, settleAs, sumOf } from './rows.ts';
import type { Outcome, Row, Rows } from './rows.ts';

type Counters = { -readonly [field in keyof Tally]: number };

export interface Stage {
  readonly id: string;
  /** A stage of an `each` inside a `catch`: shown once it is needed. */
  readonly fallback: boolean;
  readonly tally: Counters;
  retries: number;
  used: Usage;
  /** Time per attempt that succeeded. */
  readonly attempts: Histogram;
  /** Time of all attempts in the stage, per item for which it worked. */
  readonly work: Histogram;
}

interface Fan {
  readonly node: string;
  readonly stages: readonly Stage[];
  readonly tally: Counters;
  /** Whether the stages are states, of which an item may leave some out. */
  readonly states: boolean;
}

/** A stage of an item. */
export interface OpenStage extends Row {
  readonly stage: Stage;
}

/** A chunk of a fan, or the root of a flow without one. */
interface OuterActor {
  readonly type: 'outer';
  readonly fan: Fan;
  readonly size: number;
  readonly items: Rows;
  /** In the order of the fan's; null for those that no item has come to. */
  readonly stages: (Rows | null)[];
  /** By item, of those that are open. */
  readonly keys: (string | null)[];
  /** Steps of each item that wait, but for those in chunks of an inner `each`; a list of one is shared. */
  readonly waiting: (readonly string[])[];
  unsettled: number;
}

/** A chunk of an inner `each`: it works for one stage of one outer item. */
interface InnerActor {
  readonly type: 'inner';
  readonly outer: OuterActor;
  readonly item: number;
  readonly stage: Stage | null;
}

export interface Board {
  readonly fans: Map<string, Fan>;
  /** In the order of the definition. */
  readonly stages: Map<string, Stage>;
  readonly actors: Map<string, OuterActor | InnerActor>;
  /** Steps that wait, of the items that are open. */
  awaiting: number;
}

/** An event's position: the item in flight that it belongs to, and the stage of it, if it is in one that has not settled. */
export interface Position {
  readonly actor: OuterActor;
  readonly number: number;
  readonly item: Row;
  readonly stage: OpenStage | null;
  /** Whether the event is of the item's own actor, and not of a chunk of an inner `each`. */
  readonly own: boolean;
  /** What the event itself speaks about: the item, its stage, or a step somewhere inside. */
  readonly about: 'item' | 'stage' | 'inside';
}

const none: readonly never[] = [];

/** So many of which nothing has begun. */
export function noTally(total = 0): Counters {
  return { total, waiting: total, running: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0, degraded: 0, reused: 0 };
}

const fields = Object.keys(noTally()) as (keyof Tally)[];

export function startBoard(flow: Flow): Board {
  const board: Board = { fans: new Map(), stages: new Map(), actors: new Map(), awaiting: 0 };
  for (const outline of outlinesOf(flow)) {
    const fan = addFan(board, outline);
    if (outline.total > 0) board.actors.set(ROOT, openActor(fan, outline.total));
  }
  return board;
}

/** The items' counters: sums over the fans, or over the steps where the flow has none. */
export function itemsOf(board: Board): Tally {
  const sum = noTally();
  const parts = board.fans.has('') ? board.stages.values() : board.fans.values();
  for (const { tally } of parts) {
    for (const field of fields) sum[field] += tally[field];
  }
  return sum;
}

/** A scope that is tried again opens its `each` anew: the counters speak of the last opening. */
export function openFan(board: Board, node: string, total: number): void {
  const fan = board.fans.get(node);
  if (fan === undefined) return;
  dropActors(board, fan);
  for (const { tally } of partsOf(fan)) Object.assign(tally, noTally(total));
}

/** The `each` is over: what has not settled never will. */
export function closeFan(board: Board, node: string): void {
  const fan = board.fans.get(node);
  if (fan === undefined) return;
  dropActors(board, fan);
  for (const { tally } of partsOf(fan)) {
    tally.cancelled += tally.waiting + tally.running;
    tally.waiting = 0;
    tally.running = 0;
  }
}

export function openChunk(board: Board, id: string, event: Extract<ChunkEvent, { type: 'chunk.started' }>): void {
  const parent = board.actors.get(event.parent.actor);
  if (parent?.type === 'inner') {
    board.actors.set(id, parent);
  } else if (parent?.type === 'outer') {
    board.actors.set(id, { type: 'inner', outer: parent, item: event.parent.item, stage: stageOf(parent.fan, event.node) });
  } else {
    const fan = board.fans.get(event.node);
    if (fan !== undefined) board.actors.set(id, openActor(fan, event.size));
  }
}

/** Returns how many items it settled as cancelled, because they had not settled by themselves. */
export function closeChunk(board: Board, id: string): number {
  const actor = board.actors.get(id);
  board.actors.delete(id);
  if (actor?.type !== 'outer') return 0;
  for (const [other, inner] of board.actors) if (inner.type === 'inner' && inner.outer === actor) board.actors.delete(other);
  const open = openItems(actor);
  for (const number of open) settleItem(board, actor, number, 'cancelled', false);
  for (const { tally } of partsOf(actor.fan)) {
    tally.waiting -= actor.unsettled;
    tally.cancelled += actor.unsettled;
  }
  return actor.unsettled + open.length;
}

/** The engine ended: what ran is waiting, until the run goes on. */
export function suspend(board: Board): void {
  for (const actor of board.actors.values()) {
    if (actor.type !== 'outer') continue;
    for (const number of openItems(actor)) {
      halt(rowOf(actor.items, number), actor.fan.tally);
      for (const open of openStages(actor, number)) halt(open, open.stage.tally);
    }
  }
}

function halt(row: Row, tally: Counters): void {
  if (isMarked(row, 'running')) move(tally, 'running', 'waiting');
  mark(row, 'running', false);
  reset(row, 'attempts');
}

/** Null for steps around the fans, and for what comes late for a settled item. */
export function positionOf(board: Board, actorId: string, event: StepEvent): Position | null {
  const actor = board.actors.get(actorId);
  if (actor === undefined) return null;
  const outer = actor.type === 'inner' ? actor.outer : actor;
  const number = actor.type === 'inner' ? actor.item : event.item;
  const item = rowOf(outer.items, number);
  if (number >= outer.size || outcomeOf(item) !== null) return null;
  mark(item, 'begun');
  const stage = actor.type === 'inner' ? actor.stage : stageOf(outer.fan, event.node);
  const open = stage === null ? null : openStage(outer, number, stage);
  const own = actor.type === 'outer';
  const about = own && event.node === outer.fan.node ? 'item' : own && event.node === stage?.id ? 'stage' : 'inside';
  return { actor: outer, number, item, stage: open === null || outcomeOf(open) !== null ? null : open, own, about };
}

/** Work goes on at the position: its item and its stage are running, unless all that they have under way is to wait. */
export function markRunning({ item, stage, actor }: Position): void {
  goOn(item, actor.fan.tally);
  if (stage !== null) goOn(stage, stage.stage.tally);
}

function goOn(row: Row, tally: Counters): void {
  const running = sumOf(row, 'waits') === 0 || sumOf(row, 'attempts') > 0;
  if (running === isMarked(row, 'running')) return;
  mark(row, 'running', running);
  move(tally, running ? 'waiting' : 'running', running ? 'running' : 'waiting');
}

export function countBusy({ item, stage }: Position, what: 'attempts' | 'waits', by: 1 | -1): void {
  add(item, what, by);
  if (stage !== null) add(stage, what, by);
}

export function keyOf({ actor, number }: Position): string | null {
  return actor.keys[number] ?? null;
}

export function noteKey({ actor, number }: Position, key: string): void {
  actor.keys[number] ??= key;
}

/** Returns false where the step waited already. */
export function beginWaiting(board: Board, { actor, number }: Position, node: string): boolean {
  const known = actor.waiting[number] ?? none;
  if (known.includes(node)) return false;
  actor.waiting[number] = known.length === 0 ? onlyName(node) : known.concat(node);
  board.awaiting += 1;
  return true;
}

/** Returns false where the step did not wait. */
export function endWaiting(board: Board, { actor, number }: Position, node: string): boolean {
  const known = actor.waiting[number] ?? none;
  if (!known.includes(node)) return false;
  actor.waiting[number] = known.length === 1 ? none : known.filter((one) => one !== node);
  board.awaiting -= 1;
  return true;
}

/**
 * The item goes on with the state at `id`. One that was left without a result failed, and going on instead of it is a
 * fallback as any `catch` is.
 */
export function enterStage({ actor, number }: Position, id: string): void {
  for (const open of openStages(actor, number)) if (isMarked(open, 'running') && open.stage.id !== id) settleStage(open, 'succeeded', true);
  const stage = actor.fan.stages.find((one) => one.id === id);
  if (stage === undefined) return;
  const open = openStage(actor, number, stage);
  const outcome = outcomeOf(open);
  if (outcome !== null) reopenStage(open, outcome);
  else if (!isMarked(open, 'running')) move(stage.tally, 'waiting', 'running');
  mark(open, 'running');
}

function reopenStage(open: OpenStage, outcome: Outcome): void {
  const { tally } = open.stage;
  tally[outcome] -= 1;
  tally.running += 1;
  count(tally, isMarked(open, 'countedDegraded'), isMarked(open, 'countedReused'), -1);
  settleAs(open, null);
  reset(open, 'workMs');
  mark(open, 'attempted', false);
  mark(open, 'reused', false);
}

export function settleStage(open: OpenStage, outcome: Outcome, degraded: boolean): void {
  const { tally, work } = open.stage;
  const attempted = isMarked(open, 'attempted');
  const succeeded = outcome === 'succeeded';
  const counted = { degraded: succeeded && degraded, reused: succeeded && isMarked(open, 'reused') && !attempted };
  move(tally, isMarked(open, 'running') ? 'running' : 'waiting', outcome);
  mark(open, 'running', false);
  settleAs(open, outcome);
  mark(open, 'countedDegraded', counted.degraded);
  mark(open, 'countedReused', counted.reused);
  count(tally, counted.degraded, counted.reused);
  if (attempted && outcome !== 'cancelled') addDuration(work, sumOf(open, 'workMs'));
}

/**
 * Stages that the item never came to are skipped with it, and cancelled when it ended in any other way; states that it
 * did without are skipped.
 */
export function settleItem(board: Board, actor: OuterActor, number: number, outcome: Outcome, degraded: boolean): void {
  const item = rowOf(actor.items, number);
  if (!isOpen(item)) return;
  const { fan } = actor;
  board.awaiting -= actor.waiting[number]?.length ?? 0;
  for (const stage of fan.stages) {
    const open = openStage(actor, number, stage);
    if (outcomeOf(open) !== null) continue;
    const isSpared = outcome === 'skipped' || (fan.states && outcome === 'succeeded' && !isMarked(open, 'running'));
    settleStage(open, stage.id === fan.node ? outcome : isSpared ? 'skipped' : 'cancelled', degraded && stage.id === fan.node);
  }
  move(fan.tally, isMarked(item, 'running') ? 'running' : 'waiting', outcome);
  if (outcome === 'succeeded') count(fan.tally, degraded, isMarked(item, 'reused') && !isMarked(item, 'attempted'));
  settleAs(item, outcome);
  actor.keys[number] = null;
  actor.waiting[number] = none;
  actor.unsettled -= 1;
}

function addFan(board: Board, { node, stages: ids, fallback, states, total }: Outline): Fan {
  const stages = ids.map((id) => ({
    id,
    fallback,
    tally: noTally(total),
    retries: 0,
    used: noUsage,
    attempts: emptyHistogram(),
    work: emptyHistogram(),
  }));
  for (const stage of stages) board.stages.set(stage.id, stage);
  const fan = { node, stages, tally: noTally(total), states };
  board.fans.set(node, fan);
  return fan;
}

/** The child of the fan on the way to the step; the fan itself when its body is one call; null inside a `catch` of the fan. */
function stageOf(fan: Fan, node: string): Stage | null {
  if (fan.stages[0]?.id === fan.node) return fan.stages[0];
  if (node === fan.node) return null;
  const start = fan.node === '' ? 0 : fan.node.length + 1;
  const end = node.indexOf('/', start);
  const id = end === -1 ? node : node.slice(0, end);
  return fan.stages.find((stage) => stage.id === id) ?? null;
}

function openActor(fan: Fan, size: number): OuterActor {
  const stages = filled(fan.stages.length, null);
  const [keys, waiting] = [filled(size, null), filled(size, none)];
  return { type: 'outer', fan, size, items: rowsFor(size), stages, keys, waiting, unsettled: size };
}

function isOpen(item: Row): boolean {
  return isMarked(item, 'begun') && outcomeOf(item) === null;
}

function openItems({ items, size }: OuterActor): readonly number[] {
  return Array.from({ length: size }, (_, number) => number).filter((number) => isOpen(rowOf(items, number)));
}

function openStage(actor: OuterActor, number: number, stage: Stage): OpenStage {
  const place = actor.fan.stages.indexOf(stage);
  const rows = actor.stages[place] ?? rowsFor(actor.size);
  actor.stages[place] = rows;
  const { from } = rowOf(rows, number);
  return { stage, rows, from };
}

/** Of those that some item has come to. */
function openStages({ fan, stages }: OuterActor, number: number): readonly OpenStage[] {
  return fan.stages.flatMap((stage, place) => {
    const rows = stages[place];
    return rows === null || rows === undefined ? [] : [{ stage, ...rowOf(rows, number) }];
  });
}

function partsOf(fan: Fan): { readonly tally: Counters }[] {
  return [fan, ...fan.stages];
}

function dropActors(board: Board, fan: Fan): void {
  for (const [id, actor] of board.actors) {
    if ((actor.type === 'inner' ? actor.outer : actor).fan !== fan) continue;
    board.actors.delete(id);
    if (actor.type === 'outer') for (const waiting of actor.waiting) board.awaiting -= waiting.length;
  }
}

function move(tally: Counters, from: 'waiting' | 'running', to: Outcome | 'waiting' | 'running'): void {
  tally[from] -= 1;
  tally[to] += 1;
}

function count(tally: Counters, degraded: boolean, reused: boolean, by = 1): void {
  if (degraded) tally.degraded += by;
  if (reused) tally.reused += by;
}
