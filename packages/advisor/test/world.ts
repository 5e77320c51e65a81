/** A world in which the truth about runs is known: a flow, how long its calls take, and a schedule that obeys its limits. */

import { chunkId, ROOT } from '@scriptorium/core';
import type { Event, Flow, Limit, Node, Recorded, RunSummary } from '@scriptorium/core';
import { pastRunOf, planOfRun } from '../src/index.ts';
import type { PastRun, PlanRequest, RunPlan } from '../src/index.ts';

/** A step that calls a handler of its name. */
export const call = (id: string, more: Partial<Node> = {}): Node => ({
  id,
  needs: [],
  do: { k: 'call', uses: `t/${id.slice(id.lastIndexOf('/') + 1)}`, with: { lit: null } },
  retry: [],
  catch: [],
  returns: true,
  ...more,
});

/** `list` finds items; each is asked about at a service, then written down. */
export function flowOf(limits: { readonly [pool: string]: Limit }): Flow {
  const limited = 'api' in limits ? { limit: 'api' } : {};
  const workers = { expr: { $: 'input.workers', reads: ['input'] } };
  const each = { in: { lit: [] }, as: 'item', workers, batch: { lit: 1 }, tolerate: { lit: 0 }, captures: [] };
  const inside: Node = call('items', {
    each,
    do: { k: 'and', output: { lit: null }, steps: [call('items/ask', limited), call('items/write')] },
  });
  const root = call('', { do: { k: 'and', output: { lit: null }, steps: [call('list'), inside] } });
  return { ir: 1, expr: 1, name: 't/world', version: '1.0.0', hash: 'sha256:0', input: true, output: true, limits, migrate: [], root };
}

export interface World {
  readonly limits: { readonly [pool: string]: Limit };
  readonly items: number;
  readonly workers: number;
  /** Medians of the times of calls, and how their logarithms spread. */
  readonly ms: { readonly ask: number; readonly write: number };
  readonly spread: number;
  /** How the logarithm of the speed differs from run to run. */
  readonly drift: number;
  /** Of one call of `ask`. */
  readonly usd: number;
  /** Of one file of `write`. */
  readonly bytes: number;
  /** Share of the calls of `ask` that the service refuses. */
  readonly throttled?: number;
}

export interface Truth {
  readonly events: readonly Recorded[];
  readonly ms: number;
  readonly usd: number;
  readonly bytes: number;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32, public domain). */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Of one call of `ask`. */
const TOKENS = 100;

interface Worker {
  at: number;
  item: number;
  next: 'ask' | 'write';
}

/** One run: whoever is free first takes its next step, or waits for the pool. */
export function happen(world: World, seed: number): Truth {
  const roll = dice(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - roll())) * Math.cos(2 * Math.PI * roll());
  const speed = Math.exp(world.drift * normal());
  const calls = Array.from({ length: world.items }, () => ({
    ask: world.ms.ask * speed * Math.exp(world.spread * normal()),
    write: world.ms.write * speed * Math.exp(world.spread * normal()),
    usd: world.usd * Math.exp(0.3 * normal()),
    bytes: Math.round(world.bytes * Math.exp(0.3 * normal())),
    isThrottled: roll() < (world.throttled ?? 0),
  }));
  const { concurrent = world.items, rate, tokens } = world.limits['api'] ?? {};
  /** Of the calls of `ask`, in their order; so many of them may be in the window of tokens. */
  const ends: number[] = [];
  const most = tokens === undefined ? Number.POSITIVE_INFINITY : Math.floor(tokens.n / TOKENS);
  const slots = Array.from({ length: concurrent }, () => 0);
  const events: { at: number; actor: string; event: Event }[] = [];
  const put = (at: number, actor: string, event: object): void => void events.push({ at, actor, event: event as Event });
  put(0, ROOT, { type: 'run.started' });
  put(50, ROOT, { type: 'attempt.succeeded', item: 0, node: 'list', attempt: 1, output: { v: [] }, artifacts: [], ms: 50 });
  put(50, ROOT, { type: 'each.opened', item: 0, node: 'items', total: world.items, workers: world.workers });
  let [taken, nextStart, end] = [0, 0, 50];
  const chunk = chunkId(ROOT, 0, 'items', 0);
  const workers = Array.from({ length: Math.min(world.workers, world.items) }, (): Worker => ({ at: 50, item: taken++, next: 'ask' }));
  while (workers.length > 0) {
    const worker = workers.reduce((first, other) => (other.at < first.at ? other : first));
    const now = calls[worker.item];
    if (now === undefined) {
      workers.splice(workers.indexOf(worker), 1);
      continue;
    }
    let start = worker.at;
    if (worker.next === 'ask') {
      const slot = slots.indexOf(Math.min(...slots));
      const left = ends[ends.length - most];
      start = Math.max(start, slots[slot] ?? 0, rate === undefined ? 0 : nextStart, left === undefined ? 0 : left + (tokens?.per ?? 0));
      slots[slot] = start + now.ask;
      ends.push(start + now.ask);
      nextStart = start + (rate === undefined ? 0 : rate.per / rate.n);
    }
    const ms = now[worker.next];
    const about = { item: worker.item, node: `items/${worker.next}`, attempt: 1, ms };
    worker.at = start + ms;
    end = Math.max(end, worker.at);
    if (worker.next === 'ask') {
      if (now.isThrottled) put(start, chunk, { ...about, type: 'attempt.failed', ms: 0, error: { code: 'rate_limited', message: '' } });
      const used = { usd: now.usd, tokens: TOKENS, calls: 1 };
      put(worker.at, chunk, { ...about, type: 'attempt.succeeded', output: { v: 0 }, artifacts: [], used });
      worker.next = 'write';
    } else {
      put(worker.at, chunk, { ...about, type: 'attempt.succeeded', output: { v: 0 }, artifacts: [{ bytes: now.bytes }] });
      Object.assign(worker, { item: taken++, next: 'ask' });
    }
  }
  put(end, ROOT, { type: 'run.settled', status: 'succeeded' });
  const recorded = events
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, actor, event }, index): Recorded => ({ gseq: index + 1, run: `r${seed}`, actor, seq: index + 1, at, event }));
  const sum = (field: 'usd' | 'bytes'): number => calls.reduce((total, one) => total + one[field], 0);
  return { events: recorded, ms: end, usd: sum('usd'), bytes: sum('bytes') };
}

export function pastOf(world: World, seed: number, version = '1.0.0'): PastRun {
  const summary = { run: `r${seed}`, flow: { name: 't/world', version, hash: 'sha256:0' }, startedAt: 0 } as RunSummary;
  return pastRunOf(flowOf(world.limits), summary, happen(world, seed).events);
}

/** What is planned for a world, after so many runs in it. */
export function planIn(world: World, past: readonly PastRun[], more: Partial<PlanRequest> = {}): RunPlan {
  const none = { run: 0, reuse: 0, skip: 0, unknown: 0, why: '', most: null };
  return planOfRun({
    flow: flowOf(world.limits),
    input: { workers: world.workers },
    handlers: new Map(),
    past,
    counts: [
      { ...none, step: 'list', run: 1, keyed: false },
      { ...none, step: 'items/ask', run: world.items, keyed: true },
      { ...none, step: 'items/write', run: world.items, keyed: true },
    ],
    pools: world.limits,
    processors: 4,
    inputBytes: null,
    freeBytes: 1e12,
    command: (change) => `run flow.yaml${change === null ? '' : ` --set ${change.input}=${change.value}`}`,
    trial: 'run flow.yaml --test',
    ...more,
  });
}
