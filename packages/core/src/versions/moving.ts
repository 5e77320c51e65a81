/** An actor's state under another definition: its steps under the paths that they have there. Knows no flow. */

import { noActors } from '../by-actor.ts';
import { childId } from '../plan.ts';
import type { Signal } from '../waits/mail-event.ts';
import type { ActorState, ItemState, Machine, StepState } from '../state.ts';
import { mapPath, nameOf } from './path-map.ts';
import type { PathMap } from './path-map.ts';
import type { AssumedOutput } from './version-event.ts';

export function moveState(state: ActorState, map: PathMap, assumed: readonly AssumedOutput[]): ActorState {
  const open = new Map(
    [...state.open].map(([item, { steps, undoable }]) => [item, { steps: moveSteps(steps, map), undoable: moveNodes(undoable, map) }]),
  );
  const kind =
    state.kind.type === 'chunk'
      ? { ...state.kind, undoable: moveNodes(state.kind.undoable, map) }
      : { ...state.kind, mail: { ...state.kind.mail, signals: moveSignals(state.kind.mail.signals, map), subscribers: noActors } };
  return assumeOutputs(
    { ...state, kind, open, completed: moveNodes(state.completed, map), returns: moveSignals(state.returns, map) },
    assumed,
  );
}

/** Of the steps of one item; what is gone is forgotten. */
export function moveSteps(steps: ItemState['steps'], map: PathMap): ItemState['steps'] {
  return new Map(
    [...steps].flatMap(([id, step]): [string, StepState][] => {
      const target = mapPath(map, id);
      if (target === null) return [];
      return [[target, moveStep(id, step, map)]];
    }),
  );
}

/** The definition may ask for other signals now, so whoever waits asks the root anew. */
function moveStep(id: string, step: StepState, map: PathMap): StepState {
  if (step.type === 'waiting') return { ...step, subscribed: false };
  return step.type === 'entered' && step.machine !== null ? { ...step, machine: moveMachine(id, step.machine, map) } : step;
}

/** With the waits, under their new paths, whose contract each breaks. */
function moveSignals(signals: readonly Signal[], map: PathMap): readonly Signal[] {
  return signals.map((signal) => ({ ...signal, unfit: signal.unfit.flatMap((node) => mapPath(map, node) ?? []) }));
}

function moveNodes<T extends { readonly node: string }>(list: readonly T[], map: PathMap): readonly T[] {
  return list.flatMap((one) => {
    const node = mapPath(map, one.node);
    return node === null ? [] : [{ ...one, node }];
  });
}

export function assumeOutputs(state: ActorState, assumed: readonly AssumedOutput[]): ActorState {
  const open = new Map(state.open);
  for (const { item, node, output } of assumed) {
    const known = open.get(item);
    const steps = new Map(known?.steps).set(node, { type: 'succeeded', output, degraded: false });
    open.set(item, { steps, undoable: known?.undoable ?? [] });
  }
  return { ...state, open };
}

function moveMachine(scope: string, machine: Machine, map: PathMap): Machine {
  const named = <T>(entries: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map(
      [...entries].flatMap(([state, value]): [string, T][] => {
        const target = mapPath(map, childId(scope, state));
        return target === null ? [] : [[nameOf(target), value]];
      }),
    );
  const current = nameOf(mapPath(map, childId(scope, machine.current)) ?? machine.current);
  return { ...machine, subscribed: false, current, visits: named(machine.visits), outputs: named(machine.outputs) };
}
