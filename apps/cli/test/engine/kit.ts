/** An engine on a store of its own, for tests. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { CalledFlows, Flow, Handler, Host, JsonObject, ReportPage, RunOptions, RunSummary } from '@scriptorium/core';
import { auditStore, coreHandlers, openEngine } from '@scriptorium/engine';
import type { Engine, EngineOptions, StoreFault } from '@scriptorium/engine';
import { compileFlow, createContracts, hashFlow } from '@scriptorium/flow';
import type { VirtualClock } from '@scriptorium/testing/virtual-clock';
import { handlers } from './handlers.ts';

export interface Kit {
  readonly home: string;
  readonly out: string;
  readonly log: string;
  /** With other handlers than those of the tests, where they are given. */
  readonly open: (
    more?: Partial<
      Pick<EngineOptions, 'world' | 'env' | 'store' | 'maxRuns' | 'onHalt' | 'snapshotEvery' | 'reportedAtEnd' | 'retention'>
    > & {
      readonly handlers?: readonly Handler[];
      readonly page?: ReportPage;
    },
  ) => Promise<Engine>;
  /** Lines of the call log: `start|end <step> <key> <ms>`. */
  readonly calls: () => readonly { readonly what: string; readonly step: string; readonly key: string; readonly at: number }[];
}

export interface KitOptions {
  /** Its directory is below this one. */
  readonly parent?: string;
  /** What is wrong with the store that the test leaves behind, by its own doing. */
  readonly faults?: readonly StoreFault[];
}

/** When the test has ended, its store is audited: a test whose store is not whole fails. */
export function createKit(context: TestContext, { parent = tmpdir(), faults = [] }: KitOptions = {}): Kit {
  const directory = mkdtempSync(join(parent, 'scriptorium-test-'));
  const home = join(directory, 'store');
  const log = join(directory, 'calls.log');
  const engines: Engine[] = [];
  context.after(async () => {
    for (const engine of engines) await engine.stop().catch(() => undefined);
    try {
      await assertWhole(home, faults);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
  return {
    home,
    out: join(directory, 'out'),
    log,
    open: async ({ handlers: others = handlers, page, ...more } = {}) => {
      const engine = await openEngine({
        home,
        modules: [{ url: new URL('./handlers.ts', import.meta.url).href, handlers: others, ...(page === undefined ? {} : { page }) }],
        contracts: createContracts(),
        env: {},
        ...more,
      });
      engines.push(engine);
      return engine;
    },
    calls: () =>
      (existsSync(log) ? readFileSync(log, 'utf8') : '')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const [what = '', step = '', key = '', at = ''] = line.split(' ');
          return { what, step, key, at: Number(at) };
        }),
  };
}

async function assertWhole(home: string, faults: readonly StoreFault[]): Promise<void> {
  const { findings, working } = await auditStore(home, { now: Date.now(), hashFlow });
  assert.equal(working, false, 'an engine that the kit did not open works on the store still');
  const problems = findings.filter(({ level }) => level === 'problem');
  const found = new Set(problems.map(({ fault }) => fault));
  assert.deepEqual(
    [...found].toSorted(),
    faults.toSorted(),
    ['the store is left with', ...problems.map(({ message }) => message)].join('\n'),
  );
}

export function compile(source: string, more: readonly Handler[] = []): Flow {
  const callables = new Map([...handlers, ...more].map((handler) => [handler.name, { ...handler, errors: Object.keys(handler.errors) }]));
  const { flow, diagnostics } = compileFlow(source, { file: 'test.flow.yaml', callables });
  if (flow === null) throw new Error(diagnostics.map(({ line, col, code, message }) => `${line}:${col} ${code}: ${message}`).join('\n'));
  return flow;
}

export interface Tree {
  readonly flow: Flow;
  readonly called: CalledFlows;
}

/** A flow with the flows that it calls, each from its definition. */
export function compileTree(source: string, ...others: readonly string[]): Tree {
  const callables = new Map(
    [...coreHandlers, ...handlers].map((handler) => [handler.name, { ...handler, errors: Object.keys(handler.errors) }]),
  );
  const flows = others.map((other, index) => ({ file: `flow-${index}.yaml`, source: other, callables }));
  const { flow, called, diagnostics } = compileFlow(source, { file: 'test.flow.yaml', callables, flows });
  if (flow === null) throw new Error(diagnostics.map(({ line, col, code, message }) => `${line}:${col} ${code}: ${message}`).join('\n'));
  return { flow, called };
}

export function startTree(host: Host, kit: Kit, { flow, called }: Tree, input: JsonObject = {}): Promise<string> {
  const options = { mode: 'flexible', test: false, dryRun: false, limit: null, out: kit.out, fresh: false, modules: [] } as const;
  const defaults = { names: ['a'], ...input };
  return host.start({ flow, called, input: flow.name === 'try/parent' ? defaults : input, options, by: 'test' });
}

export function startIn(host: Host, kit: Kit, flow: Flow, input: JsonObject = {}, options: Partial<RunOptions> = {}): Promise<string> {
  return host.start({
    flow,
    input,
    options: { mode: 'flexible', test: false, dryRun: false, limit: null, out: kit.out, fresh: false, modules: [], ...options },
    by: 'test',
  });
}

export async function finish(host: Host, run: string): Promise<RunSummary> {
  let last: RunSummary | undefined;
  for await (const summary of host.watch(run, { everyMs: 20 })) last = summary;
  if (last === undefined) throw new Error('nothing to watch');
  return last;
}

/** For what never comes: far longer than anything here takes on a machine that does much else. */
const NEVER_MS = 180_000;

/** Waits until `holds`, looking often. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + NEVER_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not reached in ${NEVER_MS / 1_000} s: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Lets time pass only while nothing else can happen, until no run is live. */
export async function play(engine: Engine, clock: VirtualClock): Promise<void> {
  for (;;) {
    await setImmediate();
    const { attempts, unsettled } = engine.activity();
    if (attempts > 0 || unsettled) continue;
    if ((await engine.list({ status: 'running' })).length === 0) return;
    const due = clock.next();
    if (due !== null) clock.moveTo(due);
  }
}
