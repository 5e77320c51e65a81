/**
 * Which budgets a call must fit into: that of its step, those of the scopes around it, out to the flow's. Each is one
 * instance: of one item where there is an `each`, and of one visit where there are states.
 */

import type { Failure } from '../errors.ts';
import { ROOT } from '../events.ts';
import type { Budget, Flow } from '../ir.ts';
import type { Place } from '../plan.ts';
import { iterationOf, isRepeating } from '../scopes/visiting.ts';
import type { ActorState } from '../state.ts';
import type { PathMap } from '../versions/path-map.ts';
import type { BudgetScope, Usage } from './usage.ts';

/** Where a budget stands as seen from a step inside it. */
interface Around {
  readonly node: string;
  readonly budget: Budget;
  /** Chunks between the two. */
  readonly up: number;
  /** Scopes around it, within its actor, that do their work again and again. */
  readonly repeating: number;
}

const known = new WeakMap<Flow, Map<Place, readonly Around[]>>();

/** The innermost first. */
export function budgetsAround(flow: Flow, state: ActorState, item: number, place: Place): readonly BudgetScope[] {
  const around = aroundOf(flow, place);
  if (around.length === 0) return [];
  const spots = spotsAbove({ actor: state.id, item, iteration: iterationOf(state.open.get(item)?.steps, place.node.id) ?? '' });
  return around.map(({ node, budget, up, repeating }) => ({ id: scopeId(spots[up], node, repeating), node, budget }));
}

/** The budget of an account that calls name, in a run as a whole. */
export function accountScope({ name, budget }: { readonly name: string; readonly budget: Budget }): BudgetScope {
  return { id: `${ROOT}/accounts:@${name.replaceAll('/', '.')}`, node: name, budget };
}

/** Whether a run of the flow has anything to keep account of. */
export function hasBudgets(flow: Flow, places: Iterable<Place>): boolean {
  return flow.budget !== undefined || [...places].some(({ node }) => node.budget !== undefined);
}

/** The failure of a call that does not fit any more, whatever the calls under way still give back. */
export function budgetFailure({ id, node, budget }: BudgetScope, unit: keyof Usage, used: Usage, wanted: Usage): Failure {
  const limit = budget[unit] ?? 0;
  const owner = node === '' ? 'the flow' : node;
  const message = `the budget of ${owner} is ${amount(unit, limit)}, of which ${amount(unit, used[unit])} are used: a call that may use ${amount(unit, wanted[unit])} does not fit any more`;
  return { code: 'budget.exceeded', message, details: { scope: id, unit, limit, used: used[unit], wanted: wanted[unit] } };
}

/** The id of the same budget when steps have other paths; that of a step which is gone stays. */
export function moveBudgetId(id: string, map: PathMap): string {
  const { spot = '', node = '', visit = '' } = SCOPE.exec(id)?.groups ?? {};
  const paths = Object.entries(map).map(([from, to]) => [dotted(from), to] as const);
  const around = paths.filter(([from]) => node === from || node.startsWith(`${from}.`)).toSorted(([a], [b]) => b.length - a.length);
  const [from = '', to = null] = around[0] ?? [];
  return to === null ? id : `${spot}${dotted(to)}${node.slice(from.length)}${visit}`;
}

function amount(unit: keyof Usage, value: number): string {
  return unit === 'usd' ? `${value} USD` : `${value} ${value === 1 ? unit.slice(0, -1) : unit}`;
}

function aroundOf(flow: Flow, place: Place): readonly Around[] {
  const places = known.get(flow) ?? new Map<Place, readonly Around[]>();
  known.set(flow, places);
  const found = places.get(place) ?? findAround(flow, place);
  places.set(place, found);
  return found;
}

function findAround(flow: Flow, place: Place): readonly Around[] {
  const found: Around[] = [];
  let up = 0;
  for (let at: Place | null = place; at !== null; at = at.scope) {
    const budget = at.scope === null && at.catches === null ? flow.budget : at.node.budget;
    if (budget !== undefined) found.push({ node: at.node.id, budget, up, repeating: repeatingAround(at) });
    if (isBorder(at)) up += 1;
  }
  return found;
}

/** What works on the items of an `each` is in a chunk, also the body of a catch that stands in for it. */
function isBorder({ node, catches }: Place): boolean {
  return node.each !== undefined || catches?.node.each !== undefined;
}

function repeatingAround(place: Place): number {
  let count = 0;
  for (let at = place; at.scope !== null && !isBorder(at); at = at.scope) if (isRepeating(at.scope.node)) count += 1;
  return count;
}

interface Spot {
  readonly actor: string;
  readonly item: number;
  readonly iteration: string;
}

/** A chunk's id, taken apart; see {@link chunkId}. */
const CHUNK = /^(?<actor>.*)\/(?<item>\d+):[^/:@]*(?:@(?<iteration>[\d.]+))?:\d+$/;

/** A budget's id, taken apart; see {@link BudgetScope}. */
const SCOPE = /^(?<spot>.*:)(?<node>[^:@]*)(?<visit>@[\d.]+)?$/;

/** The spot itself, and the instance that fanned out around each. */
function spotsAbove(spot: Spot): readonly Spot[] {
  const spots = [spot];
  for (let match = CHUNK.exec(spot.actor); match !== null; match = CHUNK.exec(match.groups?.['actor'] ?? ROOT)) {
    const { actor = ROOT, item = '0', iteration = '' } = match.groups ?? {};
    spots.push({ actor, item: Number(item), iteration });
  }
  return spots;
}

function scopeId(spot: Spot | undefined, node: string, repeating: number): string {
  if (spot === undefined) throw new Error(`the budget of '${node}' lies around no actor`);
  const iteration = spot.iteration.split('.').slice(0, repeating).join('.');
  return `${spot.actor}/${spot.item}:${dotted(node)}${iteration === '' ? '' : `@${iteration}`}`;
}

/** A path in an id whose parts are parted by slashes. */
function dotted(path: string): string {
  return path.replaceAll('/', '.');
}
