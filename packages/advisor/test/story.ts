/** A small flow, and the events of its runs as the journal would hold them. */

import { chunkId, evolveProgress, ROOT, showProgress, startProgress } from '@scriptorium/core';
import type { Carried, Event, Flow, Instant, PoolStatus, Recorded, RunStatus, RunSummary } from '@scriptorium/core';
import { historyOf } from '../src/index.ts';
import type { Asked, Scene } from '../src/index.ts';
import { call } from './world.ts';

const retry = { errors: ['io'], max: 3, delay: 1_000, factor: 2, cap: 60_000 };

/** `list` gives items; each is topology, then sanity where there is something to do, then clean, which may be caught. */
export const flow: Flow = {
  ir: 1,
  expr: 1,
  name: 't/story',
  version: '1.0.0',
  hash: 'sha256:0',
  input: true,
  output: true,
  limits: { disk: { concurrent: 2 } },
  migrate: [],
  root: call('', {
    do: {
      k: 'and',
      output: { lit: null },
      steps: [
        call('list', { retry: [retry] }),
        call('extra', { needs: ['list'], if: { $: 'input.extra && list.size > 3', reads: ['input', 'list'] } }),
        call('items', {
          needs: ['list'],
          each: {
            in: { lit: [] },
            as: 'item',
            workers: { lit: 2 },
            batch: { lit: 1 },
            tolerate: { lit: 1 },
            captures: [],
          },
          do: {
            k: 'and',
            output: { lit: null },
            steps: [
              call('items/topology', { limit: 'disk' }),
              call('items/sanity', { needs: ['topology'], if: { $: 'topology.skip == null', reads: ['topology'] } }),
              call('items/clean', {
                needs: ['topology', 'sanity'],
                if: { $: 'sanity != null', reads: ['sanity'] },
                limit: 'disk',
                catch: [{ errors: ['bad'], do: call('items/clean/catch.0', { do: { k: 'value', value: { lit: 0 } } }) }],
              }),
            ],
          },
        }),
      ],
    },
  }),
};

export const chunk: string = chunkId(ROOT, 0, 'items', 0);
export const START: Instant = Date.UTC(2030, 0, 1);

type Step = readonly [actor: string, event: Event];

/** One event a second. */
export function story(...steps: readonly Step[]): readonly Recorded[] {
  const seqs = new Map<string, number>();
  return steps.map(([actor, event], index) => {
    const seq = (seqs.get(actor) ?? 0) + 1;
    seqs.set(actor, seq);
    return { gseq: index + 1, run: 'r1', actor, seq, at: START + index * 1_000, event };
  });
}

export const started: Step = [
  ROOT,
  {
    type: 'run.started',
    flow: { name: flow.name, version: flow.version, hash: flow.hash },
    input: { extra: false },
    options: { mode: 'flexible', test: false, dryRun: false, limit: null, out: 'out', fresh: false, modules: [] },
    by: 'cli:ann',
  },
];

const at = (node: string, item = 0): { readonly item: number; readonly node: string } => ({ item, node });

export const entered = (actor: string, node: string, item = 0): Step => [actor, { type: 'step.entered', ...at(node, item) }];
export const begun = (
  actor: string,
  node: string,
  more: { item?: number; attempt?: number; reason?: 'first' | 'retry' | 'engine_ended' | 'worker_ended' | 'stopped' } = {},
): Step => {
  const { item = 0, attempt = 1, reason = 'first' } = more;
  return [
    actor,
    { type: 'attempt.started', ...at(node, item), attempt, handler: 't/x@1.0.0', key: actor === ROOT ? null : `k${item}`, reason },
  ];
};
export const gave = (actor: string, node: string, output: Carried, item = 0): Step => [
  actor,
  { type: 'attempt.succeeded', ...at(node, item), attempt: 1, output, artifacts: [], ms: 5 },
];
export const erred = (actor: string, node: string, code: string, attempt = 1, item = 0): Step => [
  actor,
  { type: 'attempt.failed', ...at(node, item), attempt, error: { code, message: `${code} happened`, fix: 'Do better.' }, ms: 5 },
];
export const skipped = (actor: string, node: string, item = 0): Step => [
  actor,
  { type: 'step.skipped', ...at(node, item), reason: 'if: … is false' },
];

/** The list is there, and the `each` has opened with two places for three items. */
export const opened: readonly Step[] = [
  started,
  entered(ROOT, ''),
  begun(ROOT, 'list'),
  gave(ROOT, 'list', { v: { size: 3 } }),
  [ROOT, { type: 'each.opened', ...at('items'), total: 3, of: 3, pageSize: 128, pages: 'sha256:p', workers: 2, tolerate: 1, env: {} }],
  [ROOT, { type: 'chunk.spawned', ...at('items'), chunk: 0, size: 3, slots: 2 }],
  [
    chunk,
    {
      type: 'chunk.started',
      parent: { actor: ROOT, item: 0 },
      node: 'items',
      chunk: 0,
      offset: 0,
      size: 3,
      page: 'sha256:q',
      env: {},
      slots: 2,
      from: { actor: ROOT, seq: 6 },
    },
  ],
];

export function sceneOf(
  events: readonly Recorded[],
  { status = 'running', pools = [], later = 0 }: { status?: RunStatus; pools?: readonly PoolStatus[]; later?: number } = {},
): Scene {
  const now = (events.at(-1)?.at ?? START) + later;
  const view = events.reduce(evolveProgress, startProgress(flow));
  const ended = status === 'succeeded' || status === 'failed' || status === 'cancelled';
  const summary: RunSummary = {
    run: 'r1',
    flow: { name: flow.name, version: flow.version, hash: flow.hash },
    status,
    startedAt: START,
    endedAt: ended ? now : null,
    options: (started[1] as Event & { type: 'run.started' }).options,
    input: { extra: false },
    output: null,
    error: null,
    progress: showProgress(view, now),
  };
  const words = {
    time: (instant: Instant) => new Date(instant).toISOString().slice(11, 19),
    duration: (ms: number) => `${Math.round(ms / 1_000)} s`,
  };
  return { flow, summary, history: historyOf(events), pools, now, words };
}

export function rootStep(node: string): Asked {
  return { actor: ROOT, item: 0, node, key: null };
}

export function itemStep(node: string, item = 0): Asked {
  return { actor: chunk, item, node, key: `k${item}` };
}
