/**
 * Which code a run goes on with. It was admitted with handlers of certain versions: one that is gone, outside of the
 * range that its step asks for, or of another major version (below 1.0.0: minor version) is not put in its place.
 */

import { isCompatible, satisfies } from '@scriptorium/core';
import type { CodeChange, Flow, HandlerVersions } from '@scriptorium/core';
import type { Registry } from '../calls/registry.ts';

export interface Misfit {
  readonly reason: string;
  readonly fix: string;
}

/** The versions of what the flow calls, as far as it is here. */
export function handlersOf(registry: Registry, flow: Flow): HandlerVersions {
  const found = registry.calledBy(flow).flatMap((uses) => registry.find(uses) ?? []);
  return Object.fromEntries(found.map(({ name, version }) => [name, version]));
}

/** Why a run of the flow that went by `pinned` cannot go on with what is here; null where it can. */
export function misfitOf(registry: Registry, flow: Flow, pinned: HandlerVersions | null): Misfit | null {
  for (const uses of registry.calledBy(flow)) {
    const [name = uses, range] = uses.split('@');
    const handler = registry.find(uses);
    if (handler === undefined)
      return { reason: `it calls ${name}, which no loaded module has`, fix: 'Put the module back that exports it, then resume the run.' };
    const { version } = handler;
    if (range !== undefined && !satisfies(version, range))
      return {
        reason: `it calls ${uses}, and ${name} is of version ${version}`,
        fix: `Put a version of ${name} back that fits, then resume the run.`,
      };
    const before = pinned?.[name];
    if (before !== undefined && before !== version && !isCompatible(before, version))
      return {
        reason: `it began with ${name} ${before}, and ${name} is of version ${version} now`,
        fix: `Put version ${before} of ${name} back and resume the run, or migrate it to a definition that is made for ${version}.`,
      };
  }
  return null;
}

export function codeChanges(pinned: HandlerVersions, present: HandlerVersions): readonly CodeChange[] {
  return Object.entries(present).flatMap(([handler, after]) => {
    const before = pinned[handler];
    return before === undefined || before === after ? [] : [{ handler, before, after }];
  });
}
