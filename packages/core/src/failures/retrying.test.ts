import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { $, call, flow, lit } from '../../test/ir.ts';
import { ModelHost } from '../../test/model-host.ts';
import type { Behaviour } from '../../test/model-host.ts';

const failing: Behaviour = () => ({ fail: { code: 'io', message: 'no' } });
const policy = (within: number, more: object = {}): object[] => [
  { errors: [], max: 100, delay: 1_000, factor: 1, cap: 60_000, within, ...more },
];
const hostOf = (retry: object[], behave: Behaviour = failing): ModelHost =>
  new ModelHost(flow([call('a', 'x', lit(null), { retry: retry as never })], $('a')), { behave });

/** When the attempts started. */
const starts = (host: ModelHost): number[] => host.journal.filter(({ event }) => event.type === 'attempt.started').map(({ at }) => at);
const types = (host: ModelHost): string[] => host.journal.map(({ event }) => event.type);

describe('`within`', () => {
  it('ends the retries when the next one would start too late after the start of the first attempt', () => {
    const host = hostOf(policy(5_000)).finish();
    const at = starts(host);
    assert.ok(at.length >= 4 && at.length <= 6, `${at.length} attempts`);
    assert.ok((at.at(-1) ?? 0) - (at[0] ?? 0) <= 5_000);
    assert.deepEqual(host.outcome()?.error?.code, 'io');
  });

  it('holds for every policy and every length of attempts, and a policy without it is not bound by time', () => {
    const shape = fc.record({ within: fc.nat(3_000), delay: fc.nat(400), factor: fc.integer({ min: 1, max: 3 }), seed: fc.nat() });
    fc.assert(
      fc.property(shape, ({ within, delay, factor, seed }) => {
        const retry = [{ errors: [], max: 30, delay, factor, cap: 1_000, within }];
        const host = new ModelHost(flow([call('a', 'x', lit(null), { retry })], $('a')), { behave: failing, seed }).finish();
        const [first = 0, ...rest] = starts(host);
        assert.ok(rest.every((at) => at <= first + within));
        assert.equal(host.outcome()?.status, 'failed');
      }),
    );
    assert.equal(starts(hostOf([{ errors: [], max: 6, delay: 90_000, factor: 1, cap: 90_000 }]).finish()).length, 7);
  });

  it('counts a pause that the service asks for', () => {
    const host = hostOf(policy(5_000), () => ({ fail: { code: 'rate_limited', message: 'later', retryAfterMs: 6_000 } })).finish();
    assert.equal(starts(host).length, 1);
  });

  it('is told to the host, which says when it was over before the retry could start', () => {
    const host = hostOf(policy(5_000));
    host.start('root/0:a:1');
    host.end('root/0:a:1');
    host.fireTimer();
    const waiting = host.waiting.get('root/0:a:2')?.dispatch;
    assert.equal(waiting?.startBy, (starts(host)[0] ?? 0) + 5_000);
    host.waiting.clear();
    host.now = (waiting?.startBy ?? 0) + 1;
    host.record('root', { type: 'retry.expired', item: 0, node: 'a', attempt: 1 });
    assert.deepEqual(types(host).slice(-4), ['retry.expired', 'step.failed', 'step.failed', 'run.settled']);
    assert.equal(host.outcome()?.error?.code, 'io');
  });

  it('says nothing of what was lost: that is made again however late', () => {
    const host = hostOf(policy(5_000), (_uses, _input, { attempt }) =>
      attempt < 3 ? { fail: { code: 'io', message: 'no' } } : { ok: 'done' },
    );
    host.start('root/0:a:1');
    host.now += 3_600_000;
    host.crash();
    assert.equal(host.waiting.get('root/0:a:2')?.dispatch.startBy, null);
    host.start('root/0:a:2');
    host.end('root/0:a:2');
    assert.equal(host.outcome()?.error?.code, 'io', 'but the failure of that attempt comes too late for a retry');
  });
});

describe('an expiry that comes after the start', () => {
  it('changes nothing', () => {
    const host = hostOf(policy(5_000), (_uses, _input, { attempt }) =>
      attempt === 1 ? { fail: { code: 'io', message: 'no' } } : { ok: 'done' },
    );
    host.start('root/0:a:1');
    host.end('root/0:a:1');
    host.fireTimer();
    host.start('root/0:a:2');
    host.record('root', { type: 'retry.expired', item: 0, node: 'a', attempt: 1 });
    host.finish();
    assert.equal(host.outcome()?.output, 'done');
  });
});
