/**
 * The charts of docs/states.md are complete and say nothing else: they are held against what happens in random runs with
 * a fixed seed and in the runs below, which are written for the transitions that chance would seldom meet.
 */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { charts, ROOT } from '@scriptorium/core';
import type { Flow } from '@scriptorium/core';
import { ModelHost } from '@scriptorium/core/model-host';
import type { Behaviour } from '@scriptorium/core/model-host';
import { compileFlow, formatDiagnostic } from '@scriptorium/flow';
import fc from 'fast-check';
import { definitionOf, planCallables } from './model/definition.ts';
import { codes, plans } from './model/plan.ts';
import { nothingObserved, observe } from './model/transitions.ts';

const observed = nothingObserved();
const call = `uses: model/work, with: { call: a, at: [], visit: 0, add: 0 }`;
const failing: Behaviour = () => ({ fail: { code: 'io', message: 'scripted' } });

const e1 = { fail: { code: 'e1', message: 'scripted' } } as const;
const undo = `compensate: { uses: model/undo, with: { call: a, at: [], visit: 0, gave: 0 } }`;

/** All calls can be made again but that of the fifth item. */
const late: Behaviour = (_uses, _input, { key }) => ({ fail: { code: key === '4' ? 'e1' : 'io', message: 'scripted' } });

describe('charts of states', () => {
  observeRandomRuns();
  for (const directed of directedRuns()) observe(directed.journal, observed);

  for (const name of ['run', 'step', 'attempt'] as const) {
    it(`of a ${name}: every transition that happens is in it, and every one in it happens`, () => {
      const drawn = charts[name].map(({ from, event, to }) => `${from} ${event} ${to}`);
      assert.deepEqual([...observed[name]].toSorted(), drawn.toSorted());
    });
  }
});

function observeRandomRuns(): void {
  for (const [index, plan] of fc.sample(plans, { seed: 7, numRuns: 250 }).entries()) {
    const host = new ModelHost(compiled(JSON.stringify(definitionOf(plan))), {
      options: { mode: plan.mode },
      seed: index,
      behave: seldomWell(index),
    });
    for (let turn = 0; host.turn(); turn += 1) {
      if (index % 3 === 1 && turn === index % 17) host.crash();
      if (index % 4 === 2 && turn === index % 13 && host.root().status === 'running') cancel(host);
    }
    observe(host.journal, observed);
  }
}

function seldomWell(seed: number): Behaviour {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const chance = (state >>> 8) % 20;
    if (chance < 3) return { fail: { code: codes[chance] ?? '', message: 'scripted' } };
    return chance === 4 ? { lose: 'worker' } : { ok: chance };
  };
}

function cancel(host: ModelHost): void {
  host.record(ROOT, { type: 'run.cancelling', by: 'test', reason: 'for a test' });
}

function directedRuns(): readonly ModelHost[] {
  const one = { item: 0, node: 'a' };
  const refused = { code: 'limit.open', message: 'the breaker is open' };
  return [
    ...held(),
    ran(`a: { wait: 2h, timeout: 1h }`),
    ran(`a: { wait: 2h, timeout: 1h, catch: [{ value: null }] }`),
    ran(`a: { steps: { b: { wait: 2h } }, timeout: 1h, catch: [{ value: null }] }`),
    ran(`a: { ${call} }`, () => ({ lose: 'worker' })),
    ran(`a: { ${call}, catch: [{ value: null }] }`, () => ({ lose: 'worker' })),
    ran(
      `a: { ${call} }`,
      () => ({ ok: 1 }),
      (host) => host.record(ROOT, { ...one, type: 'attempt.failed', attempt: 1, error: refused, ms: 0 }),
    ),
    ran(`a: { ${call}, retry: { max: 3, delay: 1s, within: 1h } }`, failing, (host) => {
      begin(host);
      host.record(ROOT, { ...one, type: 'attempt.failed', attempt: 1, error: { code: 'io', message: '' }, ms: 0 });
      host.fireTimer();
      host.record(ROOT, { ...one, type: 'retry.expired', attempt: 1 });
    }),
    ran(`a: { ${call}, retry: { max: 3, delay: 1s, errors: [limit.open] } }`, failing, (host) => {
      host.record(ROOT, { ...one, type: 'attempt.failed', attempt: 1, error: refused, ms: 0 });
      host.fireTimer();
      host.record(ROOT, { ...one, type: 'attempt.failed', attempt: 2, error: refused, ms: 0 });
    }),
    ran(`a: { ${call} }`, failing, (host) =>
      host.record(ROOT, { ...one, type: 'attempt.reused', output: { v: 1 }, artifacts: [], reusedFrom: 'r0' }),
    ),
    ran(`a: { ${call} }`, failing, (host) => {
      begin(host);
      host.crash();
      host.record(ROOT, { ...one, type: 'attempt.reused', output: { v: 1 }, artifacts: [], reusedFrom: 'r0' });
    }),
    ran(`a: { ${call} }`, failing, (host) => {
      begin(host);
      host.record(ROOT, { ...one, type: 'attempt.noted', attempt: 1, note: { name: 'paid', value: { v: true } } });
      host.record(ROOT, { ...one, type: 'attempt.continued', attempt: 1, notes: [], ms: 0 });
    }),
    ran(`a: { each: { in: "\${ range }", workers: 150 }, ${call} }`),
    ran(`a: { each: { in: "\${ range }", workers: 5 }, retry: { max: 1, delay: 1h, errors: [io] }, ${call} }`, late, endAll),
    ran(`a: { each: [1, 2], ${call}, catch: [{ ${call} }] }`, failing, (host) => {
      endAll(host);
      cancel(host);
    }),
    ran(`a: { each: [1, 2], steps: { b: { ${call} } }, output: 1 }`, failing, cancel),
    ran(`a: { each: { in: [1, 2], workers: 1 }, ${call}, ${undo} }`, (_uses, _input, { key }) => (key === '1' ? e1 : { ok: 1 })),
    ran(
      `a: { each: [1], steps: { b: { ${call}, ${undo} }, c: { needs: [b], ${call} } }, output: 1 }`,
      () => ({ ok: 1 }),
      (host) => {
        endAll(host);
        cancel(host);
      },
    ),
    ran(`a: { wait: { event: go }, timeout: 1d }`, failing, (host) => host.signal('1', 'go')),
    ran(`a: { wait: { event: go }, timeout: 1d }`, failing, (host) => void host.answer(ROOT, 0, 'a', null)),
    ran(`a: { each: [1], wait: { event: go }, timeout: 1d }`, failing, (host) => host.signal('1', 'go')),
    states(`a: { wait: 2h, events: { stop: b }, next: b }\n  b: { value: 1 }`, failing),
    states(`a: { wait: 2h, events: { stop: b }, next: b }\n  b: { value: 1 }`, failing, (host) => host.signal('1', 'stop')),
    states(`a: { ${call}, events: { stop: b }, next: b }\n  b: { value: 1 }`, failing, (host) => host.signal('1', 'stop')),
    ran(`a: { each: { in: "\${ range }", workers: 5 }, ${call} }`, failing, (host) => {
      begin(host);
      host.crash();
      cancel(host);
    }),
    ran(`s: { steps: { a: { ${call} }, b: { ${call} } }, until: "\${ a != null }", output: 1 }`),
    ran(`a: { each: { in: [1, 2], workers: 1, until: "\${ ok.size() > 0 }" }, ${call} }`),
    undoing(''),
    undoing(', catch: [{ value: null }]'),
    states(`a: { each: [1, 2], ${call}, catch: [{ errors: [each.failed], to: b }], next: b }\n  b: { value: 1 }`, failing),
  ];
}

/** Paused, interrupted, and gone on with. */
function held(): readonly ModelHost[] {
  const pausedAndResumed = ran(
    `a: { ${call} }`,
    () => ({ ok: 1 }),
    (host) => {
      host.record(ROOT, { type: 'run.paused', by: 'test' });
      host.record(ROOT, { type: 'run.resumed', by: 'test' });
      host.record(ROOT, { type: 'run.interrupted', reason: 'crashed' });
      host.record(ROOT, { type: 'run.resumed', by: 'test' });
      host.record(ROOT, { type: 'run.paused', by: 'test' });
      host.record(ROOT, { type: 'run.interrupted', reason: 'stopped' });
      host.record(ROOT, { type: 'run.resumed', by: 'test' });
      host.record(ROOT, { type: 'run.parked', reason: 'for a test', fix: '' });
      host.record(ROOT, { type: 'run.resumed', by: 'test' });
      host.record(ROOT, {
        type: 'run.rolled_back',
        to: 1,
        gseq: 1,
        flow: { name: '', version: '', hash: '' },
        aside: '',
        files: [],
        by: 'test',
      });
      host.record(ROOT, { type: 'run.forked', parent: 'r0', gseq: 1, step: null, input: null, outputs: [], handlers: {}, by: 'test' });
      host.record(ROOT, { type: 'run.interrupted', reason: 'drained' });
      host.record(ROOT, { type: 'run.resumed', by: 'test' });
    },
  );
  const pausedAndCancelled = ran(
    `a: { ${call} }`,
    () => ({ ok: 1 }),
    (host) => {
      host.record(ROOT, { type: 'run.paused', by: 'test' });
      cancel(host);
    },
  );
  return [pausedAndResumed, pausedAndCancelled];
}

/** The first of two steps in a scope has a compensation; then the second fails. */
function undoing(more: string): ModelHost {
  const behave: Behaviour = (_uses, _input, { node }) => (node === 's/b' ? e1 : { ok: 1 });
  return ran(`s: { steps: { a: { ${call}, ${undo} }, b: { needs: [a], ${call} } }, output: null${more} }`, behave);
}

/** All calls that are asked for begin, and end in the order of their items. */
function endAll(host: ModelHost): void {
  begin(host);
  for (const key of host.running.keys()) host.end(key);
}

function begin(host: ModelHost): void {
  for (const key of host.waiting.keys()) host.start(key);
}

function ran(steps: string, behave: Behaviour = () => ({ ok: 1 }), meanwhile: (host: ModelHost) => void = () => undefined): ModelHost {
  const host = new ModelHost(compiled(sourceOf(steps)), { behave });
  meanwhile(host);
  return host.finish();
}

function states(text: string, behave: Behaviour, meanwhile: (host: ModelHost) => void = () => undefined): ModelHost {
  const host = new ModelHost(compiled(sourceOf(text).replace('steps:', 'states:')), { behave });
  meanwhile(host);
  return host.finish();
}

function sourceOf(steps: string): string {
  const range = Array.from({ length: 250 }, (_, index) => index).join(', ');
  return `flow: test/chart\nversion: "1.0.0"\nsteps:\n  ${steps.replace('range', `[${range}]`)}\noutput: null\n`;
}

function compiled(source: string): Flow {
  const { flow, diagnostics } = compileFlow(source, { file: 'chart.flow.yaml', callables: planCallables });
  if (flow === null) throw new Error(diagnostics.map((one) => formatDiagnostic(one, source)).join('\n'));
  return flow;
}
