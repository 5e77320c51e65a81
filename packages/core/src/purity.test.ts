/**
 * The core is pure: a thousand runs of random flows are played, folded and shown while everything by which code could
 * learn the time, draw a number, wait or reach the platform throws, and what comes out is compared with what comes out
 * when nothing is poisoned. Commands are compared too: a random back-off changes no state.
 */

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { evolve, evolveProgress, showProgress, startProgress } from './index.ts';
import type { ActorState, Flow, Json, Node } from './index.ts';
import { $, call, each, flow, lit, obj, scope, value } from '../test/ir.ts';
import { ModelHost } from '../test/model-host.ts';
import type { Behaviour } from '../test/model-host.ts';

const runs = 1_000;

/** What one run leaves behind. */
interface Trace {
  readonly journal: string;
  readonly commands: string;
  readonly states: string;
  readonly progress: string;
  readonly events: number;
}

describe('a thousand random runs in a world without time, chance and platform', () => {
  const traces: Trace[] = [];

  before(() => {
    const hosts = poisoned(() => Array.from({ length: runs }, (_, seed) => play(seed)));
    for (const host of hosts) traces.push(host);
  });

  it('come to their end', () => {
    assert.equal(traces.length, runs);
    const events = traces.reduce((sum, trace) => sum + trace.events, 0);
    assert.ok(events > 20 * runs, `only ${events} events`);
  });

  it('leave the same journal, commands, state and progress as in a world with all of it', () => {
    for (let seed = 0; seed < runs; seed += 10) assert.deepEqual(play(seed), traces[seed], `seed ${seed}`);
  });
});

describe('the poison', () => {
  const poisons: readonly (readonly [string, () => unknown])[] = [
    ['Date.now', () => Date.now()],
    ['new Date', () => new Date()],
    ['Math.random', () => Math.random()],
    ['setTimeout', () => setTimeout(() => undefined, 0)],
    ['queueMicrotask', () => queueMicrotask(() => undefined)],
    ['performance', () => performance.now()],
    ['crypto', () => crypto.randomUUID()],
    ['process', () => process.pid],
    ['Intl', () => new Intl.NumberFormat()],
    ['localeCompare', () => 'a'.localeCompare('b')],
    ['Promise', () => Promise.resolve()],
  ];
  for (const [name, use] of poisons) {
    it(`of ${name} works, and is gone afterwards`, () => {
      assert.throws(() => poisoned(use), /the core used/);
      assert.doesNotThrow(use);
    });
  }
});

/** Plays a random run to its end and folds its journal anew, frozen, into states and progress. */
function play(seed: number): Trace {
  const random = randomFrom(seed);
  const definition = frozen(randomFlow(random));
  const list = Array.from({ length: random(40) }, (_, index) => index);
  const mode = pick(random, ['strict', 'flexible', 'best_effort'] as const);
  const host = new ModelHost(definition, { input: { list }, seed, behave: randomBehaviour(seed, random(25)), options: { mode } });
  const crashAt = random(3) === 0 ? random(60) : -1;
  for (let turn = 0; host.turn(); turn += 1) if (turn === crashAt) host.crash();
  if (host.outcome() === null) throw new Error(`run ${seed} got stuck`);

  const states = new Map<string, ActorState>();
  let view = startProgress(definition);
  for (const recorded of host.journal) {
    frozen(recorded);
    states.set(recorded.actor, evolve(states.get(recorded.actor) ?? null, recorded));
    view = evolveProgress(view, recorded);
  }
  assertSame(states, host.actors);
  const shown = showProgress(view, host.now);
  return {
    journal: text(host.journal),
    commands: host.given.join('\n'),
    states: text(states),
    progress: text(shown),
    events: host.journal.length,
  };
}

/** A flow of up to four steps, some of them fanned out, nested, retried, caught, conditional or bounded in time. */
function randomFlow(random: Random): Flow {
  const steps = Array.from({ length: 1 + random(4) }, (_, index) =>
    randomStep(random, `s${index}`, index === 0 ? [] : [`s${random(index)}`], 2),
  );
  return flow(steps, obj(Object.fromEntries(steps.map(({ id }) => [id, $(`${id} == null`)]))));
}

function randomStep(random: Random, id: string, needs: readonly string[], depth: number): Node {
  const options = {
    needs,
    ...(random(4) === 0 ? { retry: [{ errors: [], max: random(3), delay: random(100), factor: 2, cap: 500 }] } : {}),
    ...(random(4) === 0 ? { catch: [{ errors: ['hard', 'each.failed'], do: value(`${id}/catch.0`, lit('caught')) }] } : {}),
    ...(random(6) === 0 ? { if: 'input.list.size() > 5' } : {}),
    ...(random(3) === 0 && depth > 0
      ? {
          each: each('input.list', {
            workers: 1 + random(8),
            batch: 1 + random(3),
            tolerate: pick(random, [0, 2, '20%']),
            captures: ['input'],
          }),
        }
      : {}),
  };
  const kind = random(depth > 0 ? 4 : 2);
  if (kind === 0) return value(id, $('1 + 2 * 3'), options);
  if (kind < 3) return call(id, 'work', obj({ size: $('input.list.size()') }), options);
  const inner = Array.from({ length: 1 + random(3) }, (_, index) =>
    randomStep(random, `${id}/i${index}`, index === 0 ? [] : ['i0'], depth - 1),
  );
  return scope(id, inner, lit('done'), { ...options, ...(random(4) === 0 ? { timeout: 50 + random(200) } : {}) });
}

function randomBehaviour(seed: number, trouble: number): Behaviour {
  const random = randomFrom(seed + 7_919);
  return (_uses, input) => {
    if (random(100) >= trouble) return { ok: input as Json };
    const code = pick(random, ['io', 'hard', 'lose'] as const);
    return code === 'lose' ? { lose: 'worker' } : { fail: { code, message: `${code} ${random(5)}` } };
  };
}

/** Draws a whole number from 0 to below its argument. */
type Random = (below: number) => number;

/** The minimal standard generator (Park and Miller, 1988): `x → 16807 x mod 2³¹ − 1`. */
function randomFrom(seed: number): Random {
  let state = (Math.imul(seed + 1, 48_271) >>> 1) + 1;
  return (below) => {
    state = (state * 16_807) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * below);
  };
}

function pick<const T>(random: Random, of: readonly T[]): T {
  return of[random(of.length)] as T;
}

/** Runs `work`, which must not wait, with all that the core must not use replaced by something that throws. */
function poisoned<T>(work: () => T): T {
  const globals = ['Date', 'performance', 'crypto', 'process', 'Buffer', 'fetch', 'console', 'Intl', 'Promise'];
  const timers = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'];
  const restores = [
    ...[...globals, ...timers].map((name) => poison(globalThis, name)),
    poison(Math, 'random'),
    ...['localeCompare', 'toLocaleLowerCase', 'toLocaleUpperCase'].map((name) => poison(String.prototype, name)),
    poison(Number.prototype, 'toLocaleString'),
  ];
  try {
    return work();
  } finally {
    for (const restore of restores) restore();
  }
}

function poison(holder: object, name: string): () => void {
  const original = Object.getOwnPropertyDescriptor(holder, name);
  assert.ok(original, `${name} exists`);
  const get = (): never => {
    throw new Error(`the core used ${name}`);
  };
  Object.defineProperty(holder, name, { configurable: true, get });
  return () => Object.defineProperty(holder, name, original);
}

function frozen<T>(of: T): T {
  if (typeof of === 'object' && of !== null && !Object.isFrozen(of)) {
    Object.freeze(of);
    for (const part of Object.values(of)) frozen(part);
  }
  return of;
}

/** Not `assert`: it looks at the platform. */
function assertSame(folded: ReadonlyMap<string, ActorState>, live: ReadonlyMap<string, ActorState>): void {
  if (text(folded) !== text(live)) throw new Error('the folded journal is not the live state');
}

function text(of: unknown): string {
  return JSON.stringify(of, (_key, part: unknown) => (part instanceof Map ? { entries: [...part] } : part));
}
