/** Every flow on the page of agents runs, by the offline model, and ends well. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { agentModule, offlineModel } from '@scriptorium/agents';
import type { JsonObject, RunSummary } from '@scriptorium/core';
import { coreHandlers, openEngine } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { compileFlow, createContracts, validateInput } from '@scriptorium/flow';
import { fencesOf, flowsOnPage } from './fences.ts';
import { root } from './sources.ts';

const page = readFileSync(join(root, 'docs/agents.md'), 'utf8');
const module = agentModule({ env: {}, models: {}, own: [offlineModel] });
const callables = new Map([...coreHandlers, ...module.handlers].map((handler) => [handler.name, handler]));

const flows: ReadonlyMap<string, Pick<ReturnType<typeof compileFlow>, 'flow' | 'called'>> = new Map(
  fencesOf(page)
    .filter(({ language, note }) => language === 'yaml' && note.startsWith('flow'))
    .map(({ text }) => {
      const compiled = compileFlow(text, { file: 'docs/agents.md', callables, flows: flowsOnPage(page) });
      return [compiled.flow?.name ?? text, compiled];
    }),
);

/** What each is given; those of two that speak to each other are tried together. */
const inputs: { readonly [flow: string]: JsonObject } = {
  'team/title': { text: 'A page about ships.' },
  'team/lines': { topics: ['sea', 'wind'] },
  'team/revise': { turns: ['It is too short.', 'Then write more.'], rules: 'Nobody dies.' },
  'team/frugal': { text: 'A page about ships.' },
  'team/research': { topic: 'ships' },
  'team/look-up': { name: 'Ada' },
  'team/chapter': { plan: 'Ada finds the light burning.' },
};
const together = ['team/editor', 'team/writer'];

describe('the page of agents', () => {
  const home = mkdtempSync(join(tmpdir(), 'scriptorium-agents-page-'));
  let engine: Engine;

  before(async () => {
    engine = await openEngine({ home: join(home, 'store'), modules: [module], contracts: createContracts(), env: {} });
  });

  after(async () => {
    await engine.stop();
    rmSync(home, { recursive: true });
  });

  const start = async (name: string, input: JsonObject): Promise<string> => {
    const { flow = null, called = {} } = flows.get(name) ?? {};
    assert.ok(flow !== null);
    const given = validateInput(flow, input);
    assert.ok('value' in given);
    const options = { mode: 'strict', test: false, dryRun: false, limit: null, out: join(home, 'out'), fresh: true, modules: [] } as const;
    return engine.start({ flow, called, input: given.value, options, by: 'test' });
  };

  const endOf = async (run: string): Promise<RunSummary> => {
    for await (const summary of engine.watch(run, { everyMs: 20 })) if (summary.endedAt !== null) return summary;
    throw new Error('the engine has ended');
  };

  it('has no flow that is not tried here', () => {
    assert.deepEqual([...flows.keys()].toSorted(), [...Object.keys(inputs), ...together].toSorted());
  });

  for (const [name, input] of Object.entries(inputs))
    it(`${name} ends well`, async () => {
      const { status, error, output } = await endOf(await start(name, input));
      assert.deepEqual([status, error], ['succeeded', null]);
      assert.notEqual(output, null);
    });

  it(`${together.join(' and ')} speak to each other`, async () => {
    const writer = await start('team/writer', {});
    const { output, error } = await endOf(await start('team/editor', { topic: 'rain' }));
    assert.equal(error, null);
    assert.match((output as { readonly text: string }).text, /the rain/);
    await engine.cancel(writer, 'test', 'its work is done');
    assert.equal((await endOf(writer)).status, 'cancelled');
  });
});
