/**
 * The items of one chunk: opening them, reporting how they fare, closing the chunk.
 *
 * 1. Items open in order, and no more are open than there are slots.
 * 2. The parent is told of failures and of slots that no item waits for; the result page goes with the last report.
 */

import { decideCancel } from '../failures/cancelling.ts';
import type { Command } from '../commands.ts';
import { noteCompletions, stuckIn } from '../compensation/compensating.ts';
import { cutOff, undoCutOff } from '../scopes/ending.ts';
import type { Event } from '../events.ts';
import { itemRow } from '../names.ts';
import { placeOf } from '../plan.ts';
import type { Place } from '../plan.ts';
import { append } from '../scene.ts';
import type { DecideStep, Scene } from '../scene.ts';
import type { ChunkKind } from '../state.ts';

/** `focus`: the items that changed since the last call, where known. */
export function decideChunk(
  scene: Scene,
  kind: ChunkKind,
  focus: readonly number[] | undefined,
  decideItem: DecideStep,
): readonly Command[] {
  const { state, plan } = scene;
  const place = placeOf(plan, kind.node);
  const notes = noteCompletions(scene);
  const commands: Command[] = [...notes];
  const completed = new Set(state.completed.map(({ item }) => item));
  const items = (focus ?? [...state.open.keys()]).filter((item) => state.open.has(item) && !completed.has(item));
  for (const item of items)
    commands.push(...(state.status === 'cancelling' ? cancelItem(scene, kind, item, place) : decideItem(item, place)));
  const cancelling = state.status === 'cancelling';
  if (notes.length > 0) return commands;
  if (cancelling ? state.open.size === 0 : state.results.size === kind.size) return [settleChunk(scene, kind)];
  if (!cancelling) commands.push(...openItems(scene, kind, place, decideItem), ...reportChunk(scene, kind));
  return commands;
}

function cancelItem(scene: Scene, kind: ChunkKind, item: number, place: Place): readonly Command[] {
  return decideCancel(scene, item, place) ?? (kind.cutOff ? undoCutOff(scene, item, place) : null) ?? [append(endOf(scene, item, place))];
}

/** Cancelled, unless something inside could not be undone: that is not to pass in silence. */
function endOf(scene: Scene, item: number, place: Place): Event {
  const at = { item, node: place.node.id };
  const stuck = stuckIn(scene, item, place, cutOff);
  return stuck === null
    ? { ...at, type: 'step.cancelled', reason: 'the chunk was cancelled' }
    : { ...at, type: 'step.failed', error: stuck };
}

/** As many unopened items, in order, as there are free slots. */
function openItems(scene: Scene, kind: ChunkKind, place: Place, decideItem: DecideStep): readonly Command[] {
  const { state } = scene;
  const commands: Command[] = [];
  let free = kind.granted - kind.returned - state.open.size;
  for (let item = kind.next; item < kind.size && free > 0; item += 1) {
    if (state.open.has(item) || state.results.has(item)) continue;
    free -= 1;
    commands.push(...decideItem(item, place));
  }
  return commands;
}

/**
 * Tells the parent when an item failed, or succeeded where `until` counts that, or when slots are left over because no
 * item waits for one.
 */
function reportChunk(scene: Scene, kind: ChunkKind): readonly Command[] {
  const { state, plan } = scene;
  const unopened = kind.size - state.results.size - state.open.size;
  const busy = Math.min(kind.granted - kind.returned, state.open.size + unopened);
  const returned = kind.granted - busy;
  const isCounted = placeOf(plan, kind.node).node.each?.until !== undefined;
  const isNews = state.counts.failed !== kind.reported.failed || (isCounted && state.counts.succeeded !== kind.reported.succeeded);
  if (returned === kind.returned && !isNews) return [];
  const event: Event = { ...reportOf(scene, kind), returned, page: null };
  return [{ k: 'tell', own: event, to: kind.parent.actor, event }];
}

function settleChunk(scene: Scene, kind: ChunkKind): Command {
  const { state, values } = scene;
  const rows = Array.from({ length: kind.size }, (_, item) => {
    const key = itemRow(state, item, values).key;
    const result = state.results.get(item) ?? { status: 'cancelled' as const };
    switch (result.status) {
      case 'succeeded':
        return { key, status: result.status, output: result.output, ...(result.degraded ? { degraded: true as const } : {}) };
      case 'failed':
        return { key, status: result.status, error: result.error };
      default:
        return { key, status: result.status };
    }
  });
  const cancelled = state.counts.cancelled + kind.size - state.results.size;
  return {
    k: 'settle',
    rows,
    to: kind.parent.actor,
    report: { ...reportOf(scene, kind), counts: { ...state.counts, cancelled }, returned: kind.granted },
    undo: kind.undoable,
  };
}

function reportOf(scene: Scene, kind: ChunkKind): Omit<Extract<Event, { type: 'chunk.reported' }>, 'page' | 'undo'> {
  const { state, values } = scene;
  const failure = kind.failure === null ? null : { key: itemRow(state, kind.failure.item, values).key, error: kind.failure.error };
  return {
    type: 'chunk.reported',
    item: kind.parent.item,
    node: kind.node,
    chunk: kind.chunk,
    counts: state.counts,
    returned: kind.returned,
    failure,
  };
}
