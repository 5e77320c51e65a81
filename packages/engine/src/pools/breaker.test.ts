import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NORMAL_PRIORITY } from '@scriptorium/core';
import type { BreakerStatus, Limit } from '@scriptorium/core';
import { Pool } from './pool.ts';
import type { Permit } from './pool.ts';

const COOLDOWN = 1_000;
const limitOf = (concurrent: number, failures = 3): Limit => ({ concurrent, breaker: { failures, cooldown: COOLDOWN } });

/** A pool with what it did: permits that are out, refusals, and every change of its breaker. */
class Bench {
  readonly changes: BreakerStatus[] = [];
  readonly out: Permit[] = [];
  refused = 0;
  now = 0;
  pool: Pool;

  constructor(limit: Limit) {
    this.pool = new Pool(limit, 0, { breaker: (breaker) => this.changes.push(breaker), adapted: () => undefined });
  }

  enter(isRefusable = false): void {
    this.pool.enter({
      run: 'r',
      priority: NORMAL_PRIORITY,
      grant: (permit) => {
        permit.start(this.now);
        this.out.push(permit);
      },
      ...(isRefusable ? { refuse: () => (this.refused += 1) } : {}),
    });
  }

  serve(): number | null {
    return this.pool.serve(this.now);
  }

  /** Ends the call that is longest under way; `code` undefined says nothing about the service. */
  end(code: string | null | undefined): void {
    const permit = this.out.shift();
    if (code !== undefined) permit?.report(code, this.now);
    permit?.release();
    this.serve();
  }

  states(): string[] {
    return this.changes.map(({ state, ramp }) => (ramp === null ? state : `${state} ${ramp}`));
  }
}

/** A pool of `concurrent` with `calls` in it, whose breaker has just opened at 0. */
function opened(concurrent: number, calls: number): Bench {
  const bench = new Bench(limitOf(concurrent));
  for (let call = 0; call < calls; call += 1) bench.enter();
  bench.serve();
  for (let failure = 0; failure < 3; failure += 1) bench.end('overloaded');
  return bench;
}

describe('a breaker', () => {
  it('opens after so many failures in a row, and no sooner', () => {
    const bench = new Bench(limitOf(1));
    for (let call = 0; call < 20; call += 1) bench.enter();
    bench.serve();
    for (const code of ['io', 'io', null, 'io', 'io', undefined]) bench.end(code);
    assert.deepEqual([bench.pool.breaker.state, bench.pool.breaker.failures], ['closed', 2]);
    bench.end('timeout');
    assert.deepEqual(bench.pool.breaker, { state: 'open', until: COOLDOWN, failures: 3, code: 'timeout', ramp: null });
    assert.equal(bench.out.length, 0);
  });

  it('lets nothing through until the cool-down is over, then one call at a time', () => {
    const bench = opened(4, 20);
    assert.equal(bench.out.length, 3, 'what had started goes on');
    for (const permit of bench.out.splice(0)) permit.release();
    bench.now = COOLDOWN - 1;
    assert.deepEqual([bench.serve(), bench.out.length], [COOLDOWN, 0]);
    bench.now = COOLDOWN;
    bench.serve();
    assert.deepEqual([bench.out.length, bench.pool.breaker.state], [1, 'half_open']);
    bench.end(undefined);
    assert.deepEqual([bench.out.length, bench.pool.breaker.state], [1, 'half_open'], 'a call that says nothing is followed by another');
    bench.end('io');
    assert.deepEqual(bench.pool.breaker, { state: 'open', until: 2 * COOLDOWN, failures: 4, code: 'io', ramp: null });
  });

  it('lets the first call try the service although older ones still wait for it', () => {
    const bench = opened(4, 20);
    bench.now = COOLDOWN;
    bench.serve();
    assert.deepEqual([bench.out.length, bench.pool.used], [4, 4]);
    bench.end(null);
    assert.equal(bench.pool.breaker.state, 'half_open', 'a late answer to an older call is not an answer to this one');
  });

  it('comes back by 1, 2, 4, … at once and not as a herd', () => {
    const bench = opened(8, 100);
    for (const permit of bench.out.splice(0)) permit.release();
    bench.now = COOLDOWN;
    bench.serve();
    const widths: number[] = [];
    while (bench.pool.waiting > 0) {
      widths.push(bench.out.length);
      bench.end(null);
    }
    assert.deepEqual(bench.states(), ['open', 'half_open', 'closed 1', 'closed 2', 'closed 4', 'closed']);
    assert.deepEqual(widths.slice(0, 9), [1, 1, 2, 2, 4, 4, 4, 4, 8]);
  });

  it('holds its ramp back while calls fail, and opens again when they fail in a row', () => {
    const bench = opened(8, 100);
    for (const permit of bench.out.splice(0)) permit.release();
    bench.now = COOLDOWN;
    bench.serve();
    for (const code of [null, null, null, 'io', null]) bench.end(code);
    assert.equal(bench.pool.breaker.ramp, 2);
    bench.end(null);
    assert.equal(bench.pool.breaker.ramp, 4);
    for (const code of ['io', 'io', 'io']) bench.end(code);
    assert.equal(bench.pool.breaker.state, 'open');
  });

  it('refuses at once who can use that, and nobody else', () => {
    const bench = opened(4, 10);
    for (const permit of bench.out.splice(0)) permit.release();
    const waiting = bench.pool.waiting;
    bench.enter(true);
    bench.enter();
    bench.serve();
    assert.deepEqual([bench.refused, bench.pool.waiting], [1, waiting + 1]);
  });

  it('is closed by hand, whatever it was', () => {
    const bench = opened(4, 20);
    for (const permit of bench.out.splice(0)) permit.release();
    bench.pool.close();
    bench.serve();
    assert.deepEqual([bench.out.length, bench.states().at(-1)], [1, 'closed 1']);
    bench.pool.close();
    assert.equal(bench.states().length, 2, 'once is enough');
  });

  it('goes with its declaration', () => {
    const bench = opened(4, 20);
    bench.pool.change({ concurrent: 4 });
    bench.serve();
    assert.deepEqual([bench.pool.breaker.state, bench.out.length], ['closed', 4]);
  });
});

/** What a breaker must do, told anew and only by what can be seen from outside: calls, answers and the clock. */
interface Oracle {
  chart: 'closed' | 'open' | 'half_open';
  failures: number;
  until: number;
  /** Calls granted since the chart last moved. */
  fresh: Set<Permit>;
  ramp: number | null;
  successes: number;
}

type Act =
  | { readonly type: 'enter'; readonly refusable: boolean }
  | { readonly type: 'end'; readonly which: number; readonly code: string | null | undefined }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'restart' | 'close' };

const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('enter' as const), refusable: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('end' as const),
      which: fc.nat(20),
      code: fc.constantFrom<(string | null | undefined)[]>('io', 'io', null, null, undefined),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.nat(COOLDOWN) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('restart' as const, 'close' as const) }) },
);

describe('a breaker, whatever happens', () => {
  it('moves as its chart says, grants no more than the chart allows, and goes on after a restart where it was', () => {
    let opens = 0;
    let closes = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(acts, { minLength: 30, maxLength: 150, size: 'max' }),
        (concurrent, failures, list) => {
          const bench = new Bench(limitOf(concurrent, failures));
          const oracle: Oracle = { chart: 'closed', failures: 0, until: 0, fresh: new Set(), ramp: null, successes: 0 };
          for (const act of list) {
            const before = { out: new Set(bench.out), waiting: bench.pool.waiting, refused: bench.refused };
            perform(bench, oracle, act, concurrent, failures);
            const isOver = oracle.chart === 'open' && bench.now >= oracle.until && bench.pool.waiting > 0;
            if (isOver) move(oracle, 'half_open');
            bench.serve();
            for (const permit of bench.out) if (!before.out.has(permit)) oracle.fresh.add(permit);
            assert.equal(bench.pool.breaker.state, oracle.chart);
            assert.equal(bench.pool.breaker.ramp, oracle.ramp);
            check(bench, oracle, concurrent, before.out);
          }
          opens += bench.changes.filter(({ state }) => state === 'open').length;
          closes += bench.changes.filter(({ state, ramp }) => state === 'closed' && ramp !== null).length;
          assertLegal(bench.changes);
        },
      ),
      { numRuns: 300 },
    );
    assert.ok(opens > 250 && closes > 150, `${opens} opened, ${closes} steps of a ramp`);
  });
});

function perform(bench: Bench, oracle: Oracle, act: Act, concurrent: number, failures: number): void {
  switch (act.type) {
    case 'enter':
      bench.enter(act.refusable);
      break;
    case 'wait':
      bench.now += act.ms;
      break;
    case 'close':
      bench.pool.close();
      oracle.failures = 0;
      if (oracle.chart !== 'closed') startRamp(oracle, concurrent);
      break;
    case 'restart': {
      // Calls that were out are lost, tickets are entered anew, and the breaker is what was recorded last.
      const recorded = bench.changes.at(-1);
      bench.pool = new Pool(limitOf(concurrent, failures), 0, {
        breaker: (breaker) => bench.changes.push(breaker),
        adapted: () => undefined,
      });
      if (recorded !== undefined) bench.pool.restore(recorded);
      bench.out.length = 0;
      oracle.fresh.clear();
      oracle.successes = 0;
      oracle.failures = recorded?.failures ?? 0;
      break;
    }
    case 'end': {
      const permit = bench.out[act.which % Math.max(1, bench.out.length)];
      if (permit === undefined) break;
      bench.out.splice(bench.out.indexOf(permit), 1);
      if (act.code !== undefined) permit.report(act.code, bench.now);
      permit.release();
      if (oracle.fresh.delete(permit)) answer(oracle, act.code, bench.now, concurrent, failures);
      break;
    }
  }
}

function answer(oracle: Oracle, code: string | null | undefined, now: number, concurrent: number, failures: number): void {
  if (code === undefined) return;
  if (code !== null) {
    oracle.failures += 1;
    oracle.successes = 0;
    if (oracle.chart === 'closed' && oracle.failures < failures) return;
    move(oracle, 'open');
    oracle.ramp = null;
    oracle.until = now + COOLDOWN;
    return;
  }
  oracle.failures = 0;
  if (oracle.chart === 'half_open') return startRamp(oracle, concurrent);
  if (oracle.ramp === null) return;
  oracle.successes += 1;
  if (oracle.successes < oracle.ramp) return;
  oracle.successes = 0;
  oracle.ramp = oracle.ramp * 2 < concurrent ? oracle.ramp * 2 : null;
}

function startRamp(oracle: Oracle, concurrent: number): void {
  move(oracle, 'closed');
  oracle.failures = 0;
  oracle.successes = 0;
  oracle.ramp = concurrent > 1 ? 1 : null;
}

function move(oracle: Oracle, chart: Oracle['chart']): void {
  oracle.chart = chart;
  oracle.fresh.clear();
}

function check(bench: Bench, oracle: Oracle, concurrent: number, before: ReadonlySet<Permit>): void {
  const granted = bench.out.filter((permit) => !before.has(permit));
  assert.ok(bench.pool.used <= concurrent);
  assert.equal(bench.pool.used, bench.out.length);
  if (oracle.chart === 'open') assert.deepEqual(granted, []);
  if (oracle.chart === 'half_open') assert.ok(oracle.fresh.size <= 1);
  if (oracle.ramp !== null && granted.length > 0) assert.ok(bench.pool.used <= oracle.ramp);
  const room = oracle.chart === 'half_open' ? 1 - oracle.fresh.size : Math.min(concurrent, oracle.ramp ?? concurrent) - bench.out.length;
  if (oracle.chart !== 'open' && bench.pool.waiting > 0 && bench.out.length < concurrent) assert.ok(room <= 0, 'nobody waits for nothing');
}

/** Only closed → open → half open → closed or open; by hand from any to closed. */
function assertLegal(changes: readonly BreakerStatus[]): void {
  let state: BreakerStatus['state'] = 'closed';
  const next = { closed: ['open', 'closed'], open: ['half_open', 'closed'], half_open: ['open', 'closed'] } as const;
  for (const change of changes) {
    assert.ok((next[state] as readonly string[]).includes(change.state), `${state} → ${change.state}`);
    state = change.state;
  }
}
