/** What an earlier run of the flow tells about the next one, as a fold of its events. */

import { childrenOf, noUsage, plannedId, ROOT } from '@scriptorium/core';
import type { Flow, Instant, Ms, Node, Recorded, RunSummary, Usage } from '@scriptorium/core';
import { add, nothing } from './amount.ts';
import type { Amount } from './amount.ts';

/** Most events of one run that are read: enough for 10,000 attempts. Of a larger run only its beginning counts. */
export const MAX_EVENTS = 50_000;
/** Most runs that are read, the newest first. */
export const MAX_RUNS = 10;

/** Of one step, of its attempts that ended. */
export interface StepSample {
  readonly ms: Amount;
  readonly usd: Amount;
  readonly tokens: Amount;
  readonly bytes: Amount;
  /** Attempts that succeeded. */
  readonly done: number;
  /** How often an `each` opened. */
  readonly opened: number;
  /** Attempts that a service refused for being too many. */
  readonly throttled: number;
}

export interface PastRun {
  readonly run: string;
  readonly version: string;
  readonly startedAt: Instant;
  /** Null where it does not tell how long such a run takes: it waited for something, or only its beginning was read. */
  readonly activeMs: Ms | null;
  /** By the path of an outermost `each`. */
  readonly fans: ReadonlyMap<string, { readonly items: number; readonly workers: number }>;
  readonly steps: ReadonlyMap<string, StepSample>;
}

export const noSample: StepSample = { ms: nothing, usd: nothing, tokens: nothing, bytes: nothing, done: 0, opened: 0, throttled: 0 };

const THROTTLES: ReadonlySet<string> = new Set(['rate_limited', 'overloaded']);

/** `events` in the journal's order, at most {@link MAX_EVENTS}. */
export function pastRunOf(flow: Flow, { run, flow: { version }, startedAt }: RunSummary, events: readonly Recorded[]): PastRun {
  const fans = new Map<string, { readonly items: number; readonly workers: number }>();
  const steps = new Map<string, StepSample>();
  const reserved = new Map<string, Usage>();
  const outermost = new Set(outermostFans(flow.root).map(({ id }) => id));
  let waited = false;
  for (const { actor, event } of events) {
    if (event.type === 'wait.begun') waited = true;
    if (!('node' in event)) continue;
    const spot = `${actor}|${'item' in event ? event.item : ''}|${event.node}`;
    const id = plannedId(event.node);
    const sample = steps.get(id) ?? noSample;
    switch (event.type) {
      case 'each.opened':
        steps.set(id, { ...sample, opened: sample.opened + 1 });
        if (outermost.has(id) && actor === ROOT) fans.set(id, { items: event.total, workers: event.workers });
        break;
      case 'attempt.started':
        reserved.set(spot, event.reserved ?? noUsage);
        break;
      case 'attempt.succeeded': {
        const bytes = event.artifacts.reduce((sum, artifact) => sum + artifact.bytes, 0);
        const used = event.used ?? reserved.get(spot) ?? noUsage;
        steps.set(id, { ...attempted(sample, event.ms, used), bytes: add(sample.bytes, bytes), done: sample.done + 1 });
        reserved.delete(spot);
        break;
      }
      case 'attempt.failed': {
        const throttled = sample.throttled + (THROTTLES.has(event.error.code) ? 1 : 0);
        steps.set(id, { ...attempted(sample, event.ms, event.used ?? reserved.get(spot) ?? noUsage), throttled });
        reserved.delete(spot);
        break;
      }
      default:
    }
  }
  const whole = events.length < MAX_EVENTS && !waited;
  return { run, version, startedAt, activeMs: whole ? activeTime(events) : null, fans, steps };
}

/** The outermost `each` steps of a flow. */
export function outermostFans(node: Node): readonly Node[] {
  return node.each !== undefined ? [node] : childrenOf(node).flatMap(outermostFans);
}

function attempted(sample: StepSample, ms: Ms, used: Usage): StepSample {
  return { ...sample, ms: add(sample.ms, ms), usd: add(sample.usd, used.usd), tokens: add(sample.tokens, used.tokens) };
}

/** Without pauses and interruptions. */
function activeTime(events: readonly Recorded[]): Ms {
  let [active, held] = [0, false];
  let last: Instant | null = null;
  for (const { at, event } of events) {
    const isGap = event.type === 'run.interrupted' && event.reason === 'crashed';
    if (last !== null && !held && !isGap) active += Math.max(0, at - last);
    if (event.type === 'run.paused' || event.type === 'run.interrupted' || event.type === 'run.parked') held = true;
    if (event.type === 'run.resumed') held = false;
    last = at;
  }
  return active;
}
