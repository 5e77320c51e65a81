/** What every answer looks at, and what a step's trail says of where it stands. */

import { chunkId, planOf, retryAfter, ROOT, unreachable } from '@scriptorium/core';
import type { Flow, Instant, NextTry, Node, PoolStatus, Recorded, RunSummary } from '@scriptorium/core';
import type { Evidence, Explanation, Help, Reason, Standing, Words } from './explanation.ts';
import { evidenceOf, lastOf } from './history.ts';
import type { History, Spot, StepEntry } from './history.ts';

export interface Scene {
  readonly flow: Flow;
  readonly summary: RunSummary;
  readonly history: History;
  readonly pools: readonly PoolStatus[];
  readonly now: Instant;
  readonly words: Words;
}

/** A spot with the key of the item that was asked about. */
export interface Asked extends Spot {
  readonly key: string | null;
}

/** Where an item of the run's outermost `each` is worked on; null before the `each` has opened. */
export function itemSpot(history: History, fan: string, index: number): Spot | null {
  const opened = lastOf(history.trail({ actor: ROOT, item: 0, node: fan }), 'each.opened');
  if (opened === undefined) return null;
  const chunk = Math.floor(index / opened.event.pageSize);
  return { actor: chunkId(ROOT, 0, fan, chunk), item: index - chunk * opened.event.pageSize, node: fan };
}

/** The step and those around it that fan out, the outermost first. */
export function fansAround(flow: Flow, step: string): readonly Node[] {
  const fans: Node[] = [];
  const plan = planOf(flow);
  for (let at = plan.get(step) ?? null; at !== null; at = at.scope ?? at.catches?.scope ?? null)
    if (at.node.each !== undefined) fans.unshift(at.node);
  return fans;
}

export function nodeOf({ flow }: Scene, id: string): Node {
  const node = planOf(flow).get(id)?.node;
  if (node === undefined) throw new RangeError(`the flow ${flow.name} has no step '${id}'`);
  return node;
}

export function lastEvent({ history }: Scene, spot: Spot): StepEntry | undefined {
  return history.trail(spot).at(-1);
}

export function standingOf(scene: Scene, spot: Spot): Standing {
  const event = lastEvent(scene, spot)?.event;
  if (event === undefined) return scene.summary.endedAt === null ? 'waiting' : 'not_reached';
  switch (event.type) {
    case 'attempt.started':
    case 'step.entered':
    case 'step.ended':
    case 'state.entered':
    case 'each.opened':
    case 'step.caught':
    case 'step.timed_out':
    case 'compensation.begun':
      return 'running';
    case 'retry.expired':
    case 'wait.over':
    case 'wait.unsubscribed':
    case 'wait.answered':
    case 'state.subscribed':
    case 'state.unsubscribed':
    case 'state.signalled':
      return 'running';
    case 'wait.begun':
    case 'wait.subscribed':
      return 'awaiting';
    case 'attempt.failed':
      return nextTry(scene, spot) === null ? 'running' : 'backing_off';
    case 'retry.due':
      return 'queued';
    case 'attempt.noted':
      return 'running';
    case 'attempt.continued':
      return 'queued';
    case 'attempt.lost':
      return event.reason === 'cancelled' ? 'cancelled' : 'queued';
    case 'attempt.succeeded':
    case 'compensation.noted':
      return 'succeeded';
    case 'attempt.reused':
      return 'reused';
    case 'step.settled':
      return event.degraded ? 'degraded' : 'succeeded';
    case 'step.skipped':
      return 'skipped';
    case 'step.failed':
      return 'failed';
    case 'step.cancelled':
    case 'wait.left':
      return 'cancelled';
    default:
      return unreachable(event);
  }
}

/** When the step is tried again after the failure that its trail ends with. */
export function nextTry(scene: Scene, spot: Spot): NextTry | null {
  const trail = scene.history.trail(spot);
  const failed = lastOf(trail, 'attempt.failed');
  if (failed === undefined || failed !== trail.at(-1)) return null;
  const losses = trail.filter(({ event }) => event.type === 'attempt.lost').length;
  const parts = trail.filter(({ event }) => event.type === 'attempt.continued');
  const { error, attempt } = failed.event;
  const began = trail.find(({ event }) => event.type === 'attempt.started' || event.type === 'attempt.failed');
  const since = (parts.at(-1) ?? began ?? failed).at;
  return retryAfter(
    nodeOf(scene, spot.node),
    { error, at: failed.at, attempt, since, losses, parts: parts.length },
    { run: scene.summary.run, ...spot },
  );
}

export function nameOf({ node, key }: Asked): string {
  const name = node === '' ? 'the flow' : node;
  return key === null ? name : `${name} of ${key}`;
}

export function reason(says: string, ...evidence: readonly (Recorded<{ readonly type: string }> | undefined)[]): Reason {
  return { says, evidence: evidenceOf(...evidence) };
}

export function reasonOn(says: string, evidence: readonly Evidence[]): Reason {
  return { says, evidence };
}

export function answerOf(
  scene: Scene,
  asked: Asked,
  told: { readonly standing: Standing; readonly answer: string; readonly because?: readonly Reason[]; readonly help?: readonly Help[] },
): Explanation {
  const { standing, answer, because = [], help = [] } = told;
  return { run: scene.summary.run, step: asked.node, item: asked.key, standing, answer, because, help };
}

export function endSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
