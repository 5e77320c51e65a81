/**
 * The disk of a world that lasts for days: a real store in a folder of its own, beside a copy in memory of which nothing
 * is ever removed. What the copy has and the store has not was removed, and is to be accounted for.
 *
 * 1. Commits fail as those of the disk in memory do, and so do the transactions by which old runs are removed.
 * 2. Every look at the store for a removal takes some time: what was due meanwhile happens after it.
 * 3. The store is looked at after every such transaction, and the whole chain at every opening.
 */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { auditStore, JournalError, openJournal } from '@scriptorium/engine';
import type { Batch, Journal } from '@scriptorium/engine';
import { hashFlow } from '@scriptorium/flow';
import type { Commit, Row, StoreObservation } from '../history.ts';
import type { DiskTrouble } from '../setting.ts';
import { fenced, rowsOf, undergo } from './disk.ts';
import type { Disk, DiskPorts } from './disk.ts';
import { MemoryStore } from './memory-store.ts';
import type { StoredRow } from './memory-store.ts';

/** At the n-th transaction of a removal over all engines, from 1. */
export interface RemovalFault {
  readonly removal: number;
  readonly what: DiskTrouble;
}

export interface StoredDiskPorts extends DiskPorts {
  readonly removals: readonly RemovalFault[];
  /** Told of every look at the store for a removal, by its number. */
  readonly looked: (number: number) => void;
  readonly observe: (seen: StoreObservation) => void;
}

type Outcome = Commit['outcome'];

type Upkeep = NonNullable<Journal['upkeep']>;

export class StoredDisk implements Disk {
  readonly #ports: StoredDiskPorts;
  readonly #home: string = mkdtempSync(join(memory(), 'sim-'));
  readonly #copy = new MemoryStore();
  readonly #faults: ReadonlyMap<number, DiskTrouble>;
  readonly #removalFaults: ReadonlyMap<number, DiskTrouble>;
  /** Runs of which the events go, or have gone. */
  readonly #left = new Set<string>();
  #commits = 0;
  #removals = 0;
  #looks = 0;
  /** Since the last transaction of a removal. */
  #reads = 0;
  #last: Journal | null = null;

  constructor(ports: StoredDiskPorts) {
    this.#ports = ports;
    this.#faults = new Map(ports.faults.map((fault) => [fault.commit, fault.what]));
    this.#removalFaults = new Map(ports.removals.map((fault) => [fault.removal, fault.what]));
  }

  store(): MemoryStore {
    return this.#copy;
  }

  head(): number {
    return this.#copy.events.length;
  }

  rows(): readonly Row[] {
    return rowsOf(this.#copy);
  }

  openJournal(): Journal {
    const real = openJournal(this.#path());
    this.#copy.epoch = real.epoch;
    this.#last = real;
    this.look();
    return this.#troubled(real);
  }

  /** What it holds was written to a real store, and is there. */
  cutPower(): void {}

  /** The oldest run that has ended and was not removed. */
  oldest(): string | null {
    return [...this.#copy.runs.values()].find(({ run, endedAt }) => endedAt !== null && !this.#left.has(run))?.run ?? null;
  }

  /** How many of the first events are there. */
  count(first: number): number {
    const db = new DatabaseSync(this.#path(), { readOnly: true });
    try {
      return db.prepare('SELECT ifnull(sum(count), 0) AS events FROM events WHERE gseq <= ?').get(first)?.['events'] as number;
    } finally {
      db.close();
    }
  }

  /** Observes what is there of all that was written. */
  look(): void {
    const journal = this.#last;
    if (journal?.upkeep == null) return;
    const links = this.#copy.links();
    const written = new Map(this.#copy.rows.map(({ gseq, body, count }, index) => [gseq, `${count} ${body} ${links[index]}`]));
    const counts = new Map<string, number>();
    const altered: string[] = [];
    const rows = journal.upkeep.read((db) => db.prepare('SELECT gseq, run, count, body, lower(hex(hash)) AS link FROM events').all());
    for (const { gseq, run, count, body, link } of rows as unknown as (StoredRow & { readonly link: string })[]) {
      counts.set(run, (counts.get(run) ?? 0) + count);
      if (written.get(gseq) !== `${count} ${body} ${link}`) altered.push(`event ${gseq} of ${run}`);
    }
    const known = journal.upkeep.read((db) => db.prepare('SELECT run FROM runs').all()).map(({ run }) => run as string);
    const fault = journal.verify().fault?.message ?? null;
    const unnamed = journal.upkeep.read(unnamedIn);
    this.#ports.observe({ type: 'store.seen', fault, altered, counts: Object.fromEntries(counts), known, unnamed });
  }

  /** Observes what an audit finds, and removes the folder. Nobody may work on the store any more. */
  async close(): Promise<void> {
    const { findings } = await auditStore(this.#home, { now: this.#ports.now(), hashFlow });
    const problems = findings.flatMap(({ level, message }) => (level === 'problem' ? [message] : []));
    this.#ports.observe({ type: 'store.audited', findings: problems });
    rmSync(this.#home, { recursive: true, force: true });
  }

  #path(): string {
    return join(this.#home, 'journal.db');
  }

  /** The journal with the troubles of this disk. */
  #troubled(real: Journal): Journal {
    const { upkeep, epoch } = real;
    let broken: JournalError | null = null;
    const guarded = <T>(work: () => T): T => {
      if (broken !== null) throw broken;
      try {
        return work();
      } catch (error) {
        if (error instanceof JournalError && (error.fault === 'halted' || error.fault === 'fenced')) broken = error;
        throw error;
      }
    };
    const looking = <T>(work: () => T): T => {
      this.#looks += 1;
      this.#ports.looked(this.#looks);
      return guarded(work);
    };
    const wrap = (member: unknown): unknown =>
      typeof member === 'function'
        ? (...given: readonly unknown[]) => guarded(() => (member as (...all: readonly unknown[]) => unknown)(...given))
        : member;
    return {
      ...(Object.fromEntries(Object.entries(real).map(([name, member]) => [name, wrap(member)])) as unknown as Journal),
      close: real.close,
      commit: (batch) => guarded(() => this.#commit(real, batch)),
      upkeep: upkeep && {
        read: (work) =>
          looking(() => {
            this.#reads += 1;
            return upkeep.read(work);
          }),
        write: (work) => looking(() => this.#remove(upkeep, epoch, work)),
      },
    };
  }

  #commit(real: Journal, batch: Batch): ReturnType<Journal['commit']> {
    this.#commits += 1;
    const { epoch } = real;
    const [number, from] = [this.#commits, this.#copy.events.length + 1];
    const when = { at: this.#ports.now(), mono: this.#ports.mono(), number, epoch };
    const note = (outcome: Outcome): void =>
      this.#ports.committed({ ...when, from, to: from + batch.events.length - 1, outcome, live: [] }, batch);
    if (this.#copy.epoch !== epoch) {
      note('refused');
      throw fenced(epoch);
    }
    const write = (): ReturnType<Journal['commit']> => {
      if (this.#namesSwept(real, batch)) this.#ports.observe({ type: 'store.named' });
      const recorded = real.commit(batch);
      this.#copy.write(batch, epoch);
      return recorded;
    };
    return this.#undergo(epoch, this.#faults.get(number), write, note);
  }

  /** Whether the batch names a value, without writing it, of which nothing else has the name, after a sweep has begun. */
  #namesSwept({ upkeep }: Journal, { events, values }: Batch): boolean {
    if (upkeep === null || this.#reads < SWEEPING || upkeep.read(isSwept)) return false;
    const text = JSON.stringify(events);
    return upkeep.read(unnamedIn).some((name) => text.includes(name) && values?.has(`sha256:${name}`) !== true);
  }

  #remove<T>(upkeep: Upkeep, epoch: number, work: (db: DatabaseSync) => T): T {
    this.#removals += 1;
    this.#reads = 0;
    const write = (): T => {
      const done = upkeep.write(work);
      for (const { run } of upkeep.read((db) => db.prepare('SELECT run FROM pruned_runs').all())) this.#noteLeft(run as string);
      return done;
    };
    return this.#undergo(epoch, this.#removalFaults.get(this.#removals), write, () => undefined);
  }

  #noteLeft(run: string): void {
    if (this.#left.has(run)) return;
    this.#left.add(run);
    this.#ports.observe({ type: 'store.left', run });
  }

  #undergo<T>(epoch: number, what: DiskTrouble | undefined, write: () => T, note: (outcome: Outcome) => void): T {
    const end = (outcome: Outcome, error: Error): never => {
      note(outcome);
      throw error;
    };
    return undergo(what, {
      write,
      writePart: () => undefined,
      acknowledge: () => note('written'),
      fail: end,
      die: (outcome) => {
        this.#ports.crash(epoch, `${what} at commit ${this.#commits}, removal ${this.#removals}`);
        return end(outcome, new Error(`the process ended: ${what}`));
      },
      takeover: () => this.#ports.takeover(epoch),
    });
  }
}

/** Reads without a transaction after which a round of removals has nothing left to do but to sweep. */
const SWEEPING = 3;

function isSwept(db: DatabaseSync): boolean {
  return db.prepare('SELECT 1 FROM meta WHERE key = ?').get('unswept') === undefined;
}

/** Values of which nothing else in the store has the name. */
function unnamedIn(db: DatabaseSync): readonly string[] {
  const values = db.prepare('SELECT lower(hex(hash)) AS name, CAST(body AS TEXT) AS text FROM contents').all() as {
    name: string;
    text: string;
  }[];
  const texts = [
    ...db.prepare('SELECT body AS text FROM events').all(),
    ...db.prepare('SELECT output AS text FROM memo').all(),
    ...db.prepare(`SELECT ifnull(output, '') AS text FROM runs`).all(),
    ...values,
  ].map(({ text }) => String(text));
  return values.flatMap(({ name }) => (texts.some((text) => text.includes(name)) ? [] : [name]));
}

/** Nothing here outlives its process, and a store in memory does not wait for a disk. */
function memory(): string {
  return existsSync(SHARED) ? SHARED : tmpdir();
}

const SHARED = '/dev/shm';
