/** The runs of a scenario that lasts for days, and what people do to them. */

import { unreachable } from '@scriptorium/core';
import type { CalledFlows, Flow, JsonObject, RunOptions } from '@scriptorium/core';
import type { Retention } from '@scriptorium/engine';
import { compileFlow, formatDiagnostic } from '@scriptorium/flow';
import { planCallables } from '@scriptorium/testing/model/definition';
import type { AgingAct, AgingPlan, AgingRun } from './aging.ts';
import { OLDEST } from './setting.ts';
import type { Act, Lasting, PlannedAct, PlannedRun } from './setting.ts';

const HOUR_MS = 3_600_000;
const options: RunOptions = { mode: 'flexible', test: false, dryRun: false, limit: null, out: '/out', fresh: false, modules: [] };
/** So many letters are kept beside the events. */
const TEXT = 'all that was said '.repeat(300);

const work: JsonObject = { uses: 'model/work', with: { call: 'work', at: ['${ item.n }', '${ item.text }'], visit: 0, add: 0 } };

function flowOf(name: string, more: JsonObject): JsonObject {
  return {
    flow: `sim/${name}`,
    version: '1.0.0',
    input: {
      items: {
        type: 'array',
        items: {
          type: 'object',
          required: ['n', 'text'],
          properties: { n: { type: 'integer' }, text: { type: 'string' } },
        },
      },
    },
    steps: { all: { each: { in: '${ input.items }', as: 'item', workers: 2, tolerate: '100%' }, ...work }, ...more },
    output: '${ {"items": input.items, "ok": all.ok.size()} }',
  };
}

const called: JsonObject = { needs: ['all'], uses: 'sim/plain', with: { items: '${ input.items }' } };

/** Waits for three hours at most. */
const patience: JsonObject = { wait: { event: 'go' }, timeout: '3h', catch: [{ value: true }] };

const definitions: { readonly [does in AgingRun['does'] | 'resting']: JsonObject } = {
  plain: flowOf('plain', {}),
  cached: flowOf('cached', {}),
  calling: flowOf('calling', {
    below: called,
    beside: { needs: ['below'], ...patience },
  }),
  leaving: flowOf('leaving', { below: { ...called, uses: 'sim/resting', detached: true } }),
  resting: flowOf('resting', { go: { needs: ['all'], ...patience, timeout: '7h' } }),
  waiting: flowOf('waiting', { go: { needs: ['all'], wait: { event: 'go' } } }),
};

interface Compiled {
  readonly flow: Flow;
  readonly called: CalledFlows;
}

const compiled = new Map<string, Compiled>();

function compile(does: AgingRun['does']): Compiled {
  const known = compiled.get(does);
  if (known !== undefined) return known;
  const definition = does === 'cached' ? cachedOf(definitions.cached) : definitions[does];
  const flows = (['plain', 'resting'] as const).map((name) => ({
    file: `${name}.flow.yaml`,
    source: JSON.stringify(definitions[name]),
    callables: planCallables,
  }));
  const source = JSON.stringify(definition, null, 2);
  const { flow, called: below, diagnostics } = compileFlow(source, { file: 'aging.flow.yaml', callables: planCallables, flows });
  if (flow === null) throw new Error(diagnostics.map((one) => formatDiagnostic(one, source)).join('\n'));
  compiled.set(does, { flow, called: below });
  return { flow, called: below };
}

function cachedOf(definition: JsonObject): JsonObject {
  const steps = definition['steps'] as { readonly all: JsonObject };
  return { ...definition, steps: { all: { ...steps.all, cache: true } } };
}

export function agingRunsOf({ runs }: AgingPlan): readonly PlannedRun[] {
  return runs.map(({ hour, does, items }) => {
    const { flow, called: below } = compile(does);
    const input = { items: Array.from({ length: items }, (_, n) => ({ n, text: n === 1 ? TEXT : 'a word' })) };
    return { atMs: hour * HOUR_MS, flow, called: below, input, options };
  });
}

export function agingActsOf({ acts }: AgingPlan, runs: number): readonly PlannedAct[] {
  return acts.flatMap((act) =>
    deed(act, runs).map((one, index): PlannedAct => ({ atMs: act.hour * HOUR_MS + HOUR_MS / 2 + index, act: one })),
  );
}

/** Forks come after the runs that were planned, and then the oldest that has ended, as often as all of them. */
const FORKS = 3;

function deed({ do: what, run: place, more }: Pick<AgingAct, 'do' | 'run' | 'more'>, runs: number): readonly Act[] {
  const run = more % 2 === 0 ? OLDEST : place % (runs + FORKS);
  switch (what) {
    case 'fork':
      return [{ do: 'fork', run, step: more % 3 === 0 ? null : 'all' }];
    case 'rollback':
      return [{ do: 'rollback', run, share: more / 100 }, ...(more % 4 < 2 ? [{ do: 'resume', run } as const] : [])];
    case 'again':
    case 'resume':
    case 'report':
    case 'results':
      return [{ do: what, run }];
    case 'read':
      return [{ do: 'read', forMs: more * 1_000 }];
    case 'signal':
      return [{ do: 'signal', run, name: 'go', payload: {}, id: `go ${place} ${more}` }];
    case 'cancel':
      return [{ do: 'cancel', run }];
    case 'drain':
    case 'stop':
      return [{ do: what }];
    default:
      return unreachable(what);
  }
}

/** After what people do last, all that may go has time to. */
const REST_HOURS = 8;

export function lastingOf(plan: AgingPlan): Lasting {
  const { keepHours, newest, kilobytes, forgetHours, events, runs, acts, meanwhile } = plan;
  const last = Math.max(...runs.map(({ hour }) => hour), ...acts.map(({ hour }) => hour));
  const retention: Retention = {
    keepMs: keepHours === null ? null : keepHours * HOUR_MS,
    newest,
    bytes: kilobytes === null ? null : kilobytes * 1_024,
    forgetMs: forgetHours === null ? null : forgetHours * HOUR_MS,
  };
  return {
    retention,
    steps: { removal: { runs: 2, events, rows: 7 }, sweep: { values: 1_000, rows: 20, removed: 2 } },
    untilMs: (last + (keepHours ?? 0) + (forgetHours ?? 0) + REST_HOURS) * HOUR_MS,
    meanwhile: meanwhile.flatMap(({ look, act, run, more }) =>
      deed({ do: act, run, more }, runs.length).map((one) => ({ look, act: one })),
    ),
  };
}
