/** What a rehearsal promises: time, scripts, faults, and what can be seen of them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineHandler } from '@scriptorium/core';
import type { JsonObject } from '@scriptorium/core';
import { fails, kills, loses, rehearse, takes } from '../src/index.ts';
import type { RehearsalOptions, Rehearsal } from '../src/index.ts';

const patient = `
flow: test/patient
version: "1.0.0"
steps:
  ask:
    uses: test/ask
    timeout: 2h
    retry: { max: 5, delay: 1h, factor: 2, cap: 1d, errors: [overloaded, timeout] }
output: \${ ask }
`;

async function using(source: string, options: RehearsalOptions, act: (run: Rehearsal) => Promise<void>): Promise<void> {
  const run = await rehearse(source, options);
  try {
    await act(run);
  } finally {
    await run.close();
  }
}

test('days of retries and timeouts pass at once', async () => {
  const script = { 'test/ask': [fails('overloaded'), takes('3h'), fails('overloaded', 'busy', { retryAfter: '2d' }), { yes: true }] };
  await using(patient, { script }, async (run) => {
    assert.deepEqual(await run.outcome(), { status: 'succeeded', output: { yes: true }, error: null });
    const attempts = await run.attempts('ask');
    assert.deepEqual(
      attempts.map(({ attempt, reason, result }) => [attempt, reason, result]),
      [
        [1, 'first', 'overloaded'],
        [2, 'retry', 'timeout'],
        [3, 'retry', 'overloaded'],
        [4, 'retry', 'succeeded'],
      ],
    );
    const [, second, third, fourth] = attempts;
    assert.equal((second?.endedAt ?? 0) - (second?.startedAt ?? 0), 2 * 3_600_000);
    assert.equal((fourth?.startedAt ?? 0) - (third?.endedAt ?? 0), 2 * 86_400_000);
    assert.ok(run.elapsedMs() > 2 * 86_400_000 + 5 * 3_600_000);
  });
});

test('time passes only so far as it is let', async () => {
  const script = { 'test/ask': [fails('overloaded'), 'late'] };
  await using(patient, { script }, async (run) => {
    await run.advance('59m');
    assert.equal(run.calls('test/ask').length, 1);
    assert.equal(run.elapsedMs(), 59 * 60_000);
    await run.advance('20m');
    assert.equal(run.calls('test/ask').length, 2);
    assert.equal((await run.outcome()).output, 'late');
  });
});

const pair = `
flow: test/pair
version: "1.0.0"
steps:
  first: { uses: test/first }
  second: { uses: test/second, with: { of: "\${ first }" } }
output: [ "\${ first }", "\${ second }" ]
`;

test('an engine that ends in a call is replaced, and the call is made again with its reason', async () => {
  const script = { 'test/first': [kills(), 1], 'test/second': [loses(), 2] };
  await using(pair, { script }, async (run) => {
    assert.deepEqual((await run.outcome()).output, [1, 2]);
    assert.equal(run.engines(), 2);
    assert.deepEqual(
      (await run.attempts('first')).map(({ reason, result }) => [reason, result]),
      [
        ['first', 'lost'],
        ['engine_ended', 'succeeded'],
      ],
    );
    assert.deepEqual(
      (await run.attempts('second')).map(({ reason, result }) => [reason, result]),
      [
        ['first', 'lost'],
        ['worker_ended', 'succeeded'],
      ],
    );
  });
});

test('wherever the engine ends, the outcome is the same and what succeeded is not done again', async () => {
  for (let commit = 1; commit <= 8; commit += 1) {
    for (const when of ['before', 'after'] as const) {
      const script = { 'test/first': () => 1, 'test/second': ({ of }: { readonly of?: unknown }) => [of as number] };
      await using(pair, { script, faults: [{ commit, when }] }, async (run) => {
        assert.deepEqual(await run.outcome(), { status: 'succeeded', output: [1, [1]], error: null });
        const kept = await run.events('attempt.succeeded');
        assert.deepEqual(
          kept.map(({ event }) => event.node),
          ['first', 'second'],
        );
      });
    }
  }
});

test('the engine can be ended by hand between two answers', async () => {
  await using(patient, { script: { 'test/ask': [fails('overloaded'), 'again'] } }, async (run) => {
    await run.settle();
    await run.kill();
    assert.equal((await run.outcome()).output, 'again');
    assert.equal(run.engines(), 2);
    assert.ok(run.elapsedMs() >= 3_600_000);
  });
});

const many = `
flow: test/many
version: "1.0.0"
input:
  names: { type: array, items: { type: string } }
steps:
  words:
    each: { in: "\${ input.names }", as: name, key: "\${ name }", tolerate: 1 }
    uses: test/count
    with: { name: "\${ name }" }
output: \${ words.ok.map(w, w.words) }
`;

const count = defineHandler({
  name: 'test/count',
  version: '1.0.0',
  doc: 'Counts.',
  input: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
  output: { type: 'object', required: ['words'], properties: { words: { type: 'integer', minimum: 3 } } },
  effects: 'read',
  run: ({ name }: { name: string }) => ({ words: name.length }),
});

const input = { names: ['anna', 'bo', 'carla'] };

test('what nobody scripted is answered by an example of its contract, done, or refused', async () => {
  const outputs = { example: [3, 3, 3], call: [4, 5] } as const;
  for (const unscripted of ['example', 'call'] as const) {
    await using(many, { input, handlers: [count], unscripted }, async (run) => {
      assert.deepEqual((await run.outcome()).output, outputs[unscripted]);
    });
  }
  await using(many, { input, handlers: [count], unscripted: 'refuse' }, async (run) => {
    assert.equal((await run.outcome()).error?.code, 'fatal');
  });
});

test('a script by item sees inputs and keys, and results come in item order', async () => {
  const script = { 'test/count': ({ name }: JsonObject) => (name === 'bo' ? fails('io') : { words: 7 }) };
  await using(many, { input, script }, async (run) => {
    assert.deepEqual((await run.outcome()).output, [7, 7]);
    assert.deepEqual(
      run.calls('test/count').map(({ step, key, input }) => [step, key, input]),
      input.names.map((name) => ['words', name, { name }]),
    );
    assert.deepEqual(
      (await run.results('words')).map(({ key, status, error }) => [key, status, error?.code ?? null]),
      [
        ['anna', 'succeeded', null],
        ['bo', 'failed', 'io'],
        ['carla', 'succeeded', null],
      ],
    );
    assert.equal((await run.attempts('words', 'bo')).length, 1);
  });
});

test('a list of answers that is too short fails the run and says so', async () => {
  await using(many, { input, script: { 'test/count': [{ words: 1 }] }, mode: 'strict' }, async (run) => {
    assert.match((await run.outcome()).error?.message ?? '', /has 1 answers, and this is call \d/);
  });
});

test('a wrong definition and a wrong input are told with their place', async () => {
  await assert.rejects(rehearse(many.replace('input.names', 'input.nams'), { input }), /test\.flow\.yaml:8:\d+[\s\S]*did you mean/);
  await assert.rejects(rehearse(many, { input: {}, handlers: [count] }), /the input 'names' is missing/);
});

test('the handlers of the engine can be scripted too', async () => {
  const listing = `
flow: test/listing
version: "1.0.0"
steps:
  list: { uses: core/exec, with: { argv: [ls] } }
output: \${ list }
`;
  await using(listing, { script: { 'core/exec': () => ['a', 'b'] } }, async (run) => {
    assert.deepEqual((await run.outcome()).output, ['a', 'b']);
  });
});
