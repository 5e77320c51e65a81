/**
 * Whose turn it is: those who wait for the same thing are served run by run, so that a large run does not starve a
 * small one; each step of priority doubles a run's share, and nobody is left out.
 *
 * 1. Runs of one priority take turns, and within a run the first comes first.
 * 2. While runs of several priorities wait, each run is served in proportion to its weight (stride scheduling,
 *    Waldspurger and Weihl 1995); who comes late has no claim on what was given before.
 */

import { NORMAL_PRIORITY } from '@scriptorium/core';

export interface Claim {
  readonly run: string;
  /** From 1 to 10. */
  readonly priority: number;
}

interface Level<C> {
  readonly weight: number;
  /** The longest unserved run first: it goes to the end of the map when it is served. */
  readonly runs: Map<string, Set<C>>;
  /** How much it has had for its weight. */
  pass: number;
}

export class Turns<C extends Claim> {
  readonly #levels = new Map<number, Level<C>>();
  #size = 0;
  /** The pass of whoever was served last. */
  #now = 0;

  get size(): number {
    return this.#size;
  }

  enter(claim: C): void {
    const level = this.#level(claim.priority);
    if (level.runs.size === 0) level.pass = Math.max(level.pass, this.#now);
    const own = level.runs.get(claim.run);
    if (own === undefined) level.runs.set(claim.run, new Set([claim]));
    else own.add(claim);
    this.#size += 1;
  }

  /** Gives up waiting; false for one that does not wait. */
  leave(claim: C): boolean {
    const level = this.#level(claim.priority);
    const own = level.runs.get(claim.run);
    if (own?.delete(claim) !== true) return false;
    if (own.size === 0) level.runs.delete(claim.run);
    this.#size -= 1;
    return true;
  }

  /** How many of its own priority would be served before one that came now, or some number above `most`. */
  ahead({ run, priority }: Claim, most: number): number {
    const runs = this.#levels.get(priority)?.runs ?? new Map<string, Set<C>>();
    let ahead = runs.get(run)?.size ?? 0;
    let turns = ahead + 1;
    for (const [other, claims] of runs) {
      if (ahead > most) break;
      if (other === run) turns -= 1;
      else ahead += Math.min(claims.size, turns);
    }
    return ahead;
  }

  /** Who would be served next; null when nobody waits. */
  peek(): C | null {
    const [first] = this.#next()?.runs ?? [];
    const [claim] = first?.[1] ?? [];
    return claim ?? null;
  }

  /** Serves the next one; null when nobody waits. */
  take(): C | null {
    const level = this.#next();
    const [first] = level?.runs ?? [];
    if (level === null || first === undefined) return null;
    const [run, own] = first;
    this.#now = level.pass;
    level.pass += 1 / (level.weight * level.runs.size);
    level.runs.delete(run);
    const [claim] = own;
    if (claim === undefined) throw new Error(`run ${run} waits for nothing`);
    own.delete(claim);
    if (own.size > 0) level.runs.set(run, own);
    this.#size -= 1;
    return claim;
  }

  #next(): Level<C> | null {
    let next: Level<C> | null = null;
    for (const level of this.#levels.values())
      if (level.runs.size > 0 && (next === null || level.pass < next.pass || (level.pass === next.pass && level.weight > next.weight)))
        next = level;
    return next;
  }

  #level(priority: number): Level<C> {
    const known = this.#levels.get(priority);
    if (known !== undefined) return known;
    const level: Level<C> = { weight: 2 ** (priority - NORMAL_PRIORITY), runs: new Map(), pass: 0 };
    this.#levels.set(priority, level);
    return level;
  }
}
