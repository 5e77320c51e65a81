/** What the facts of {@link VersionEvent} change about an actor's state. */

import { unreachable } from '../errors.ts';
import type { Settings } from '../settings.ts';
import type { ActorState, RootKind } from '../state.ts';
import { assumeOutputs, moveState } from './moving.ts';
import type { VersionEvent } from './version-event.ts';

/** Which events count after a rollback is for whoever folds to say: see {@link effectiveEvents}. */
export function evolveVersion(state: ActorState, event: VersionEvent): ActorState {
  switch (event.type) {
    case 'run.parked':
      return withRoot(state, { held: 'parked' });
    case 'run.code_changed':
      return withRoot(state, { handlers: event.handlers });
    case 'run.migrated':
      return withRoot(moveState(state, event.map, event.assumed), {
        flow: event.flow.hash,
        handlers: event.handlers,
        ...(state.kind.type === 'root' ? { options: { ...state.kind.options, modules: event.modules } } : {}),
      });
    case 'actor.migrated':
      return moveState(state, event.map, event.assumed);
    case 'run.forked': {
      const { parent, gseq, step, input, settings, handlers, only } = event;
      const fork = { parent, gseq, step, ...(only === undefined ? {} : { only }) };
      const forked = withRoot(assumeOutputs(state, event.outputs), { held: null, handlers, fork, ...(input === null ? {} : { input }) });
      return settings === undefined ? forked : configured(forked, settings);
    }
    case 'run.rolled_back':
      return withRoot(state, { held: 'interrupted' });
    case 'actor.rolled_back':
      return state;
    default:
      return unreachable(event);
  }
}

/** With settings in place of those before; null takes one back. */
export function configured(state: ActorState, settings: Settings): ActorState {
  if (state.kind.type !== 'root') return state;
  const { options } = state.kind;
  const known = Object.entries({ ...options.settings, ...settings }).filter(([, value]) => value !== null);
  return withRoot(state, { options: { ...options, settings: Object.fromEntries(known) } });
}

function withRoot(state: ActorState, change: Partial<RootKind>): ActorState {
  return state.kind.type === 'root' ? { ...state, kind: { ...state.kind, ...change } } : state;
}
