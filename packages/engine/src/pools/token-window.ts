/**
 * The tokens of a pool within its time: a call counts with its estimate while it is under way, and with what it used
 * for the whole time after its end.
 *
 * 1. Whenever in the course of a call the service counts its tokens, in no stretch of that time are there more than `n`,
 *    as long as calls use no more than they were estimated to.
 * 2. A call that alone may use more than `n` waits until nothing else counts, and then goes alone.
 * 3. What has ended takes a bounded number of entries, whatever the number of calls.
 */

import type { Instant, Limit } from '@scriptorium/core';

export type TokenRate = NonNullable<Limit['tokens']>;

/** What a call under way counts with. */
export interface Reservation {
  /** The call has ended and has used this much. */
  readonly settle: (used: number, nowMs: Instant) => void;
  /** The call has not been made. */
  readonly drop: () => void;
}

interface Ended {
  tokens: number;
  /** When the first and the last of them would count no more; all of them count until the last does. */
  readonly first: Instant;
  until: Instant;
}

/** Ends within this part of the time are counted as one, with the latest. */
const GRAIN = 1 / 500;

export class TokenWindow {
  #underway = 0;
  readonly #ended: Ended[] = [];
  #endedSum = 0;

  /** What counts at this moment. */
  counted(nowMs: Instant): number {
    this.#expire(nowMs);
    return this.#underway + this.#endedSum;
  }

  /** When so many more fit as far as is known: now, later, or null where that depends on calls under way. */
  roomAt(wanted: number, { n }: TokenRate, nowMs: Instant): Instant | null {
    let excess = this.counted(nowMs) + Math.min(wanted, n) - n;
    if (excess <= 0) return nowMs;
    for (const { tokens, until } of this.#ended) {
      excess -= tokens;
      if (excess <= 0) return until;
    }
    return null;
  }

  reserve(estimate: number, rate: TokenRate): Reservation {
    let open = true;
    this.#underway += estimate;
    const end = (): boolean => {
      const wasOpen = open;
      open = false;
      if (wasOpen) this.#underway -= estimate;
      return wasOpen;
    };
    return {
      settle: (used, nowMs) => {
        if (end()) this.add(used, rate, nowMs);
      },
      drop: () => void end(),
    };
  }

  /** Tokens that calls used which ended at this moment. */
  add(used: number, { per }: TokenRate, nowMs: Instant): void {
    if (used === 0) return;
    this.#endedSum += used;
    const until = nowMs + per;
    const last = this.#ended.at(-1);
    if (last !== undefined && until - last.first < per * GRAIN)
      [last.tokens, last.until] = [last.tokens + used, Math.max(until, last.until)];
    else this.#ended.push({ tokens: used, first: until, until });
  }

  #expire(nowMs: Instant): void {
    const live = this.#ended.findIndex(({ until }) => until > nowMs);
    const gone = this.#ended.splice(0, live === -1 ? this.#ended.length : live);
    for (const { tokens } of gone) this.#endedSum -= tokens;
  }
}
