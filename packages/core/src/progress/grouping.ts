/** Errors of a run in groups: same step, same code, same message but for what differs from item to item. */

import type { Failure } from '../errors.ts';
import { isWithin } from '../scopes/visiting.ts';
import { fingerprint } from './fingerprint.ts';
import type { ErrorGroup } from './figures.ts';

/** Beyond this many groups, the errors of one step and code share one. */
const MAX_GROUPS = 500;
const MAX_SHOWN = 50;
const MAX_EXAMPLE = 500;

interface Group {
  readonly step: string;
  readonly code: string;
  readonly pattern: string;
  count: number;
  caught: number;
  retried: number;
  readonly example: ErrorGroup['example'];
}

/** What is known of one item of one actor while it is in flight. */
interface Trail {
  /** By step: the error of its last attempt, which counts as retried until the step turns out to have failed by it. */
  readonly pending: Map<string, Group>;
  /** The error that is on its way up through the scopes, and the last step that it ended. */
  rising: { readonly node: string; readonly code: string; readonly message: string } | null;
}

export interface ErrorGroups {
  readonly groups: Map<string, Group>;
  readonly trails: Map<string, Map<number, Trail>>;
}

/** Where an error arose. */
export interface Spot {
  readonly actor: string;
  readonly item: number;
  readonly node: string;
  readonly key: string | null;
}

export function noGroups(): ErrorGroups {
  return { groups: new Map(), trails: new Map() };
}

export function attemptErred(errors: ErrorGroups, spot: Spot, error: Failure): void {
  const group = groupOf(errors, spot, error);
  group.retried += 1;
  trailOf(errors, spot).pending.set(spot.node, group);
}

/** A step failed, or a `catch` took over. A scope that fails by the error of a step in it is not counted again. */
export function stepErred(errors: ErrorGroups, spot: Spot, error: Failure, caught: boolean): void {
  const trail = trailOf(errors, spot);
  const { rising } = trail;
  const below = rising !== null && rising.node !== spot.node && isWithin(rising.node, spot.node);
  const risen = below && rising.code === error.code && rising.message === error.message;
  const group = risen ? groupOf(errors, { ...spot, node: rising.node }, error) : groupOf(errors, spot, error);
  if (trail.pending.get(spot.node) === group) group.retried -= 1;
  trail.pending.delete(spot.node);
  if (!risen) group.count += 1;
  if (caught) group.caught += 1;
  trail.rising = caught ? null : { node: risen ? rising.node : spot.node, code: error.code, message: error.message };
}

export function stepSettled(errors: ErrorGroups, spot: Spot): void {
  errors.trails.get(spot.actor)?.get(spot.item)?.pending.delete(spot.node);
}

export function forgetItem(errors: ErrorGroups, actor: string, item: number): void {
  const items = errors.trails.get(actor);
  items?.delete(item);
  if (items?.size === 0) errors.trails.delete(actor);
}

export function forgetActor(errors: ErrorGroups, actor: string): void {
  errors.trails.delete(actor);
}

/** The most frequent first. */
export function showGroups(errors: ErrorGroups): ErrorGroup[] {
  const groups = [...errors.groups.values()].filter((group) => group.count + group.retried > 0);
  groups.sort((a, b) => b.count - a.count || b.retried - a.retried);
  return groups.slice(0, MAX_SHOWN).map((group) => ({ ...group }));
}

function trailOf(errors: ErrorGroups, spot: Spot): Trail {
  const items = errors.trails.get(spot.actor) ?? new Map<number, Trail>();
  errors.trails.set(spot.actor, items);
  const trail = items.get(spot.item) ?? { pending: new Map<string, Group>(), rising: null };
  items.set(spot.item, trail);
  return trail;
}

function groupOf(errors: ErrorGroups, spot: Spot, error: Failure): Group {
  const exact = fingerprint(error.message);
  const known = errors.groups.get(`${spot.node}\n${error.code}\n${exact}`);
  if (known !== undefined) return known;
  const pattern = errors.groups.size >= MAX_GROUPS ? '(other messages)' : exact;
  const id = `${spot.node}\n${error.code}\n${pattern}`;
  const example = { key: spot.key, message: error.message.slice(0, MAX_EXAMPLE), fix: error.fix ?? null };
  const group = errors.groups.get(id) ?? { step: spot.node, code: error.code, pattern, count: 0, caught: 0, retried: 0, example };
  errors.groups.set(id, group);
  return group;
}
