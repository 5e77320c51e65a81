import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isServiceError } from '../index.ts';
import type { Catch, Flow, Node } from '../index.ts';
import { $, call, each, flow, lit, scope, value } from '../../test/ir.ts';
import { ModelHost } from '../../test/model-host.ts';

const instead = (id: string, errors: readonly string[]): Catch => ({ errors, do: value(`${id}/catch.0`, lit('instead')) });
const asking = (id: string, options: Parameters<typeof call>[3] = {}): Node => call(id, 'ask', lit(null), { limit: 'llm', ...options });

/** Whether the first attempt that is asked for would be refused by an open breaker. */
function refusable(definition: Flow): boolean | undefined {
  const host = new ModelHost(definition, { behave: () => ({ ok: [1] }) });
  for (;;) {
    const found = [...host.waiting.values()].find(({ dispatch }) => dispatch.uses === 'ask');
    if (found !== undefined || !host.turn()) return found?.dispatch.refusable;
  }
}

const once = (options: Parameters<typeof call>[3]): boolean | undefined => refusable(flow([asking('a', options)], $('a')));

describe('while a breaker is open', () => {
  it('a step waits unless it names `limit.open`', () => {
    const retry = (errors: string[]): object => ({ retry: [{ errors, max: 1, delay: 1, factor: 1, cap: 1 }] });
    assert.equal(once({}), false);
    assert.equal(once(retry([])), false);
    assert.equal(once(retry(['*'])), false);
    assert.equal(once({ catch: [instead('a', [])] }), false);
    assert.equal(once({ catch: [instead('a', ['io', '*'])] }), false);
    assert.equal(once(retry(['limit.open'])), true);
    assert.equal(once({ catch: [instead('a', ['io', 'limit.open'])] }), true);
    assert.equal(once({ catch: [instead('a', ['limit.*'])] }), true);
  });

  it('a scope around it may name it too, and outside of an `each` it must also name what the failure becomes there', () => {
    const around = (errors: readonly string[], inner: Node): boolean | undefined =>
      refusable(flow([call('list', 'list'), scope('s', [inner], lit(1), { needs: ['list'], catch: [instead('s', errors)] })], $('s')));
    const item = asking('s/a', { each: each('list') });
    assert.equal(around(['limit.open'], asking('s/a')), true);
    assert.equal(around(['io'], asking('s/a')), false);
    assert.equal(around(['limit.open'], item), false);
    assert.equal(around(['limit.open', 'each.failed'], item), true);
    assert.equal(around(['io'], asking('s/a', { each: each('list'), catch: [instead('s/a', ['limit.open'])] })), true);
  });

  it('the body of a catch is not caught by the step that it replaces', () => {
    const body = { errors: ['limit.open', 'io'], do: asking('a/catch.0') };
    const host = new ModelHost(flow([call('a', 'x', lit(null), { catch: [body] })], $('a')), {
      behave: () => ({ fail: { code: 'io', message: 'no' } }),
    });
    host.start('root/0:a:1');
    host.end('root/0:a:1');
    assert.equal(host.waiting.get('root/0:a/catch.0:1')?.dispatch.refusable, false);
  });

  it('a failure that is reported once more, when its item has settled, is no refusal of another attempt', () => {
    const host = new ModelHost(
      flow([call('a', 'x', lit(null), { each: each('[1, 2]', { workers: 1, tolerate: 2 }) })], $('a.failed.size()')),
      {
        behave: () => ({ fail: { code: 'hard', message: 'no' } }),
      },
    );
    host.start('root/0:a:0/0:a:1');
    host.end('root/0:a:0/0:a:1');
    host.record('root/0:a:0', { type: 'attempt.failed', item: 0, node: 'a', attempt: 1, error: { code: 'hard', message: 'no' }, ms: 0 });
    assert.equal(host.actors.get('root/0:a:0')?.counts.failed, 1);
    assert.equal(host.finish().outcome()?.output, 2);
  });

  it('a refusal is a failed attempt without a start: it is caught, or tried again when the cool-down is over', () => {
    const refused = { type: 'attempt.failed', item: 0, node: 'a', attempt: 1, ms: 0 } as const;
    const error = { code: 'limit.open', message: 'open', retryAfterMs: 60_000 };
    const caught = new ModelHost(flow([asking('a', { catch: [instead('a', ['limit.open'])] })], $('a')));
    caught.waiting.clear();
    caught.record('root', { ...refused, error });
    assert.equal(caught.outcome()?.output, 'instead');

    const retry = [{ errors: ['limit.open'], max: 2, delay: 1, factor: 1, cap: 1 }];
    const retried = new ModelHost(flow([asking('a', { retry })], $('a')), { behave: () => ({ ok: 'answer' }) });
    retried.waiting.clear();
    retried.record('root', { ...refused, error });
    retried.fireTimer();
    assert.equal(retried.now, 61_000);
    retried.waiting.clear();
    retried.record('root', { ...refused, attempt: 2, error });
    retried.finish();
    assert.equal(retried.outcome()?.output, 'answer');
    assert.deepEqual(
      retried.journal.flatMap(({ event }) => (event.type === 'attempt.started' ? [event.attempt] : [])),
      [3],
    );
  });
});

describe('a breaker counts', () => {
  it('what says that the service does not answer, and nothing about an item or a contract', () => {
    const codes = [
      'io',
      'timeout',
      'rate_limited',
      'overloaded',
      'agent.unavailable',
      'lost',
      'contract.output',
      'unexpected',
      'limit.open',
      'broken',
    ];
    assert.deepEqual(codes.filter(isServiceError), ['io', 'timeout', 'rate_limited', 'overloaded', 'agent.unavailable']);
  });
});
