import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { HostError } from '@scriptorium/core';
import { createStartGate, WIDTH } from './start-gate.ts';
import { askedBy, MAX_WAITING } from './start-line.ts';

/** A gate on a clock that is moved by hand; runs go on, idle or end as they are told. */
function bench() {
  let now = 0;
  let due: { readonly at: number; readonly fire: () => void }[] = [];
  const progress = new Map<string, number>();
  const told: string[] = [];
  const after = (ms: number, fire: () => void): (() => void) => {
    const timer = { at: now + ms, fire };
    due.push(timer);
    return () => (due = due.filter((one) => one !== timer));
  };
  const gate = createStartGate({ after, elapsed: () => now }, (run) => progress.get(run) ?? null);
  return {
    gate,
    told,
    ask: (run: string, { by = 'me', priority = 5, withinMs = 1_000 } = {}): void =>
      void gate
        .through({ by, priority, withinMs }, async () => {
          told.push(`begins ${run}`);
          progress.set(run, 1);
          return run;
        })
        .catch((error: unknown) => told.push(`${error instanceof HostError ? error.code : String(error)} ${run}`)),
    /** A step of the kernel, in which all runs but those named come further. */
    turn: async (...idle: readonly string[]): Promise<void> => {
      await setImmediate();
      for (const [run, at] of progress) if (!idle.includes(run)) progress.set(run, at + 1);
      gate.turned();
      await setImmediate();
    },
    end: (run: string): void => void progress.delete(run),
    pass: async (ms: number): Promise<void> => {
      const until = now + ms;
      for (;;) {
        await setImmediate();
        const [next] = due.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        due = due.filter((one) => one !== next);
        now = next.at;
        next.fire();
      }
      now = until;
    },
  };
}

function many(count: number, ask: (name: string) => void): void {
  for (let n = 0; n < count; n += 1) ask(String(n));
}

const ask = (by: string, withinMs: number, priority = 5) => ({ by, priority, withinMs });

describe('the gate for runs', () => {
  it('lets in so many, and another one for each that has ended', async () => {
    const { gate, told, ask, turn, end } = bench();
    many(WIDTH + 3, ask);
    await turn();
    assert.deepEqual([told.length, gate.waiting()], [WIDTH, 3]);
    end('0');
    end('1');
    await turn();
    assert.deepEqual(told.slice(WIDTH), [`begins ${WIDTH}`, `begins ${WIDTH + 1}`]);
  });

  it('lets in another one for each that waits for something else', async () => {
    const { gate, told, ask, turn } = bench();
    many(WIDTH + 2, ask);
    await turn('7');
    assert.equal(gate.waiting(), 2);
    await turn('7');
    assert.deepEqual([gate.waiting(), told.at(-1)], [1, `begins ${WIDTH}`]);
  });

  it('sees that all wait for something else while nothing happens at all', async () => {
    const { gate, ask, pass } = bench();
    many(WIDTH + 2, ask);
    await pass(100);
    assert.equal(gate.waiting(), 0);
  });

  it('refuses who has waited for as long as it said', async () => {
    const { told, ask, turn, pass } = bench();
    many(WIDTH, ask);
    ask('patient');
    ask('in a hurry', { withinMs: 0 });
    await turn();
    await pass(0);
    assert.equal(told.at(-1), 'overloaded in a hurry');
  });

  it('serves those who ask in turn, and the important ones more often', async () => {
    const { told, ask, turn, end } = bench();
    many(WIDTH, ask);
    for (const run of ['a1', 'a2', 'a3']) ask(run, { by: 'a' });
    ask('b1', { by: 'b' });
    ask('urgent', { by: 'c', priority: 8 });
    await turn();
    for (const run of ['0', '1', '2', '3', '4']) {
      end(run);
      await turn();
    }
    assert.deepEqual(
      told.slice(WIDTH),
      ['urgent', 'a1', 'b1', 'a2', 'a3'].map((run) => `begins ${run}`),
    );
  });

  it('refuses at once what would make the queue longer than it may be, with when to come again', async () => {
    const { gate, ask, told, turn } = bench();
    many(WIDTH + MAX_WAITING, ask);
    ask('too many');
    await turn();
    assert.deepEqual([gate.waiting(), told.includes('overloaded too many')], [MAX_WAITING, true]);
    await assert.rejects(
      gate.through({ by: 'me', priority: 5, withinMs: 1 }, async () => 'x'),
      { code: 'overloaded', retryAfterMs: 1_000 },
    );
  });

  it('refuses at once who would wait for longer than it says, at the pace at which others began', async () => {
    const { gate, ask: come, turn, end, pass, told } = bench();
    many(WIDTH * 3, (name) => come(name, { withinMs: 60_000 }));
    assert.equal(gate.refusalOf(ask('me', 1)), null, 'nobody knows the pace yet');
    await turn();
    await pass(8);
    many(WIDTH, end);
    await turn();
    assert.deepEqual([told.length, gate.waiting()], [WIDTH * 2, WIDTH]);
    const { code, message, fix, retryAfterMs, stack } = gate.refusalOf(ask('me', 7)) ?? {};
    assert.deepEqual([code, retryAfterMs], ['overloaded', 1_000]);
    assert.match(message ?? '', /256 others wait/);
    assert.match(fix ?? '', /Try again in 1 s/);
    assert.doesNotMatch(stack ?? '', /\n +at /);
    const refusals = [ask('me', 8), ask('other', 1), ask('other', 0), ask('me', 0, 8)].map((asked) => gate.refusalOf(asked) !== null);
    assert.deepEqual(refusals, [false, false, true, false], 'one who has nobody before it waits for those alone whose turn is first');
    await assert.rejects(
      gate.through(ask('me', 7), () => assert.fail('it begins')),
      { code: 'overloaded' },
    );
  });

  it('forgets the pace once it has room', async () => {
    const { gate, ask: come, turn, end, pass } = bench();
    many(WIDTH * 3, (name) => come(name, { withinMs: 60_000 }));
    await turn();
    await pass(8);
    many(WIDTH, end);
    await turn();
    assert.notEqual(gate.refusalOf(ask('me', 1)), null);
    many(WIDTH * 2, end);
    await turn();
    many(WIDTH * 3, end);
    await turn();
    await turn();
    many(WIDTH * 2, (name) => come(`later ${name}`));
    assert.deepEqual([gate.waiting(), gate.refusalOf(ask('me', 1))], [WIDTH, null]);
  });

  it('is asked about whatever comes', () => {
    const { gate } = bench();
    for (const request of [undefined, null, {}, { by: 1, options: null, withinMs: 'long' }])
      assert.equal(gate.refusalOf(askedBy(request as never)), null);
  });

  it('goes on after one that could not begin', async () => {
    const { gate, told, ask, turn } = bench();
    const asked = { by: 'me', priority: 5, withinMs: 1 };
    for (let n = 0; n < WIDTH * 2; n += 1)
      await assert.rejects(
        gate.through(asked, () => Promise.reject(new Error('no'))),
        { message: 'no' },
      );
    ask('next');
    await turn();
    assert.deepEqual(told, ['begins next']);
  });
});
