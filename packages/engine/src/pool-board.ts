/** All pools of an engine: declared by flows, changed live, shared by every run. */

import { HostError } from '@scriptorium/core';
import type { Limit, PoolStatus } from '@scriptorium/core';
import { Pool } from './pool.ts';
import type { Ticket } from './pool.ts';

export interface PoolBoard {
  /** A flow brings its limits; a pool that was changed by hand keeps what it was changed to. */
  readonly declare: (limits: { readonly [pool: string]: Limit }) => readonly string[];
  /** Sets a pool as the journal has it, whether or not a flow declared it yet. */
  readonly restore: (pool: string, limit: Limit, changed: boolean) => void;
  readonly change: (pool: string, change: Limit) => { readonly pool: string; readonly from: Limit; readonly to: Limit };
  /** The full name for a name or an unambiguous last segment of one; raises `not_found` or `ambiguous`. */
  readonly resolve: (name: string) => string;
  /** Waits in a pool, or for nothing when `pool` is null; returns how to withdraw. */
  readonly enter: (pool: string | null, ticket: Ticket) => () => void;
  /** Grants what can be granted; returns when a rate allows the next start, or null. */
  readonly serve: (nowMs: number) => number | null;
  readonly list: () => readonly PoolStatus[];
}

/** Attempts of steps without a limit meet here. */
const UNLIMITED = '';

export function createPoolBoard(startedAt: number): PoolBoard {
  const pools = new Map<string, Pool>();
  const changed = new Set<string>();

  function poolOf(name: string): Pool {
    const known = pools.get(name);
    if (known !== undefined) return known;
    const pool = new Pool({}, startedAt);
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
        if (changed.has(name)) return [];
        const pool = poolOf(name);
        if (JSON.stringify(pool.limit) === JSON.stringify(limit)) return [];
        pool.change(limit);
        return [name];
      }),
    restore: (name, limit, byHand) => {
      poolOf(name).change(limit);
      if (byHand) changed.add(name);
    },
    change: (name, change) => {
      const pool = resolve(name);
      const from = poolOf(pool).limit;
      const to = { ...from, ...change };
      poolOf(pool).change(to);
      changed.add(pool);
      return { pool, from, to };
    },
    enter: (name, ticket) => poolOf(name ?? UNLIMITED).enter(ticket),
    serve: (nowMs) => {
      const waits = [...pools.values()].map((pool) => pool.serve(nowMs)).filter((at) => at !== null);
      return waits.length === 0 ? null : Math.min(...waits);
    },
    list: () =>
      [...pools]
        .filter(([name]) => name !== UNLIMITED)
        .map(([pool, { limit, used, waiting }]) => ({ pool, limit, used, waiting }))
        .toSorted((a, b) => (a.pool < b.pool ? -1 : 1)),
  };
}
