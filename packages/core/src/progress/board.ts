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
import type { Flow, Node } from '../ir.ts';
import type { Ms } from '../json.ts';
import { onlyName } from '../list-map.ts';
import { childrenOf } from '../plan.ts';
import { noUsage } from '../budgets/usage.ts';
import type { Usage } from '../budgets/usage.ts';
import type { Tally } from './figures.ts';

export type Outcome = 'succeeded' | 'failed' | 'skipped' | 'cancelled';
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

/** What an item or a stage of it has under way. A hundred thousand items may be open at once, so they are flat. */
interface Busy {
  attempts: number;
  /** Steps that wait for a time or an event. */
  waits: number;
  running: boolean;
}

export interface OpenStage extends Busy {
  readonly stage: Stage;
  settled: Settled | null;
  attempted: boolean;
  reused: boolean;
  workMs: Ms;
  /** The one of the same item that was begun before it. */
  readonly before: OpenStage | null;
}

/** What a stage of an item was counted as. */
interface Settled {
  readonly outcome: Outcome;
  readonly degraded: boolean;
  readonly reused: boolean;
}

interface OpenItem extends Busy {
  key: string | null;
  attempted: boolean;
  reused: boolean;
  /** The one of those begun that was begun last, and by it the others: a list would take as much as the stage. */
  stages: OpenStage | null;
  /** Its own steps that wait, but for those in chunks of an inner `each`; a list of one is shared. */
  waiting: readonly string[];
}

/** A chunk of a fan, or the root of a flow without one. */
interface OuterActor {
  readonly type: 'outer';
  readonly fan: Fan;
  readonly size: number;
  readonly open: Map<number, OpenItem>;
  readonly settled: Set<number>;
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
  readonly item: OpenItem;
  readonly stage: OpenStage | null;
  /** Whether the event is of the item's own actor, and not of a chunk of an inner `each`. */
  readonly own: boolean;
  /** What the event itself speaks about: the item, its stage, or a step somewhere inside. */
  readonly about: 'item' | 'stage' | 'inside';
}

const none: readonly never[] = [];

export function noTally(): Counters {
  return { total: 0, waiting: 0, running: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0, degraded: 0, reused: 0 };
}

export function startBoard(flow: Flow): Board {
  const board: Board = { fans: new Map(), stages: new Map(), actors: new Map(), awaiting: 0 };
  for (const { node, fallback } of outermostEaches(flow.root, false)) addFan(board, node, fallback);
  if (board.fans.size === 0) {
    const fan = addFan(board, flow.root, false);
    openFan(board, fan.node, 1);
    board.actors.set(ROOT, { type: 'outer', fan, size: 1, open: new Map(), settled: new Set() });
  }
  return board;
}

/** The items' counters: sums over the fans, or over the steps where the flow has none. */
export function itemsOf(board: Board): Tally {
  const sum = noTally();
  const parts = board.fans.has('') ? board.stages.values() : board.fans.values();
  for (const { tally } of parts) {
    for (const field of Object.keys(sum) as (keyof Tally)[]) sum[field] += tally[field];
  }
  return sum;
}

/** A scope that is tried again opens its `each` anew: the counters speak of the last opening. */
export function openFan(board: Board, node: string, total: number): void {
  const fan = board.fans.get(node);
  if (fan === undefined) return;
  dropActors(board, fan);
  for (const { tally } of partsOf(fan)) Object.assign(tally, noTally(), { total, waiting: total });
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
    if (fan !== undefined) board.actors.set(id, { type: 'outer', fan, size: event.size, open: new Map(), settled: new Set() });
  }
}

/** Returns how many items it settled as cancelled, because they had not settled by themselves. */
export function closeChunk(board: Board, id: string): number {
  const actor = board.actors.get(id);
  board.actors.delete(id);
  if (actor?.type !== 'outer') return 0;
  for (const [other, inner] of board.actors) if (inner.type === 'inner' && inner.outer === actor) board.actors.delete(other);
  const open = [...actor.open.keys()];
  for (const number of open) settleItem(board, actor, number, 'cancelled', false);
  const unopened = actor.size - actor.settled.size;
  for (const { tally } of partsOf(actor.fan)) {
    tally.waiting -= unopened;
    tally.cancelled += unopened;
  }
  return unopened + open.length;
}

/** The engine ended: what ran is waiting, until the run goes on. */
export function suspend(board: Board): void {
  for (const actor of board.actors.values()) {
    if (actor.type !== 'outer') continue;
    for (const item of actor.open.values()) {
      if (item.running) move(actor.fan.tally, 'running', 'waiting');
      item.running = false;
      item.attempts = 0;
      for (let open = item.stages; open !== null; open = open.before) {
        if (open.running) move(open.stage.tally, 'running', 'waiting');
        open.running = false;
        open.attempts = 0;
      }
    }
  }
}

/** Null for steps around the fans, and for what comes late for a settled item. */
export function positionOf(board: Board, actorId: string, event: StepEvent): Position | null {
  const actor = board.actors.get(actorId);
  if (actor === undefined) return null;
  const outer = actor.type === 'inner' ? actor.outer : actor;
  const number = actor.type === 'inner' ? actor.item : event.item;
  if (number >= outer.size || outer.settled.has(number)) return null;
  const item = outer.open.get(number) ?? {
    attempts: 0,
    waits: 0,
    running: false,
    key: null,
    attempted: false,
    reused: false,
    stages: null,
    waiting: none,
  };
  outer.open.set(number, item);
  const stage = actor.type === 'inner' ? actor.stage : stageOf(outer.fan, event.node);
  const open = stage === null ? null : openStage(item, stage);
  const own = actor.type === 'outer';
  const about = own && event.node === outer.fan.node ? 'item' : own && event.node === stage?.id ? 'stage' : 'inside';
  return { actor: outer, number, item, stage: open === null || open.settled !== null ? null : open, own, about };
}

/** Work goes on at the position: its item and its stage are running, unless all that they have under way is to wait. */
export function markRunning({ item, stage, actor }: Position): void {
  mark(item, actor.fan.tally);
  if (stage !== null) mark(stage, stage.stage.tally);
}

function mark(part: Busy, tally: Counters): void {
  const running = part.waits === 0 || part.attempts > 0;
  if (running === part.running) return;
  part.running = running;
  move(tally, running ? 'waiting' : 'running', running ? 'running' : 'waiting');
}

export function countBusy({ item, stage }: Position, what: 'attempts' | 'waits', by: 1 | -1): void {
  item[what] += by;
  if (stage !== null) stage[what] += by;
}

/** Returns false where the step waited already. */
export function beginWaiting(board: Board, { item }: Position, node: string): boolean {
  if (item.waiting.includes(node)) return false;
  item.waiting = item.waiting.length === 0 ? onlyName(node) : item.waiting.concat(node);
  board.awaiting += 1;
  return true;
}

/** Returns false where the step did not wait. */
export function endWaiting(board: Board, { item }: Position, node: string): boolean {
  if (!item.waiting.includes(node)) return false;
  item.waiting = item.waiting.filter((one) => one !== node);
  board.awaiting -= 1;
  return true;
}

/**
 * The item goes on with the state at `id`. One that was left without a result failed, and going on instead of it is a
 * fallback as any `catch` is.
 */
export function enterStage({ actor, item }: Position, id: string): void {
  for (let open = item.stages; open !== null; open = open.before)
    if (open.running && open.stage.id !== id) settleStage(open, 'succeeded', true);
  const stage = actor.fan.stages.find((one) => one.id === id);
  if (stage === undefined) return;
  const open = openStage(item, stage);
  if (open.settled !== null) reopenStage(open, open.settled);
  else if (!open.running) move(stage.tally, 'waiting', 'running');
  open.running = true;
}

function reopenStage(open: OpenStage, { outcome, degraded, reused }: Settled): void {
  const { tally } = open.stage;
  tally[outcome] -= 1;
  tally.running += 1;
  count(tally, degraded, reused, -1);
  Object.assign(open, { settled: null, attempted: false, reused: false, workMs: 0 });
}

export function settleStage(open: OpenStage, outcome: Outcome, degraded: boolean): void {
  const { tally, work } = open.stage;
  move(tally, open.running ? 'running' : 'waiting', outcome);
  const succeeded = outcome === 'succeeded';
  open.running = false;
  open.settled = { outcome, degraded: succeeded && degraded, reused: succeeded && open.reused && !open.attempted };
  count(tally, open.settled.degraded, open.settled.reused);
  if (open.attempted && outcome !== 'cancelled') addDuration(work, open.workMs);
}

/**
 * Stages that the item never came to are skipped with it, and cancelled when it ended in any other way; states that it
 * did without are skipped.
 */
export function settleItem(board: Board, actor: OuterActor, number: number, outcome: Outcome, degraded: boolean): void {
  const item = actor.open.get(number);
  if (item === undefined) return;
  board.awaiting -= item.waiting.length;
  const { fan } = actor;
  for (const stage of fan.stages) {
    const open = openStage(item, stage);
    if (open.settled !== null) continue;
    const isSpared = outcome === 'skipped' || (fan.states && outcome === 'succeeded' && !open.running);
    settleStage(open, stage.id === fan.node ? outcome : isSpared ? 'skipped' : 'cancelled', degraded && stage.id === fan.node);
  }
  move(fan.tally, item.running ? 'running' : 'waiting', outcome);
  if (outcome === 'succeeded') count(fan.tally, degraded, item.reused && !item.attempted);
  actor.open.delete(number);
  actor.settled.add(number);
}

function outermostEaches(node: Node, fallback: boolean): { readonly node: Node; readonly fallback: boolean }[] {
  if (node.each !== undefined) return [{ node, fallback }];
  const children = childrenOf(node);
  const catches = node.catch.flatMap((clause) => (clause.do === undefined ? [] : [clause.do]));
  return [...children.flatMap((child) => outermostEaches(child, fallback)), ...catches.flatMap((body) => outermostEaches(body, true))];
}

function addFan(board: Board, node: Node, fallback: boolean): Fan {
  const children = childrenOf(node);
  const ids = children.length === 0 ? [node.id] : children.map((child) => child.id);
  const stages = ids.map((id) => ({
    id,
    fallback,
    tally: noTally(),
    retries: 0,
    used: noUsage,
    attempts: emptyHistogram(),
    work: emptyHistogram(),
  }));
  for (const stage of stages) board.stages.set(stage.id, stage);
  const fan = { node: node.id, stages, tally: noTally(), states: node.do.k === 'or' };
  board.fans.set(node.id, fan);
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

function openStage(item: OpenItem, stage: Stage): OpenStage {
  for (let known = item.stages; known !== null; known = known.before) if (known.stage === stage) return known;
  const open = {
    stage,
    attempts: 0,
    waits: 0,
    running: false,
    settled: null,
    attempted: false,
    reused: false,
    workMs: 0,
    before: item.stages,
  };
  item.stages = open;
  return open;
}

function partsOf(fan: Fan): { readonly tally: Counters }[] {
  return [fan, ...fan.stages];
}

function dropActors(board: Board, fan: Fan): void {
  for (const [id, actor] of board.actors) {
    if ((actor.type === 'inner' ? actor.outer : actor).fan !== fan) continue;
    board.actors.delete(id);
    if (actor.type === 'outer') for (const { waiting } of actor.open.values()) board.awaiting -= waiting.length;
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
