/** All pools of an engine: declared by flows, changed live, shared by every run. Breakers are for flows alone to declare. */

import { HostError } from '@scriptorium/core';
import type { BreakerStatus, EngineEvent, Instant, Limit, LimitChange, Ms, PoolStatus } from '@scriptorium/core';
import { Pool } from './pool.ts';
import type { PoolRow } from '../journal/journal-reads.ts';
import type { Ticket } from './pool.ts';

/** What a pool did by itself. */
export type PoolChange = Extract<EngineEvent, { type: 'breaker.changed' | 'limit.adapted' }>;

export interface PoolBoard {
  /** A flow brings its limits; a pool that was changed by hand keeps what it was changed to. */
  readonly declare: (limits: { readonly [pool: string]: Limit }) => readonly string[];
  /** Sets a pool as the journal has it, whether or not a flow declared it yet. */
  readonly restore: (row: PoolRow) => void;
  readonly change: (pool: string, change: LimitChange) => { readonly pool: string; readonly from: Limit; readonly to: Limit };
  /** The full name for a name or an unambiguous last segment of one; raises `not_found` or `ambiguous`. */
  readonly resolve: (name: string) => string;
  /** Pools that count tokens, with what was used before this engine began. */
  readonly recall: (used: (perMs: Ms) => readonly UsedTokens[]) => void;
  /** Waits in a pool, or for nothing when `pool` is null; returns how to withdraw. */
  readonly enter: (pool: string | null, ticket: Ticket) => () => void;
  /** Closes a breaker by hand; raises `conflict` where there is none. */
  readonly close: (pool: string, by: string) => { readonly pool: string; readonly breaker: BreakerStatus };
  /** Grants what can be granted; returns when a rate or a breaker allows the next start, or null. */
  readonly serve: (nowMs: number) => number | null;
  /** What pools did since this was last asked: facts to be recorded in this order. */
  readonly takeChanges: () => readonly PoolChange[];
  readonly list: () => readonly PoolStatus[];
}

/** Tokens that attempts used, up to this moment. */
export interface UsedTokens {
  readonly tokens: number;
  readonly at: Instant;
}

/** Attempts of steps without a limit meet here. */
const UNLIMITED = '';

export function createPoolBoard(startedAt: number, now: () => Instant): PoolBoard {
  const pools = new Map<string, Pool>();
  const changed = new Set<string>();
  let changes: PoolChange[] = [];
  /** Who closes a breaker at this moment. */
  let closing: string | null = null;

  function poolOf(name: string): Pool {
    const known = pools.get(name);
    if (known !== undefined) return known;
    const pool = new Pool({}, startedAt, {
      breaker: (breaker) => changes.push({ type: 'breaker.changed', pool: name, by: closing, ...breaker }),
      adapted: (adapted) => changes.push({ type: 'limit.adapted', pool: name, ...adapted }),
    });
    pools.set(name, pool);
    return pool;
  }

  function resolve(name: string): string {
    if (name !== UNLIMITED && pools.has(name)) return name;
    const candidates = [...pools.keys()].filter((pool) => pool.endsWith(`/${name}`));
    if (candidates.length === 1 && candidates[0] !== undefined) return candidates[0];
    const known = [...pools.keys()].filter((pool) => pool !== UNLIMITED);
    if (candidates.length > 1)
      throw new HostError('ambiguous', `'${name}' may be any of: ${candidates.join(', ')}`, 'Give the whole name of the pool.');
    throw new HostError('not_found', `no pool '${name}'; known: ${known.join(', ') || 'none'}`, 'See `scriptorium limits`.');
  }

  return {
    resolve,
    declare: (limits) =>
      Object.entries(limits).flatMap(([name, limit]) => {
        const pool = poolOf(name);
        const next = withBreakerOf(limit, changed.has(name) ? pool.limit : limit);
        if (JSON.stringify(pool.limit) === JSON.stringify(next)) return [];
        pool.change(next);
        return [name];
      }),
    restore: (row) => {
      restore(poolOf(row.pool), row);
      if (row.changed !== null) changed.add(row.pool);
    },
    recall: (used) => {
      for (const pool of pools.values()) recall(pool, used);
    },
    change: (name, change) => {
      const pool = resolve(name);
      const from = poolOf(pool).limit;
      const to = { ...from, ...change };
      poolOf(pool).change(to);
      changed.add(pool);
      return { pool, from, to };
    },
    close: (name, by) => {
      const pool = poolOf(resolve(name));
      if (pool.limit.breaker === undefined) throw withoutBreaker(resolve(name));
      closing = by;
      pool.close();
      closing = null;
      return { pool: resolve(name), breaker: pool.breaker };
    },
    enter: (name, ticket) => poolOf(name ?? UNLIMITED).enter(ticket),
    serve: (nowMs) => {
      const waits = [...pools.values()].map((pool) => pool.serve(nowMs)).filter((at) => at !== null);
      return waits.length === 0 ? null : Math.min(...waits);
    },
    takeChanges: () => {
      const taken = changes;
      changes = [];
      return taken;
    },
    list: () => statusesOf(pools, now()),
  };
}

function restore(pool: Pool, { declared, changed, breaker, adapted }: PoolRow): void {
  pool.change(withBreakerOf(declared ?? {}, changed ?? declared ?? {}));
  if (breaker !== null && pool.limit.breaker !== undefined) pool.restore(breaker);
  if (adapted !== null) pool.adaptAgain(adapted);
}

function recall(pool: Pool, used: (perMs: Ms) => readonly UsedTokens[]): void {
  if (pool.limit.tokens !== undefined) for (const { tokens, at } of used(pool.limit.tokens.per)) pool.recall(tokens, at);
}

function statusesOf(pools: ReadonlyMap<string, Pool>, nowMs: Instant): readonly PoolStatus[] {
  return [...pools]
    .filter(([name]) => name !== UNLIMITED)
    .map(([name, pool]) => {
      const { limit, used, waiting, breaker } = pool;
      const adapted = pool.adapted(nowMs);
      return {
        pool: name,
        limit,
        used,
        waiting,
        ...(limit.breaker === undefined ? {} : { breaker }),
        ...(limit.tokens === undefined ? {} : { tokens: pool.tokens(nowMs) }),
        ...(adapted === null ? {} : { adapted }),
      };
    })
    .toSorted((a, b) => (a.pool < b.pool ? -1 : 1));
}

function withoutBreaker(pool: string): HostError {
  return new HostError('conflict', `the pool '${pool}' has no breaker`, 'Declare one: `breaker: { failures: 5, cooldown: 1m }`.');
}

/** A change by hand keeps its numbers, but has no say about the breaker. */
function withBreakerOf({ breaker }: Limit, { concurrent, rate, tokens }: Limit): Limit {
  return {
    ...(concurrent === undefined ? {} : { concurrent }),
    ...(rate === undefined ? {} : { rate }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(breaker === undefined ? {} : { breaker }),
  };
}
