/**
 * Looks after the space of a store while its engine works.
 *
 * 1. With less than the reserve free, nothing new is started; what runs goes on.
 * 2. With less than a quarter of it free, the ballast is removed and the engine ends: what the ballast held is enough to
 *    write down what became of the runs.
 * 3. The ballast is made, and made again, only while there is so much space that it does not bring about the first.
 */

import type { EngineEvent, Ms } from '@scriptorium/core';
import type { Clock } from '../kernel/clock.ts';
import type { Space } from './ballast.ts';
import { WAL_LIMIT_BYTES } from '../journal/checkpointing.ts';
import { JournalError } from '../journal/journal-error.ts';
import { overloaded } from '../overloaded.ts';

export interface SpaceWatchPorts {
  readonly home: string;
  readonly space: Space;
  readonly clock: Clock;
  /** How large the ballast is to be, in bytes. */
  readonly reserveBytes: number;
  readonly tell: (event: Extract<EngineEvent, { type: 'store.warned' | 'store.eased' }>) => void;
  /** The engine must end; called once. */
  readonly exhausted: (error: JournalError) => void;
}

export interface SpaceWatch {
  /** Raises `overloaded` when there is no space for more than what runs already. */
  readonly requireRoom: () => void;
  readonly close: () => void;
}

const LOOK_MS: Ms = 1_000;
/** Between two pieces of the ballast, so that the disk has time for commits. */
const PIECE_MS: Ms = 20;
/** A log is too long when it was so for this many looks. */
const LONG_LOOKS = 3;
const MEBIBYTE = 1024 * 1024;

export function watchSpace(ports: SpaceWatchPorts): SpaceWatch {
  const { home, space, clock, reserveBytes, tell, exhausted } = ports;
  const warned = new Set<'space' | 'log'>();
  let longLooks = 0;
  let closed = false;
  let cancel = clock.after(LOOK_MS, look);

  function look(): void {
    const free = space.freeBytes();
    if (free < reserveBytes / 4) return end(free);
    report('space', free < reserveBytes, `${mebibytes(free)} are free at ${home}: nothing new is started below ${mebibytes(reserveBytes)}`);
    const log = space.logBytes();
    longLooks = log > WAL_LIMIT_BYTES ? longLooks + 1 : 0;
    const reader = 'somebody reads the store without an end, or the disk is full';
    report('log', longLooks >= LONG_LOOKS, `the write-ahead log of ${home} has ${mebibytes(log)} and cannot be begun anew: ${reader}`);
    const missing = reserveBytes - space.ballastBytes();
    if (missing <= 0 || free - missing < reserveBytes) return again(LOOK_MS);
    // The disk may have filled meanwhile; then it is tried again later.
    space.grow(reserveBytes).then(
      () => again(PIECE_MS),
      () => again(LOOK_MS),
    );
  }

  function again(ms: Ms): void {
    if (!closed) cancel = clock.after(ms, look);
  }

  function report(about: 'space' | 'log', isWrong: boolean, message: string): void {
    if (isWrong === warned.has(about)) return;
    if (isWrong) warned.add(about);
    else warned.delete(about);
    tell(isWrong ? { type: 'store.warned', about, message } : { type: 'store.eased', about });
  }

  function end(free: number): void {
    closed = true;
    space.release();
    const fix = 'Make room, then `scriptorium resume` the runs: what was done stays done.';
    exhausted(
      new JournalError(
        'full',
        `only ${mebibytes(free)} are free at ${home}; the runs are interrupted while that can still be written down`,
        fix,
      ),
    );
  }

  return {
    requireRoom: () => {
      const free = space.freeBytes();
      if (free >= reserveBytes) return;
      const message = `${mebibytes(free)} are free at ${home}; new runs are started from ${mebibytes(reserveBytes)} on, what runs goes on`;
      throw overloaded(message, 'Make room on the disk, then start it again.');
    },
    close: () => {
      closed = true;
      cancel();
    },
  };
}

function mebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(0)} MiB`;
}
