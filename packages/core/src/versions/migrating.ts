/**
 * What it means for a run to go on with another definition: judged from the two definitions and the states of the run's
 * actors, before anything is changed.
 *
 * 1. What has settled keeps its output. What is gone is forgotten only if nothing of it is under way.
 * 2. What is under way goes on under its new path, as the same kind of step.
 * 3. Nothing that has begun may have to wait for a step that comes before it and is new: `assume` gives that an output.
 */

import type { Flow, Node } from '../ir.ts';
import { placeOf, planOf } from '../plan.ts';
import type { Place, Plan } from '../plan.ts';
import type { ActorState, StepState } from '../state.ts';
import type { Undoable } from '../compensation/compensation-event.ts';
import { compareFlows } from './difference.ts';
import type { FlowDifference } from './difference.ts';
import { assumeOutputs, moveSteps } from './moving.ts';
import { mapPath, nameOf, parentOf } from './path-map.ts';
import type { PathMap } from './path-map.ts';
import type { AssumedOutput } from './version-event.ts';
import { compareVersions } from './version.ts';

export type MigrationPlan =
  | { readonly type: 'unaffected' }
  /** The run stays with its definition, and goes on with it. */
  | { readonly type: 'pinned'; readonly reason: string }
  | { readonly type: 'blocked'; readonly reasons: readonly string[] }
  | {
      readonly type: 'migratable';
      readonly map: PathMap;
      /** By actor. */
      readonly assumed: ReadonlyMap<string, readonly AssumedOutput[]>;
      /** Paths of steps whose policies the run adopts. */
      readonly adopted: readonly string[];
    };

/** Whether an output fits a contract. */
export type Fits = (returns: Node['returns'], output: Extract<StepState, { type: 'succeeded' }>['output']) => boolean;

/** `actors` are those of the run that have not settled. */
export function planMigration(older: Flow, newer: Flow, actors: readonly ActorState[], fits: Fits): MigrationPlan {
  if (older.hash === newer.hash) return { type: 'unaffected' };
  const difference = compareFlows(older, newer);
  const pinned = pinnedBy(older, newer, difference);
  if (pinned !== null) return { type: 'pinned', reason: pinned };
  const { migration } = difference;
  const map = migration?.map ?? {};
  const move: Move = { before: planOf(older), after: planOf(newer), map, fits };
  const given = Object.entries(migration?.assume ?? {}).map(([node, tpl]) => ({ node, output: { v: 'lit' in tpl ? tpl.lit : null } }));
  const assumed = new Map(actors.map((actor) => [actor.id, given.flatMap((one) => assumedBy(move, actor, one))]));
  const reasons = new Set(actors.flatMap((actor) => blockersOf(move, actor, assumed.get(actor.id) ?? [])));
  if (reasons.size > 0) return { type: 'blocked', reasons: [...reasons] };
  const adopted = difference.changes.filter(({ bump }) => bump === 'patch').map(({ path, what }) => (path === '' ? what : path));
  return { type: 'migratable', map, assumed, adopted: [...new Set(adopted)] };
}

function pinnedBy(older: Flow, newer: Flow, { bump, migration }: FlowDifference): string | null {
  const order = compareVersions(older.version, newer.version);
  if (order > 0) return `it is of version ${older.version} already`;
  if (order === 0) return `the definition differs, and its version is ${newer.version} all the same: raise it`;
  return bump === 'major' && migration === null ? `no entry of \`migrate\` has a \`from\` that covers ${older.version}` : null;
}

interface Move {
  readonly before: Plan;
  readonly after: Plan;
  readonly map: PathMap;
  readonly fits: Fits;
}

/** The items of an actor that are past the step, so that it will not run in them. */
function assumedBy(move: Move, actor: ActorState, { node, output }: Omit<AssumedOutput, 'item'>): readonly AssumedOutput[] {
  const { scope } = placeOf(move.after, node);
  if (scope === null) return [];
  const later = dependents(scope, nameOf(node));
  return [...actor.open].flatMap(([item, state]) => {
    const steps = moveSteps(state.steps, move.map);
    const isPast = steps.get(scope.node.id)?.type === 'entered' && !steps.has(node) && later.some((id) => steps.has(id));
    return isPast ? [{ item, node, output }] : [];
  });
}

/** Ids of the steps of a scope that wait for the step of that name, however indirectly. */
function dependents(scope: Place, name: string): readonly string[] {
  const found = new Set<string>([name]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const [sibling, { node }] of scope.steps) if (node.needs.some((need) => found.has(need))) found.add(sibling);
  }
  found.delete(name);
  return [...found].flatMap((sibling) => scope.steps.get(sibling)?.node.id ?? []);
}

function blockersOf(move: Move, actor: ActorState, assumed: readonly AssumedOutput[]): readonly string[] {
  const { kind } = actor;
  if (kind.type === 'chunk' && mapPath(move.map, kind.node) !== kind.node)
    return [`items of ${kind.node} are under way, and it has another path`];
  const later = assumeOutputs(
    {
      ...actor,
      open: new Map([...actor.open].map(([item, { steps, undoable }]) => [item, { steps: moveSteps(steps, move.map), undoable }])),
    },
    assumed,
  );
  const undoable = [...(kind.type === 'chunk' ? kind.undoable : []), ...[...actor.open.values()].flatMap((item) => item.undoable)];
  return [...undoable.flatMap((one) => undoBlocker(move, one) ?? []), ...stepBlockers(move, actor, later)];
}

function stepBlockers(move: Move, actor: ActorState, later: ActorState): readonly string[] {
  const { kind } = actor;
  return [...actor.open].flatMap(([item, { steps }]) => {
    const moved = later.open.get(item)?.steps ?? new Map<string, StepState>();
    return [...steps].flatMap(([id, step]) => {
      const isItem = kind.type === 'chunk' && kind.node === id;
      return blockerOf(move, id, step, isItem) ?? (isItem ? null : waitOf(move, id, step, moved)) ?? [];
    });
  });
}

/** What completed stays undoable; what a chunk handed on is stored under the paths that its steps had. */
function undoBlocker({ after, map }: Move, { type, node }: Undoable): string | null {
  const target = mapPath(map, node);
  const isMoved = Object.keys(map).some((path) => path === node || path.startsWith(`${node}/`) || node.startsWith(`${path}/`));
  if (type === 'page') return isMoved ? `items of ${node} can be undone, and it has other paths` : null;
  return target !== null && after.get(target)?.node.compensate !== undefined
    ? null
    : `${node} can be undone, and the new definition does not say how`;
}

/** Why one step's state cannot be what it is under the new definition. */
function blockerOf(move: Move, id: string, step: StepState, isItem: boolean): string | null {
  const target = mapPath(move.map, id);
  const isActive = !isOver(step);
  if (target === null) return isActive ? `${id} is ${wordOf(step)}, and is gone` : null;
  const [was, is] = [move.before.get(id)?.node, move.after.get(target)?.node];
  if (was === undefined || is === undefined) return `${id} is not in the new definition, and \`migrate\` does not say what becomes of it`;
  const parent = mapPath(move.map, parentOf(id));
  if (parent !== parentOf(target)) return `${id} is in another scope now`;
  if ((was.each === undefined) !== (is.each === undefined))
    return `${id} ${is.each === undefined ? 'has no items any more' : 'has items now'}`;
  if (isActive && was.do.k !== is.do.k) return `${id} is ${wordOf(step)}, and is another kind of step now`;
  if (step.type === 'undoing') return `${id} is being undone`;
  if (step.type === 'fanned') return fanBlocker(id, target, is, step);
  if (step.type === 'entered') return machineBlocker(move, id, target, step);
  if (step.type === 'caught') return catchBlocker(id, was, is, step.catch);
  const isWhole = is.each !== undefined && !isItem;
  const isNarrowed = step.type === 'succeeded' && !isWhole && JSON.stringify(was.returns) !== JSON.stringify(is.returns);
  return isNarrowed && !move.fits(is.returns, step.output) ? `the output of ${id} does not fit its new contract` : null;
}

function fanBlocker(id: string, target: string, is: Node, { env }: Extract<StepState, { type: 'fanned' }>): string | null {
  if (target !== id) return `items of ${id} are under way, and it has another path`;
  const missing = is.each?.captures.filter((name) => !Object.hasOwn(env, name)) ?? [];
  return missing.length === 0 ? null : `items of ${id} began without ${missing.join(', ')}, which its steps read now`;
}

function machineBlocker(move: Move, id: string, target: string, { machine }: Extract<StepState, { type: 'entered' }>): string | null {
  if (machine === null) return null;
  const current = id === '' ? machine.current : `${id}/${machine.current}`;
  const state = mapPath(move.map, current);
  if (state === null) return `${current} is the state that it is in, and is gone`;
  return parentOf(state) === target && move.after.has(state)
    ? null
    : `${current} is the state that it is in, and is no state of ${target} any more`;
}

function catchBlocker(id: string, was: Node, is: Node, index: number): string | null {
  const [before, after] = [was.catch[index], is.catch[index]];
  const isSame = after !== undefined && before?.to === after.to && (before?.do === undefined) === (after.do === undefined);
  return isSame ? null : `${id} is being replaced by a catch that is gone`;
}

/** Why what has begun would have to wait for what is new. */
function waitOf(move: Move, id: string, step: StepState, moved: ReadonlyMap<string, StepState>): string | null {
  const target = mapPath(move.map, id);
  if (target === null || isOver(step) || step.type === 'fanned') return null;
  const { node, scope } = placeOf(move.after, target);
  const open = node.needs.find((need) => {
    const sibling = scope?.steps.get(need)?.node.id;
    const state = sibling === undefined ? undefined : moved.get(sibling);
    return sibling !== undefined && state?.type !== 'succeeded' && state?.type !== 'skipped';
  });
  return open === undefined ? null : `${id} has begun, and waits for ${open} now: give \`assume\` an output for it`;
}

function isOver(step: StepState): boolean {
  return step.type === 'succeeded' || step.type === 'skipped' || step.type === 'failed' || step.type === 'cancelled';
}

function wordOf(step: StepState): string {
  switch (step.type) {
    case 'running':
    case 'again':
    case 'erred':
      return 'being tried';
    case 'caught':
      return 'being replaced by its catch';
    default:
      return 'under way';
  }
}
