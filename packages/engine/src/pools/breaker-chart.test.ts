/** The breaker's chart in docs/states.md is what its code does, whatever its figures. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { charts } from '@scriptorium/core';
import type { Limit } from '@scriptorium/core';
import fc from 'fast-check';
import { afterCall, afterCooldown, closeBreaker, closedBreaker } from './breaker.ts';
import type { Breaker } from './breaker.ts';

const happenings = ['success', 'failure', 'cooldown', 'by_hand'] as const;
const drawn = new Set(charts.breaker.map(({ from, event, to }) => `${from} ${event} ${to}`));

/** The transition, if the breaker changes at all; the failure that opens a closed one has a name of its own. */
function transition(
  before: Breaker,
  what: (typeof happenings)[number],
  limit: Limit,
  nowMs: number,
): { next: Breaker; name: string | null } {
  const next = after(before, what, limit, nowMs);
  const changes = before.type !== next.type || (before.type === 'closed' && (what === 'success' || what === 'failure'));
  const event = what === 'failure' && before.type === 'closed' && next.type === 'open' ? 'failures' : what;
  return { next, name: changes ? `${before.type} ${event} ${next.type}` : null };
}

function after(breaker: Breaker, what: (typeof happenings)[number], limit: Limit, nowMs: number): Breaker {
  switch (what) {
    case 'success':
      return afterCall(breaker, null, limit, nowMs);
    case 'failure':
      return afterCall(breaker, 'io', limit, nowMs);
    case 'cooldown':
      return afterCooldown(breaker, nowMs);
    case 'by_hand':
      return closeBreaker(limit);
  }
}

test('nothing happens that the chart does not have', () => {
  const limits = fc.record({
    concurrent: fc.integer({ min: 1, max: 9 }),
    breaker: fc.record({ failures: fc.integer({ min: 1, max: 4 }), cooldown: fc.integer({ min: 1, max: 50 }) }),
  });
  fc.assert(
    fc.property(limits, fc.array(fc.record({ what: fc.constantFrom(...happenings), ms: fc.nat(60) })), (limit, history) => {
      let breaker: Breaker = closedBreaker;
      let nowMs = 0;
      for (const { what, ms } of history) {
        nowMs += ms;
        const { next, name } = transition(breaker, what, limit, nowMs);
        assert.ok(name === null || drawn.has(name), String(name));
        breaker = next;
      }
    }),
  );
});

test('everything that the chart has happens', () => {
  const limit = { concurrent: 4, breaker: { failures: 2, cooldown: 10 } };
  const happened = new Set<string>();
  const history =
    'success failure failure cooldown failure cooldown success success failure failure by_hand failure failure cooldown by_hand';
  let breaker: Breaker = closedBreaker;
  for (const [turn, what] of history.split(' ').entries()) {
    const { next, name } = transition(breaker, what as (typeof happenings)[number], limit, turn * 10);
    if (name !== null) happened.add(name);
    breaker = next;
  }
  assert.deepEqual([...happened].toSorted(), [...drawn].toSorted());
});
