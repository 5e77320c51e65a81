/** Nothing begins before what it reads or needs has settled, in any item and in any visit of a state. */

import type { Recorded } from '@scriptorium/core';
import { dependsOn } from './data.ts';
import type { Plan, ScopePlan } from './plan.ts';

const endings: ReadonlySet<Recorded['event']['type']> = new Set(['attempt.succeeded', 'attempt.reused', 'step.settled', 'step.skipped']);

/** What began too early, as sentences. */
export function tooEarly({ body }: Plan, journal: readonly Recorded[]): readonly string[] {
  const needs = new Map<string, readonly string[]>();
  collect(body, '', needs);
  const settled = new Set<string>();
  const wrong: string[] = [];
  for (const { actor, event } of journal) {
    if (!('item' in event) || event.type === 'chunk.reported') continue;
    const spot = (node: string): string => `${actor} ${event.item} ${node}`;
    switch (event.type) {
      case 'attempt.started':
      case 'step.entered':
      case 'each.opened':
      case 'step.skipped':
        for (const need of needs.get(event.node) ?? [])
          if (!settled.has(spot(need)) && !isItem(actor, event.node)) wrong.push(`${event.node} began before ${need} had settled`);
        break;
      case 'state.entered':
        for (const one of settled) if (one.startsWith(spot(event.node === '' ? '' : `${event.node}/`))) settled.delete(one);
        break;
      default:
        break;
    }
    if (endings.has(event.type)) settled.add(spot(event.node));
  }
  return wrong;
}

/** Of an item's own body the whole has waited already. */
function isItem(actor: string, node: string): boolean {
  return actor.includes(`:${node.replaceAll('/', '.')}`);
}

function collect(scope: ScopePlan, path: string, needs: Map<string, readonly string[]>): void {
  const steps = scope.k === 'and' ? scope.steps : scope.states;
  for (const step of steps) {
    const id = path === '' ? step.name : `${path}/${step.name}`;
    const siblings = scope.k === 'and' ? dependsOn(step).filter((name) => steps.some((one) => one.name === name)) : [];
    needs.set(
      id,
      siblings.map((name) => (path === '' ? name : `${path}/${name}`)),
    );
    if (step.body.k === 'and' || step.body.k === 'or') collect(step.body, id, needs);
  }
}
