/** A setting for trying worlds out: everything that can happen to engines and calls, in one small flow. */

import { defineHandler } from '@scriptorium/core';
import type { Flow, Handler } from '@scriptorium/core';
import { coreHandlers } from '@scriptorium/engine';
import { compileFlow } from '@scriptorium/flow';
import type { Act, Fault, Reply, Setting } from '../setting.ts';
import { createChance } from './chance.ts';

const work: Handler = defineHandler({
  name: 'sim/work',
  version: '1.0.0',
  doc: 'Gives what the setting says.',
  input: { type: 'object' },
  output: true,
  effects: 'write',
  idempotent: true,
  run: () => null,
});

const source = `
flow: sim/trial
version: 1.0.0
limits: { desk: { concurrent: 2, breaker: { failures: 3, cooldown: 1m } } }
steps:
  begin: { uses: sim/work, with: { n: 0 }, retry: { max: 3 }, timeout: 20s, limit: desk, catch: [{ value: 0 }] }
  all:
    needs: begin
    each: { in: "\${ [1, 2, 3, 4] }", as: item, key: "\${ string(item) }", workers: 2, tolerate: "100%" }
    steps:
      one: { uses: sim/work, with: { n: "\${ item }" }, retry: { max: 3 }, timeout: 20s, limit: desk }
      nap: { needs: one, wait: 10m }
  ask: { needs: all, wait: { event: go }, timeout: 2d }
  end: { needs: ask, uses: sim/work, with: { n: 9 }, compensate: { uses: sim/work, with: { n: 10 } } }
`;

function compiled(text: string): Flow {
  const callables = new Map([...coreHandlers, work].map((handler) => [handler.name, { ...handler, errors: Object.keys(handler.errors) }]));
  const { flow, diagnostics } = compileFlow(text, { file: 'trial.flow.yaml', callables });
  if (flow === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return flow;
}

const flow = compiled(source);

const options = { mode: 'flexible', test: false, dryRun: false, limit: null, out: '/out', fresh: false, modules: [] } as const;

/** Two runs of one flow, whose workers do everything that workers can do. */
export function settingOf(seed: number, faults: readonly Fault[], acts: Setting['acts'] = []): Setting {
  const { number } = createChance(seed);
  const run = { atMs: 0, flow, called: {}, input: {}, options };
  const reply = (): Reply => {
    const kind = number('kind', 10);
    const result: Reply['result'] =
      kind < 6 ? { ok: kind } : kind < 8 ? { fail: { code: 'overloaded', message: 'no' } } : kind < 9 ? { lose: true } : { never: true };
    return { afterMs: number('ms', 30_000), result, hears: number('hears', 2) === 0, againMs: number('again', 3) === 0 ? 5_000 : null };
  };
  return {
    seed,
    runs: [run, { ...run, atMs: 40_000 }],
    handlers: [work],
    answer: reply,
    nudge: (waits, runs): Act | null => {
      const [wait] = waits;
      return wait === undefined ? null : { do: 'signal', run: runs.indexOf(wait.run), name: 'go', payload: {}, id: null };
    },
    acts,
    faults,
  };
}

/** One of each kind. */
export const faults: readonly Fault[] = [
  { commit: 4, what: 'crash_after' },
  { commit: 12, what: 'unknown_written' },
  { commit: 22, what: 'takeover' },
  { atMs: 45_000, what: 'crash' },
  { commit: 34, what: 'torn' },
  { atMs: 60_000, what: 'clock', byMs: -7_200_000 },
  { commit: 40, what: 'full' },
  { commit: 46, what: 'crash_before' },
  { commit: 52, what: 'unknown_lost' },
  { atMs: 120_000, what: 'clock', byMs: 10_800_000 },
];

export const acts: Setting['acts'] = [
  { atMs: 10_000, act: { do: 'pause', run: 0 } },
  { atMs: 11_500, act: { do: 'rollback', run: 0, share: 0.6 } },
  { atMs: 12_000, act: { do: 'resume', run: 0 } },
  { atMs: 20_000, act: { do: 'fork', run: 0, step: null } },
  { atMs: 30_000, act: { do: 'limit', pool: 'desk', change: { concurrent: 1 } } },
  { atMs: 50_000, act: { do: 'cancel', run: 1 } },
  { atMs: 70_000, act: { do: 'drain' } },
];
