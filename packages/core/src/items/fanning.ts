/**
 * One step into one per item: opening the list, handing chunks and slots out, judging the outcome.
 *
 * 1. Slots in use over all live chunks never exceed `workers`.
 * 2. Chunks are spawned in item order, each when there are slots for it.
 * 3. Once its `until` holds, the live chunks are recalled; the step settles with what is there.
 * 4. More failures than tolerated recall the live chunks; the step fails when the last of them has settled.
 */

import { recallChunks } from '../failures/cancelling.ts';
import { failScope } from '../compensation/compensating.ts';
import { countedNames, endItems, isOver } from '../scopes/ending.ts';
import { isGrave } from '../errors.ts';
import { valueAt } from '../by-number.ts';
import type { Command } from '../commands.ts';
import { chunkId } from '../events.ts';
import type { Event } from '../events.ts';
import { evaluate } from '../expr/evaluate.ts';
import { fill } from '../expr/template.ts';
import { Collection } from '../expr/value.ts';
import type { Value } from '../expr/value.ts';
import { failStep } from '../failures/failing.ts';
import { CHUNK_SIZE, fanFailure } from './fan.ts';
import type { Each, Mode, Tpl } from '../ir.ts';
import type { Json } from '../json.ts';
import { carry, namesOf } from '../names.ts';
import type { Names } from '../names.ts';
import type { Place } from '../plan.ts';
import { duplicateKey, grouped, listingOf, rowsOf, shortened, takeFirst } from './rows.ts';
import { append, iterationIn } from '../scene.ts';
import type { Scene } from '../scene.ts';
import type { FannedStep } from '../state.ts';

/** Items in flight of a step that does not say `workers`. */
export const DEFAULT_WORKERS = 10;

export function decideOpen(scene: Scene, item: number, place: Place, names: Names): readonly Command[] {
  const { node } = place;
  const each = node.each;
  if (each === undefined) return [];
  const list = listingOf(fill(each.in, names));
  if (list === null) return failStep(scene, item, place, { code: 'expression', message: `each.in of ${node.id} is not a list` });
  const groups = isSingle(each.batch) ? list : grouped(list, Math.max(1, wholeNumber(fill(each.batch, names)) ?? 1));
  const all = rowsOf(groups, (value, index) => keyOf(each, value, index, names));
  // Places in the list are never the same.
  const twice = each.key === undefined ? null : duplicateKey(all);
  if (twice !== null) {
    return failStep(scene, item, place, {
      code: 'each.duplicate_key',
      message: `two items of ${node.id} have the key ${JSON.stringify(twice)}`,
    });
  }
  const rows = takeFirst(all, scene.state.kind.type === 'root' ? scene.state.kind.options.limit : null);
  const opened = {
    type: 'each.opened',
    item,
    node: node.id,
    total: rows.size,
    of: all.size,
    pageSize: CHUNK_SIZE,
    workers: Math.max(1, wholeNumber(fill(each.workers, names)) ?? DEFAULT_WORKERS),
    tolerate: toleranceOf(fill(each.tolerate, names), rows.size, scene.mode),
    env: captureEnv(each, names),
  } as const;
  return [{ k: 'open', item, node: node.id, rows: shortened(rows), opened }];
}

/** Only a batch that was left out gives the items themselves; one that is computed gives lists, even of one. */
function isSingle(batch: Tpl): boolean {
  return 'lit' in batch && batch.lit === 1;
}

function keyOf(each: Each, value: Json, index: number, names: Names): string {
  if (each.key === undefined) return String(index);
  const key = evaluate(each.key.$, (name) => (name === each.as ? value : name === 'index' ? index : names(name)));
  return typeof key === 'string' ? key : JSON.stringify(key);
}

function wholeNumber(value: Value): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? Math.floor(value) : null;
}

/**
 * STRICT tolerates nothing, BEST_EFFORT everything, FLEXIBLE what the step says: a count, or a share such as `10%`. Of
 * several items a share is one at least: who lets a tenth fail does not mean that of nine books none may.
 */
function toleranceOf(value: Value, total: number, mode: Mode): number | null {
  if (mode === 'strict') return 0;
  if (mode === 'best_effort') return null;
  if (typeof value !== 'string' || !value.endsWith('%')) return wholeNumber(value) ?? 0;
  const percent = Number(value.slice(0, -1));
  return Math.max(Math.floor((total * percent) / 100), percent > 0 && total > 1 ? 1 : 0);
}

/** The outer names that the body reads; `run` always goes along, because it holds the mode. */
function captureEnv(each: Each, names: Names): Extract<Event, { type: 'each.opened' }>['env'] {
  const wanted = new Set([...each.captures, 'run']);
  const entries = [...wanted]
    .map((name) => [name, names(name)] as const)
    .filter((entry): entry is readonly [string, Value] => entry[1] !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, carry(value)]));
}

export function decideFan(scene: Scene, item: number, place: Place, step: FannedStep): readonly Command[] {
  const failure = fanFailure(place, step);
  if (step.ended && (failure === null || !isGrave(failure))) return endItems(scene, item, place, step) ?? [settleFan(item, place, step)];
  if (failure !== null) return recallChunks(scene, item, place, step) ?? failScope(scene, item, place, failure);
  if (step.results.size === chunkCount(step)) return [settleFan(item, place, step)];
  const until = place.node.each?.until;
  const over = until === undefined ? false : isOver(until, countedNames(step, namesOf(scene.plan, scene.state, item, place, scene.values)));
  if (over === true) return [append({ type: 'step.ended', item, node: place.node.id })];
  if (over !== false) return recallChunks(scene, item, place, step) ?? failScope(scene, item, place, over);
  return handOutSlots(scene, item, place, step);
}

function chunkCount(step: FannedStep): number {
  return Math.ceil(step.total / step.pageSize);
}

function settleFan(item: number, place: Place, step: FannedStep): Command {
  const pages = Array.from({ length: chunkCount(step) }, (_, chunk) => valueAt(step.results, chunk) ?? []).flat();
  const collection = (side: 'ok' | 'failed', size: number): Collection => new Collection(side, size, pages, () => []);
  const output = { ok: collection('ok', step.done.succeeded), failed: collection('failed', step.done.failed) };
  return append({ type: 'step.settled', item, node: place.node.id, output: carry(output), degraded: step.done.degraded > 0 });
}

/** Free slots go to chunks that still have unopened items, then to new chunks. */
function handOutSlots(scene: Scene, item: number, place: Place, step: FannedStep): readonly Command[] {
  const commands: Command[] = [];
  const node = place.node.id;
  const iteration = iterationIn(scene, item, place);
  let free = step.workers - [...step.live.values()].reduce((sum, live) => sum + live.granted - live.returned, 0);
  for (const [chunk, live] of step.live) {
    const more = Math.min(free, live.size - live.granted);
    if (more <= 0 || live.returned > 0) continue;
    free -= more;
    const slots = live.granted + more;
    const to = chunkId(scene.state.id, item, node, chunk, iteration);
    commands.push({ k: 'tell', own: { type: 'chunk.slots', item, node, chunk, slots }, to, event: { type: 'chunk.granted', slots } });
  }
  for (let chunk = step.spawned; chunk < chunkCount(step) && free > 0; chunk += 1) {
    const size = Math.min(step.pageSize, step.total - chunk * step.pageSize);
    const slots = Math.min(free, size);
    free -= slots;
    commands.push(spawn(scene, item, place, step, { chunk, size, slots }));
  }
  return commands;
}

function spawn(
  scene: Scene,
  item: number,
  place: Place,
  step: FannedStep,
  { chunk, size, slots }: { readonly chunk: number; readonly size: number; readonly slots: number },
): Command {
  const node = place.node.id;
  const page = (scene.values.read(step.pages) as readonly string[])[chunk];
  if (page === undefined) throw new Error(`the list of pages of ${node} has no page ${chunk}`);
  const parent = { actor: scene.state.id, item };
  return {
    k: 'tell',
    own: { type: 'chunk.spawned', item, node, chunk, size, slots },
    to: chunkId(scene.state.id, item, node, chunk, iterationIn(scene, item, place)),
    event: { type: 'chunk.started', parent, node, chunk, offset: chunk * step.pageSize, size, page, env: step.env, slots },
  };
}
