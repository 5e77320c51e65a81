import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Collection, NORMAL_PRIORITY } from '@scriptorium/core';
import type { Cost, Failure, Json, Value } from '@scriptorium/core';
import type { Contracts } from './contracts.ts';
import { AttemptError } from './failures.ts';
import type { LogLine } from './handler-call.ts';
import { createInvoker } from './invoke.ts';
import type { Invocation, Invoker } from './invoke.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Clock } from '../kernel/clock.ts';
import { stopAt } from '../../test/stop-at.ts';
import { Stop } from './stop.ts';
import { handlers } from './invoke.fixture.ts';
import { noSecrets } from './secrets.ts';

const scratch = mkdtempSync(join(tmpdir(), 'invoke-'));

/** As much of JSON Schema as the fixtures use. */
const contracts: Contracts = {
  compile: (schema) => (value) => {
    if (typeof schema === 'boolean') return [];
    if (schema['type'] === 'number' && typeof value !== 'number') return [{ path: '', message: 'must be a number' }];
    const required = (schema['required'] ?? []) as readonly string[];
    return required
      .filter((name) => !Object.hasOwn((value ?? {}) as object, name))
      .map((name) => ({ path: `/${name}`, message: 'is required' }));
  },
};

const pagesRead: number[] = [];

function* pages(collection: Collection): Generator<readonly Json[]> {
  for (const page of collection.pages) {
    pagesRead.push(Number(page));
    yield [Number(page), Number(page)];
  }
}

const url = new URL('./invoke.fixture.ts', import.meta.url).href;
const invoker = createInvoker({ modules: () => [{ url, handlers }], contracts, env: { FIXTURE: 'yes' }, pages, threads: 2 });
after(async () => {
  await invoker.close();
  rmSync(scratch, { recursive: true });
});

interface Tried {
  readonly output: Json | null;
  readonly failure: Failure | null;
  readonly logs: readonly LogLine[];
  readonly artifacts: readonly string[];
  readonly spent: readonly Cost[];
}

async function attempt(
  uses: string,
  input: Value,
  {
    by = invoker,
    signal = new AbortController().signal,
    ...more
  }: Partial<Invocation> & { readonly by?: Invoker; readonly signal?: AbortSignal } = {},
): Promise<Tried> {
  const logs: LogLine[] = [];
  const spent: Cost[] = [];
  const invocation = invocationOf(uses, input, { onLog: (line) => logs.push(line), onSpend: (used) => spent.push(used), ...more });
  try {
    const { output, artifacts } = await by.invoke(invocation, stopAt(signal));
    return { output, failure: null, logs, artifacts: artifacts.map(({ path }) => path), spent };
  } catch (error) {
    assert.ok(error instanceof AttemptError, String(error));
    return { output: null, failure: error.failure, logs, artifacts: [], spent };
  }
}

function invocationOf(uses: string, input: Value, more: Partial<Invocation>): Invocation {
  return {
    uses,
    input,
    run: { id: 'r1', batch: 'r1', mode: 'strict', test: false },
    step: { path: 'books/clean', key: 'k', attempt: 1, idempotencyKey: 'i', returns: true, outside: [] },
    notes: {},
    settings: {},
    place: { out: join(scratch, 'out'), test: false, stage: 'clean', batch: uses.replace('/', '-') },
    timeoutMs: null,
    priority: NORMAL_PRIORITY,
    secrets: noSecrets,
    onLog: () => undefined,
    onSpend: () => undefined,
    ...more,
  };
}

for (const [where, uses] of [
  ['in the engine', 'fixture/here'],
  ['in a thread', 'fixture/thread'],
  ['in a process', 'fixture/process'],
] as const) {
  describe(where, { concurrency: 8 }, () => {
    test('a call returns its output, artifacts and log lines in order', async () => {
      const { output, logs, artifacts } = await attempt(`${uses}@^1`, { do: 'work', n: 3 });
      const path = `clean/${uses.replace('/', '-')}@^1/out.txt`;
      assert.partialDeepStrictEqual(output, { done: true, env: 'yes', key: 'k', ref: { path, bytes: 14 } });
      assert.deepEqual(artifacts, [path]);
      assert.equal(readFileSync(join(scratch, 'out', path), 'utf8'), 'by books/clean');
      assert.deepEqual(logs, [
        { level: 'info', message: 'working', fields: { n: 3 } },
        { level: 'info', message: 'written' },
      ]);
    });

    test('what a call tells to have used arrives, also when it fails afterwards; one that is not made has used nothing', async () => {
      const told = [{ usd: 0.1, tokens: 7 }, { usd: 0.2 }];
      assert.deepEqual((await attempt(uses, { do: 'spend' })).spent, told);
      const { failure, spent } = await attempt(uses, { do: 'spend', n: 1 });
      assert.deepEqual([failure?.code, spent], ['fixture.declared', told]);
      assert.deepEqual((await attempt(uses, { other: 1 })).spent, [{ usd: 0, tokens: 0 }]);
      assert.match(
        (await attempt(uses, { do: 'spend', n: 2 })).failure?.message ?? '',
        /`usd` of a cost must be a number of at least 0, not -1/,
      );
    });

    test('both borders are checked, with place and reason', async () => {
      assert.deepEqual((await attempt(uses, { other: 1 })).failure, {
        code: 'contract.input',
        message: `the input of ${uses} breaks its contract: /do: is required`,
        details: { problems: [{ path: '/do', message: 'is required' }] },
      });
      assert.partialDeepStrictEqual((await attempt(uses, { do: 'break contract' })).failure, {
        code: 'contract.output',
        details: { problems: [{ path: '/done', message: 'is required' }] },
      });
      assert.match((await attempt(uses, { do: 'return a date' })).failure?.message ?? '', /cannot be kept: \/done: a Date is not JSON/);
    });

    test('declared and common codes pass, everything else is unexpected', async () => {
      assert.deepEqual((await attempt(uses, { do: 'declared' })).failure, {
        code: 'fixture.declared',
        message: 'as declared',
        fix: 'Do it.',
        details: { a: 1 },
        retryAfterMs: 5,
      });
      assert.deepEqual((await attempt(uses, { do: 'common' })).failure, { code: 'rate_limited', message: 'too fast', retryAfterMs: 1_000 });
      assert.equal((await attempt(uses, { do: 'system' })).failure?.code, 'io');
      assert.match(
        (await attempt(uses, { do: 'undeclared' })).failure?.message ?? '',
        /raised the code `fixture.other`, which it does not declare/,
      );
      assert.equal((await attempt(uses, { do: 'throw text' })).failure?.code, 'unexpected');
    });

    test('the stack of a bug is in the log, not in the failure', async () => {
      const { failure, logs } = await attempt(uses, { do: 'bug' });
      assert.deepEqual(failure, { code: 'unexpected', message: 'TypeError: a bug \ufffd' });
      assert.ok(logs.some(({ level, message }) => level === 'error' && message.includes('invoke.fixture.ts')));
    });

    test('a timeout and a cancellation are told apart', async () => {
      assert.deepEqual((await attempt(uses, { do: 'wait' }, { timeoutMs: 30 })).failure, {
        code: 'timeout',
        message: 'the attempt took longer than 30 ms',
      });
      assert.equal((await attempt(uses, { do: 'wait' }, { signal: AbortSignal.timeout(30) })).failure?.code, 'cancelled');
      assert.equal((await attempt(uses, { do: 'wait' }, { signal: AbortSignal.abort() })).failure?.code, 'cancelled');
    });

    test('a handler that does not obey is left behind, and the next call works', async () => {
      assert.equal((await attempt(uses, { do: 'ignore' }, { timeoutMs: 10 })).failure?.code, 'timeout');
      assert.deepEqual((await attempt(uses, { do: 'mutate' })).output, { done: true });
    });

    test("the engine's own input is not the handler's to change", async () => {
      const input = { do: 'mutate', n: 1 };
      await attempt(uses, input);
      assert.equal(input.n, 1);
    });

    test('what is written after the end is refused', async () => {
      const { output, logs, artifacts } = await attempt(uses, { do: 'write late' });
      await new Promise((resolve) => setTimeout(resolve, 40));
      assert.deepEqual([output, logs, artifacts], [{ done: true }, [], []]);
    });
  });
}

for (const uses of ['fixture/thread', 'fixture/process']) {
  for (const [what, input] of [
    ['exits', { do: 'exit', n: 0 }],
    ['exits with a code', { do: 'exit', n: 3 }],
    ['throws from a timer', { do: 'crash later' }],
  ] as const) {
    test(`${uses}: one that ${what} loses its call, and the pool goes on`, async () => {
      assert.equal((await attempt(uses, input)).failure?.code, 'lost');
      assert.deepEqual((await attempt(uses, { do: 'mutate' })).output, { done: true });
    });
  }
}

test('a call that cannot even begin leaves nothing that waits for its end', async () => {
  const waiting = new Set<object>();
  const listening = new Set<object>();
  const clock: Clock = {
    ...systemClock,
    after: (ms) => {
      const timer = { ms };
      waiting.add(timer);
      return () => waiting.delete(timer);
    },
  };
  class Watched extends Stop {
    override hear(listener: () => void): () => void {
      listening.add(listener);
      return () => listening.delete(listener);
    }
  }
  const during = (): never => {
    throw new TypeError('there is no memory for it');
  };
  const ports = { modules: () => [{ url, handlers }], contracts, env: {}, pages };
  const unable = createInvoker({ ...ports, clock, watch: { during } });
  after(() => unable.close());
  await assert.rejects(unable.invoke(invocationOf('fixture/here', { do: 'mutate' }, { timeoutMs: 1_000 }), new Watched()), /no memory/);
  assert.deepEqual([...waiting, ...listening], []);
});

test('endless loops are ended with their workers, and calls that wait for one are served', async () => {
  const spinning = [1, 2].map(() => attempt('fixture/thread', { do: 'spin' }, { timeoutMs: 20 }));
  const waiting = attempt('fixture/thread', { do: 'mutate' });
  const given = attempt('fixture/thread', { do: 'wait' }, { signal: AbortSignal.timeout(50) });
  assert.deepEqual(
    (await Promise.all(spinning)).map(({ failure }) => failure?.code),
    ['timeout', 'timeout'],
  );
  assert.deepEqual((await waiting).output, { done: true });
  assert.equal((await given).failure?.code, 'cancelled');
});

/** Threads whose calls were short so far: whoever has a call is given the next one already. */
async function quick(threads: number): Promise<Invoker> {
  const own = createInvoker({ modules: () => [{ url, handlers }], contracts, env: {}, pages, threads });
  for (let round = 0; round < 4; round += 1)
    await Promise.all(Array.from({ length: threads }, () => attempt('fixture/thread', { do: 'mutate' }, { by: own })));
  return own;
}

describe('a call that a worker has while it makes another', () => {
  const done = { done: true };

  test('is made by a worker that has nothing to do, when the first has no end', async () => {
    const by = await quick(2);
    const end = new AbortController();
    const endless = attempt('fixture/thread', { do: 'spin' }, { by, signal: end.signal });
    const others = Array.from({ length: 6 }, (_, n) => attempt('fixture/thread', { do: 'ignore', n }, { by }));
    assert.deepEqual(
      (await Promise.all(others)).map(({ output }) => output),
      others.map(() => done),
    );
    end.abort();
    assert.equal((await endless).failure?.code, 'cancelled');
    assert.deepEqual((await attempt('fixture/thread', { do: 'mutate' }, { by })).output, done);
    await by.close();
  });

  test('is made by another worker when its own ends before', async () => {
    const by = await quick(1);
    const tried = [{ do: 'exit', n: 0 }, { do: 'mutate' }, { do: 'exit', n: 3 }, { do: 'mutate' }].map((input) =>
      attempt('fixture/thread', input, { by }),
    );
    const [first, second, third, fourth] = await Promise.all(tried);
    assert.deepEqual([first?.failure?.code, second?.output, third?.failure?.code, fourth?.output], ['lost', done, 'lost', done]);
    await by.close();
  });

  test('can be given up before it begins, and the call before it ends as it would have', async () => {
    const by = await quick(1);
    const before = attempt('fixture/thread', { do: 'ignore', n: 100 }, { by });
    const controller = new AbortController();
    const givenUp = attempt('fixture/thread', { do: 'exit', n: 0 }, { by, signal: controller.signal });
    controller.abort();
    assert.equal((await givenUp).failure?.code, 'cancelled');
    assert.deepEqual([(await before).output, (await attempt('fixture/thread', { do: 'mutate' }, { by })).output], [done, done]);
    await by.close();
  });

  test('has its own time: its timeout begins when it does', async () => {
    const by = await quick(1);
    const before = attempt('fixture/thread', { do: 'ignore', n: 3_000 }, { by });
    const next = attempt('fixture/thread', { do: 'mutate' }, { by, timeoutMs: 2_500 });
    assert.deepEqual([(await before).output, (await next).output], [done, done]);
    await by.close();
  });

  test('is settled once, whatever becomes of it', async () => {
    const by = await quick(2);
    const inputs = Array.from({ length: 30 }, (_, n) => (n % 15 === 7 ? { do: 'exit', n: 0 } : { do: 'ignore', n: n % 3 }));
    const tried = await Promise.all(
      inputs.map((input, n) => attempt('fixture/thread', input, { by, ...(n % 10 === 3 ? { signal: AbortSignal.timeout(n) } : {}) })),
    );
    for (const [n, { output, failure }] of tried.entries()) {
      if (inputs[n]?.do === 'exit') assert.equal(failure?.code, 'lost');
      else if (n % 10 === 3) assert.ok(failure === null || failure.code === 'cancelled');
      else assert.deepEqual(output, done);
    }
    await by.close();
  });
});

test('a handler that nobody has is fatal', async () => {
  assert.partialDeepStrictEqual((await attempt('fixture/none', {})).failure, {
    code: 'fatal',
    message: 'no loaded module has the handler fixture/none',
  });
});

function collectionOf(pageCount: number, size: number = pageCount * 2): Collection {
  const load = (): readonly Json[] => Array.from({ length: size }, (_, index) => index);
  return new Collection(
    'ok',
    size,
    Array.from({ length: pageCount }, (_, page) => String(page)),
    load,
  );
}

for (const uses of ['fixture/sum', 'fixture/sum-thread', 'fixture/sum-process']) {
  test(`${uses}: a collection comes page by page where the contract asks for it, else as a list`, async () => {
    pagesRead.length = 0;
    const { output } = await attempt(uses, { all: collectionOf(20), plain: collectionOf(2) });
    assert.deepEqual(output, { size: 40, sum: 380, taken: 40, plain: 4 });
    assert.equal(pagesRead.length, 20);
    assert.deepEqual((await attempt(uses, { all: [1, 2, 3] })).output, { size: 3, sum: 6, taken: 3, plain: 0 });
  });

  test(`${uses}: pages that nobody asks for are not read`, async () => {
    pagesRead.length = 0;
    const { output } = await attempt(uses, { all: collectionOf(1_000_000), most: 3 });
    assert.deepEqual(output, { size: 2_000_000, sum: 1, taken: 3, plain: 0 });
    assert.ok(pagesRead.length <= 3, `${pagesRead.length} pages`);
  });

  test(`${uses}: an element that breaks the contract is named`, async () => {
    assert.deepEqual((await attempt(uses, { all: [1, 'two'] })).failure, {
      code: 'contract.input',
      message: 'element 1 of the collection at /all breaks its contract at /: must be a number',
    });
  });
}

for (const where of ['thread', 'process']) {
  test(`in a ${where} an iteration that a call leaves behind takes nothing from the next call`, async () => {
    const one = createInvoker({ modules: () => [{ url, handlers }], contracts, env: {}, pages, threads: 1 });
    try {
      for (let round = 0; round < 3; round += 1) {
        assert.equal((await attempt(`fixture/leave-${where}`, { all: collectionOf(100) }, { by: one })).output, 0);
        const { output } = await attempt(`fixture/sum-${where}`, { all: collectionOf(20) }, { by: one });
        assert.deepEqual(output, { size: 40, sum: 380, taken: 40, plain: 0 });
      }
    } finally {
      await one.close();
    }
  });
}

test('a collection that is too large for a list is refused, with the way out', async () => {
  const { failure } = await attempt('fixture/sum', { all: [], plain: collectionOf(1, 10_001) });
  assert.equal(failure?.code, 'contract.input');
  assert.match(failure?.message ?? '', /10001 items/);
  assert.match(failure?.fix ?? '', /collection/);
});
