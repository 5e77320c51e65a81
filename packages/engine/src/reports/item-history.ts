/**
 * What became of every item of a run's outermost `each` steps, chunk by chunk: memory holds the chunks in flight only.
 *
 * A chunk is complete when it has settled; those that never did are handed out by `rest`, with the items that were never
 * opened, so that every item of the run is accounted for exactly once.
 */

import { childId, childrenOf, parseUndoId, ROOT } from '@scriptorium/core';
import type { ArtifactRecord, Carried, Failure, Flow, ItemRow, Json, Node, Recorded, ResultRow, StageHistory } from '@scriptorium/core';

export interface ItemHistory {
  readonly key: string;
  /** `interrupted`: opened or still waiting when the run stopped. */
  readonly status: 'succeeded' | 'failed' | 'skipped' | 'cancelled' | 'interrupted';
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly degraded: boolean;
  readonly output: Json | null;
  readonly error: (Failure & { readonly step: string }) | null;
  readonly stages: { readonly [id: string]: StageHistory };
  readonly artifacts: readonly ArtifactRecord[];
}

/** Chunk `chunk` of the items of `node`, in item order. */
export interface ChunkHistory {
  readonly node: string;
  readonly chunk: number;
  readonly items: readonly ItemHistory[];
}

export interface Histories {
  /** The chunk that the event completed, or null. */
  readonly fold: (recorded: Recorded) => ChunkHistory | null;
  /** The chunks that never settled, and those that were never started, in order. */
  readonly rest: () => Iterable<ChunkHistory>;
  /** The key of the outermost item that an actor's item is or lies in. */
  readonly nameOf: (actor: string, item: number) => string | null;
}

type Draft<T> = { -readonly [field in keyof T]: T[field] };

interface Item {
  settled: boolean;
  carried: Carried | null;
  readonly known: Draft<ItemHistory>;
  readonly stages: Map<string, Draft<StageHistory>>;
}

interface Outer {
  readonly type: 'outer';
  readonly fan: Fan;
  readonly chunk: number;
  readonly rows: readonly ItemRow[];
  readonly items: Map<number, Item>;
}

type Actor = Outer | { readonly type: 'inner'; readonly outer: Outer; readonly item: number; readonly node: string };

interface Fan {
  readonly node: string;
  readonly stages: readonly string[];
  pages: string | null;
  /** Its `until` has held: what was never opened is cancelled. */
  ended: boolean;
  readonly seen: Set<number>;
}

export function createHistories(flow: Flow, read: (ref: string) => Json): Histories {
  const fans = fansOf(flow);
  const actors = new Map<string, Actor>();
  const outerOf = (actor: string): { readonly outer: Outer; readonly inner: Exclude<Actor, Outer> | null } | null => {
    const found = actors.get(actor);
    if (found === undefined) return null;
    return found.type === 'outer' ? { outer: found, inner: null } : { outer: found.outer, inner: found };
  };
  return {
    fold: (recorded) => {
      const { actor, event } = recorded;
      if ((event.type === 'each.opened' || event.type === 'step.ended') && actor === ROOT) {
        foldFan(fans.get(event.node), event);
      } else if (event.type === 'chunk.started') {
        const parent = outerOf(event.parent.actor);
        const fan = fans.get(event.node);
        if (parent !== null)
          actors.set(actor, {
            type: 'inner',
            outer: parent.outer,
            item: parent.inner?.item ?? event.parent.item,
            node: parent.inner?.node ?? event.node,
          });
        else if (fan !== undefined)
          actors.set(actor, {
            type: 'outer',
            fan,
            chunk: event.chunk,
            rows: read(event.page) as unknown as readonly ItemRow[],
            items: new Map(),
          });
      } else if (event.type === 'chunk.settled') {
        const found = actors.get(actor);
        actors.delete(actor);
        if (found?.type !== 'outer') return null;
        found.fan.seen.add(found.chunk);
        return complete(found, read(event.page) as unknown as readonly ResultRow[], read);
      } else {
        const place = outerOf(actor);
        if (place !== null) foldItem(place.outer, place.inner, recorded);
      }
      return null;
    },
    rest: function* () {
      for (const fan of fans.values()) {
        if (fan.pages === null) continue;
        const live = [...actors.values()].filter((actor): actor is Outer => actor.type === 'outer' && actor.fan === fan);
        for (const [chunk, page] of (read(fan.pages) as string[]).entries()) {
          if (fan.seen.has(chunk)) continue;
          const outer = live.find((one) => one.chunk === chunk) ?? {
            type: 'outer',
            fan,
            chunk,
            rows: read(page) as unknown as readonly ItemRow[],
            items: new Map<number, Item>(),
          };
          yield complete(outer, [], read);
        }
      }
    },
    nameOf: (actor, item) => {
      const place = outerOf(actor);
      return place === null ? null : (place.outer.rows[place.inner?.item ?? item]?.key ?? null);
    },
  };
}

function fansOf(flow: Flow): ReadonlyMap<string, Fan> {
  const fans = outermost(flow.root).map((node): Fan => ({
    node: node.id,
    stages: stagesOf(node),
    pages: null,
    ended: false,
    seen: new Set(),
  }));
  return new Map(fans.map((fan) => [fan.node, fan]));
}

function foldFan(fan: Fan | undefined, event: Extract<Recorded['event'], { type: 'each.opened' | 'step.ended' }>): void {
  if (fan === undefined) return;
  fan.ended = event.type === 'step.ended';
  if (event.type === 'step.ended') return;
  fan.pages = event.pages;
  fan.seen.clear();
}

function outermost(node: Node): readonly Node[] {
  if (node.each !== undefined) return [node];
  return [...childrenOf(node), ...node.catch.flatMap((clause) => (clause.do === undefined ? [] : [clause.do]))].flatMap(outermost);
}

function stagesOf(node: Node): readonly string[] {
  const children = childrenOf(node);
  return children.length === 0 ? [node.id] : children.map((child) => child.id);
}

function foldItem(outer: Outer, inner: Exclude<Actor, Outer> | null, { at, event }: Recorded): void {
  if (
    !('node' in event) ||
    !('item' in event) ||
    event.type === 'chunk.reported' ||
    event.type === 'chunk.spawned' ||
    event.type === 'chunk.slots' ||
    event.type === 'chunk.recalled'
  )
    return;
  const item = openItem(outer, inner?.item ?? event.item);
  if (item.settled) return;
  item.known.startedAt ??= at;
  const id = stageOf(outer.fan, inner?.node ?? event.node);
  const stage = id === null ? null : openStage(item, id);
  const about = inner !== null ? 'inside' : event.node === outer.fan.node ? 'item' : event.node === id ? 'stage' : 'inside';
  // Undoing says nothing about how the stage itself went.
  if (stage !== null && parseUndoId(event.node) === null) foldStage(stage, about !== 'inside', event);
  if ((event.type === 'attempt.succeeded' || event.type === 'attempt.reused') && event.artifacts.length > 0)
    item.known.artifacts = [...item.known.artifacts, ...event.artifacts];
  if (event.type === 'step.failed')
    item.known.error = {
      ...event.error,
      step: item.known.error !== null && sameError(item.known.error, event.error) ? item.known.error.step : event.node,
    };
  if (event.type === 'state.entered' && about === 'item') enterStage(item, childId(event.node, event.state));
  if (about === 'item') settle(item, at, event);
}

/** A state begins, maybe again; one that was left without a result failed, and another state took over. */
function enterStage(item: Item, id: string): void {
  for (const stage of item.stages.values())
    if (stage.status === 'interrupted') Object.assign(stage, { status: 'succeeded', degraded: true });
  openStage(item, id).status = 'interrupted';
}

type StepFact = Extract<Recorded['event'], { node: string; item: number }>;

function foldStage(stage: Draft<StageHistory>, own: boolean, event: StepFact): void {
  if (event.type === 'attempt.started') stage.attempts += 1;
  if (event.type === 'attempt.succeeded' || event.type === 'attempt.failed') stage.ms += event.ms;
  if (event.type === 'attempt.reused') stage.reused = true;
  stage.status = stage.status === 'not_reached' ? 'interrupted' : stage.status;
  if (!own) return;
  if (event.type === 'attempt.succeeded' || event.type === 'attempt.reused' || event.type === 'step.settled') stage.status = 'succeeded';
  if (event.type === 'step.settled') stage.degraded = event.degraded;
  if (event.type === 'step.failed') stage.status = 'failed';
  if (event.type === 'step.skipped' || event.type === 'step.cancelled') {
    stage.status = event.type === 'step.skipped' ? 'skipped' : 'cancelled';
    stage.reason = event.reason;
  }
}

function settle(item: Item, at: number, event: StepFact): void {
  const { known } = item;
  if (event.type === 'attempt.succeeded' || event.type === 'attempt.reused' || event.type === 'step.settled') {
    known.status = 'succeeded';
    known.degraded = event.type === 'step.settled' && event.degraded;
    item.carried = event.output;
  } else if (event.type === 'step.failed') known.status = 'failed';
  else if (event.type === 'step.skipped') known.status = 'skipped';
  else if (event.type === 'step.cancelled') known.status = 'cancelled';
  else return;
  item.settled = true;
  known.endedAt = at;
}

/** Result rows win over what was folded: they are what the flow itself goes on with. */
function complete(outer: Outer, results: readonly ResultRow[], read: (ref: string) => Json): ChunkHistory {
  const byKey = new Map(results.map((row) => [row.key, row]));
  const items = outer.rows.map(({ key }, number): ItemHistory => {
    const { known, carried: own, stages } = openItem(outer, number);
    const row = byKey.get(key);
    const carried = row === undefined ? own : (row.output ?? null);
    const status = row?.status ?? (outer.fan.ended && known.status === 'interrupted' ? 'cancelled' : known.status);
    const error =
      status !== 'failed' ? null : row?.error === undefined ? known.error : { ...row.error, step: known.error?.step ?? outer.fan.node };
    return {
      ...known,
      key,
      status,
      degraded: row === undefined ? known.degraded : row.degraded === true,
      output: carried === null ? null : 'v' in carried ? carried.v : read(carried.ref),
      error,
      stages: Object.fromEntries(outer.fan.stages.map((id) => [id, finishStage(stages.get(id), status, row === undefined)])),
    };
  });
  return { node: outer.fan.node, chunk: outer.chunk, items };
}

const untouched: StageHistory = { status: 'not_reached', attempts: 0, ms: 0, degraded: false, reused: false, reason: null };

/** In an item that has settled nothing is interrupted: what had begun was cancelled with it. */
function finishStage(stage: StageHistory | undefined, status: ItemHistory['status'], live: boolean): StageHistory {
  if (stage === undefined) return untouched;
  return stage.status === 'interrupted' && !(live && status === 'interrupted') ? { ...stage, status: 'cancelled' } : stage;
}

function openItem(outer: Outer, number: number): Item {
  const known = outer.items.get(number);
  if (known !== undefined) return known;
  const item: Item = {
    settled: false,
    carried: null,
    known: {
      key: '',
      status: 'interrupted',
      startedAt: null,
      endedAt: null,
      degraded: false,
      output: null,
      error: null,
      stages: {},
      artifacts: [],
    },
    stages: new Map(),
  };
  outer.items.set(number, item);
  return item;
}

function openStage(item: Item, id: string): Draft<StageHistory> {
  const known = item.stages.get(id) ?? { ...untouched };
  item.stages.set(id, known);
  return known;
}

function stageOf(fan: Fan, node: string): string | null {
  return fan.stages.find((id) => id === fan.node || node === id || node.startsWith(`${id}/`)) ?? null;
}

function sameError(a: Failure, b: Failure): boolean {
  return a.code === b.code && a.message === b.message;
}
