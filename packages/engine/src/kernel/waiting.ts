/**
 * Attempts between the reducer's request and their start: they hold what they may use in the budgets around them, then a
 * place in their pool. Who needs neither starts with what its run has just decided.
 *
 * 1. An attempt leaves once: it is started, refused, too late, or not wanted any more. With that it gives back what the
 *    budgets hold for it; the fact of its start counts from then on.
 * 2. While an attempt is to run alone nothing else starts, and what needs no place waits like the others.
 */

import { isWanted } from '@scriptorium/core';
import type { BreakerStatus, Event, Failure } from '@scriptorium/core';
import { expiryOf } from './deadlines.ts';
import type { KernelPorts } from './kernel-ports.ts';
import { ticketOf } from './live-run.ts';
import type { LiveRun, Underway } from './live-run.ts';
import type { Ledger } from '../pools/ledger.ts';
import { freePermit } from '../pools/pool.ts';
import type { Permit } from '../pools/pool.ts';
import { expired, openFailure, unstarted } from './start.ts';
import type { Suspects } from './suspects.ts';

export interface WaitingPorts extends Pick<KernelPorts, 'now' | 'pools' | 'timers' | 'attempts'> {
  readonly ledger: Ledger;
  readonly suspects: Suspects;
  /** Takes a fact in with the next step. */
  readonly submit: (run: string, actor: string, event: Event) => Promise<void>;
  /** The attempt has its place in its pool. */
  readonly granted: (live: LiveRun, underway: Underway, permit: Permit) => void;
  /** It needs none. */
  readonly start: (live: LiveRun, underway: Underway, permit: Permit) => void;
}

export class Waiting {
  readonly #ports: WaitingPorts;
  #free: (() => void)[] = [];

  constructor(ports: WaitingPorts) {
    this.#ports = ports;
  }

  enter(live: LiveRun, underway: Underway): void {
    const { startBy } = underway.dispatch;
    this.#afford(live, underway);
    if (startBy !== null) this.#ports.timers.set(expiryOf(live, underway.key), startBy + 1, () => this.#late(live, underway));
  }

  /** Starts those that wait for nothing. */
  startFree(): void {
    const free = this.#free;
    this.#free = [];
    for (const start of free) start();
  }

  /** Ends the waiting for a pool and for budgets; false when the attempt is no longer wanted. */
  leave(live: LiveRun, underway: Underway): boolean {
    const { actor, key, dispatch } = underway;
    const state = live.actors.state(actor);
    const isOurs = live.underway.get(key) === underway;
    underway.withdraw = null;
    underway.giveBack?.();
    underway.giveBack = null;
    if (dispatch.startBy !== null) this.#ports.timers.clear(expiryOf(live, key));
    if (isOurs) live.underway.delete(key);
    return isOurs && !live.held() && state !== undefined && isWanted(live.flow, state, dispatch);
  }

  /** Holds what the call may use in all budgets around it, then waits for its pool. */
  #afford(live: LiveRun, underway: Underway): void {
    const { attempts, ledger, submit } = this.#ports;
    const reserve = attempts.reserve(live, underway.dispatch);
    if ('failure' in reserve) {
      void submit(live.id, underway.actor, unstarted(underway.dispatch, reserve.failure))
        .then(() => live.underway.delete(underway.key))
        .catch(() => undefined);
      return;
    }
    const { reserved, budgets, charged, family } = reserve;
    underway.reserved = reserved;
    underway.budgets = budgets;
    if (reserved === null || charged.length === 0) return this.#queue(live, underway);
    underway.giveBack = ledger.enter({
      run: live.id,
      budgets: charged,
      family,
      cost: reserved,
      grant: () => this.#queue(live, underway),
      refuse: (failure) => this.#refused(live, underway, failure),
    });
  }

  #queue(live: LiveRun, underway: Underway): void {
    const { pools, suspects, granted, start, now } = this.#ports;
    const { pool, refusable, alone } = underway.dispatch;
    if (pool === null && !alone && !suspects.areDue) return void this.#free.push(() => start(live, underway, freePermit));
    const refuse = (breaker: BreakerStatus): void => this.#refused(live, underway, openFailure(pool ?? '', breaker, now()));
    const ticket = ticketOf(live, underway, (permit) => granted(live, underway, permit));
    underway.withdraw = pools.enter(pool, refusable ? { ...ticket, refuse } : ticket);
  }

  /** The time for a retry is over while it waits. */
  #late(live: LiveRun, underway: Underway): void {
    if (live.underway.get(underway.key) !== underway || underway.permit !== null) return;
    underway.withdraw?.();
    if (this.leave(live, underway)) void this.#ports.submit(live.id, underway.actor, expired(underway.dispatch)).catch(() => undefined);
  }

  /** It fails without a start: its pool's breaker is open and the step has a use for knowing that, or a budget is used up. */
  #refused(live: LiveRun, underway: Underway, error: Failure): void {
    if (this.leave(live, underway)) live.actors.append(underway.actor, unstarted(underway.dispatch, error));
  }
}
