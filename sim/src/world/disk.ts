/**
 * A disk with one store on it, which fails as disks do at the commits that it is told. Engines come and go; what was
 * durable stays.
 *
 * 1. A commit is written whole or not at all, whatever happens to it: of one that is torn, the next opening keeps nothing.
 * 2. A commit of an engine that was replaced writes nothing.
 * 3. The mark follows only commits that returned, and an opening that finds less than it is refused.
 * 4. A disk that lies is a control: it breaks 1 or acknowledges what it forgets, and whoever checks must find that.
 */

import { unreachable } from '@scriptorium/core';
import type { Instant, Ms } from '@scriptorium/core';
import { JournalError } from '@scriptorium/engine';
import type { Batch, Journal } from '@scriptorium/engine';
import type { Commit, Row } from '../history.ts';
import type { DiskTrouble } from '../setting.ts';
import { journalOn } from './memory-journal.ts';
import { MemoryStore } from './memory-store.ts';
import type { StoredEvent } from './memory-store.ts';

/** At the n-th commit over all engines, from 1. */
export interface DiskFault {
  readonly commit: number;
  readonly what: DiskTrouble;
}

/** From this commit on: `forgets`: what is acknowledged is gone when the process dies; `tears`: as `torn`, but the part stays. */
export interface Lie {
  readonly commit: number;
  readonly what: 'forgets' | 'tears';
}

export interface DiskPorts {
  readonly now: () => Instant;
  readonly mono: () => Ms;
  readonly faults: readonly DiskFault[];
  readonly lie?: Lie | undefined;
  /** The process of the engine dies here and now; whatever it does from now on reaches nobody. */
  readonly crash: (epoch: number, why: string) => void;
  /** The engine is held up from here on, and another one takes its store. */
  readonly takeover: (epoch: number) => void;
  /** Told of every commit, also of those that wrote nothing. */
  readonly committed: (commit: Commit, batch: Batch) => void;
}

export interface Disk {
  /** Under a new epoch; raises `damaged` when less is there than was marked. */
  readonly openJournal: (path: string) => Journal;
  readonly store: () => MemoryStore;
  readonly head: () => number;
  readonly rows: () => readonly Row[];
  /** The power goes: what was never durable is gone. */
  readonly cutPower: () => void;
}

type Outcome = Commit['outcome'];

export function createDisk(ports: DiskPorts): Disk {
  const faults = new Map(ports.faults.map((fault) => [fault.commit, fault.what]));
  const { lie } = ports;
  let store = new MemoryStore();
  let marked = 0;
  let commits = 0;
  /** What a liar would have to keep. */
  let promised: { readonly batch: Batch; readonly epoch: number }[] = [];
  let isForgetting = false;

  const note = (outcome: Outcome, batch: Batch, epoch: number, from: number): void => {
    const when = { at: ports.now(), mono: ports.mono() };
    ports.committed({ ...when, number: commits, epoch, from, to: from + batch.events.length - 1, outcome, live: [] }, batch);
  };

  const write = (batch: Batch, epoch: number): readonly StoredEvent[] => {
    const rows = store.write(batch, epoch);
    if (lie?.what !== 'forgets') return rows;
    isForgetting ||= commits >= lie.commit;
    if (!isForgetting) promised.push({ batch, epoch });
    return rows;
  };

  const commit = (batch: Batch, epoch: number): readonly StoredEvent[] => {
    commits += 1;
    const from = store.events.length + 1;
    const end = (outcome: Outcome, error: Error): never => {
      note(outcome, batch, epoch, from);
      throw error;
    };
    if (store.epoch !== epoch) return end('refused', fenced(epoch));
    const what = lie?.what === 'tears' && lie.commit === commits ? 'torn' : faults.get(commits);
    return undergo(what, {
      write: () => write(batch, epoch),
      writePart: () => {
        if (lie?.what === 'tears') write({ ...batch, events: batch.events.slice(0, Math.ceil(batch.events.length / 2)) }, epoch);
      },
      acknowledge: () => {
        marked = store.events.length;
        note('written', batch, epoch, from);
      },
      fail: end,
      die: (outcome) => {
        ports.crash(epoch, `${what} at commit ${commits}`);
        return end(outcome, new Error(`the process ended: ${what}`));
      },
      takeover: () => ports.takeover(epoch),
    });
  };

  return {
    store: () => store,
    head: () => store.events.length,
    rows: () => rowsOf(store),
    openJournal: (path) => {
      if (marked > store.events.length) throw lost(store.events.length, marked);
      store.epoch += 1;
      const { epoch } = store;
      return journalOn(store, path, epoch, (batch) => commit(batch, epoch));
    },
    cutPower: () => {
      if (!isForgetting) return;
      const { epoch } = store;
      store = new MemoryStore();
      for (const { batch, epoch: writer } of promised) store.write(batch, writer);
      store.epoch = epoch;
      promised = [];
      isForgetting = false;
    },
  };
}

interface Steps<T> {
  readonly write: () => T;
  readonly writePart: () => void;
  readonly acknowledge: () => void;
  readonly fail: (outcome: Outcome, error: Error) => never;
  readonly die: (outcome: Outcome) => never;
  readonly takeover: () => void;
}

/** Does one thing to the disk, which happens as a whole, not at all, or so that nobody knows. */
export function undergo<T>(what: DiskFault['what'] | undefined, steps: Steps<T>): T {
  switch (what) {
    case 'crash_before':
      return steps.die('refused');
    case 'torn':
      steps.writePart();
      return steps.die('refused');
    case 'full':
      return steps.fail('refused', halted('the disk is full'));
    case 'unknown_lost':
      return steps.fail('unknown_lost', halted('the commit failed; it may have happened'));
    case 'unknown_written':
      steps.write();
      return steps.fail('unknown_written', halted('the commit failed; it may have happened'));
    case 'crash_after':
      steps.write();
      return steps.die('written');
    case 'takeover':
    case undefined: {
      const rows = steps.write();
      steps.acknowledge();
      if (what === 'takeover') steps.takeover();
      return rows;
    }
    default:
      return unreachable(what);
  }
}

/** All events, of which the last one of each row has its link. */
export function rowsOf(store: MemoryStore): readonly Row[] {
  const links = new Map(store.links().map((link, index) => [store.rows[index]?.gseq, link]));
  return store.events.map((event) => ({ ...event, hash: links.get(event.gseq) ?? null }));
}

function lost(last: number, marked: number): JournalError {
  return new JournalError('damaged', `the store ends at event ${last}, but event ${marked} had been acknowledged`, 'Accept the loss.');
}

function halted(message: string): JournalError {
  return new JournalError('halted', message, 'Start again.');
}

export function fenced(epoch: number): JournalError {
  return new JournalError('fenced', `another engine has taken over from engine ${epoch}`, 'End this one.');
}
