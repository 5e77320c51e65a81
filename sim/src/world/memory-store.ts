/**
 * What the tables of a store hold, in memory: the events with their chain, values, definitions, memos, and the folds of
 * the events that queries read. The same for the same batches as the tables of `schema.sql` and `folds.sql`, which the
 * contract of the journal shows.
 *
 * 1. A batch is checked as a whole before anything of it is kept.
 * 2. What was handed out is never changed: rows of the folds are replaced.
 */

import { unreachable } from '@scriptorium/core';
import type { EngineEvent, Recorded, RunEvent, VersionEvent } from '@scriptorium/core';
import { chainStart, linkRow, recordedIn, rowsFor } from '@scriptorium/engine';
import type { ArtifactRow, Batch, ChainRow, JournalEvent, MemoRow, PoolRow, RunRow } from '@scriptorium/engine';

/** An event as it is read back. */
export interface StoredEvent extends Recorded<JournalEvent> {
  readonly epoch: number;
}

/** A row of `events`; its link is made when somebody asks. */
export type StoredRow = Omit<ChainRow, 'hash'>;

type Snapshot = NonNullable<Batch['snapshots']>[number];

type StoredRun = RunRow & {
  readonly cancelling: boolean;
  readonly first: number;
  readonly last: number | null;
};

interface StoredActor {
  readonly seq: number;
  readonly settled: boolean;
}

/** Whether an actor has settled after these; others leave it as it is. */
const settling: ReadonlyMap<JournalEvent['type'], boolean> = new Map([
  ['run.settled', true],
  ['chunk.settled', true],
  ['run.rolled_back', false],
  ['actor.rolled_back', false],
]);

export class MemoryStore {
  epoch = 0;
  readonly events: StoredEvent[] = [];
  readonly eventsOf: Map<string, StoredEvent[]> = new Map();
  /** What holds them. */
  readonly rows: StoredRow[] = [];
  /** By run, then by actor. */
  readonly actors: Map<string, Map<string, StoredActor>> = new Map();
  readonly values: Map<string, Uint8Array | string> = new Map();
  readonly flows: Map<string, NonNullable<Batch['flows']>[number]> = new Map();
  readonly memo: Map<string, MemoRow> = new Map();
  readonly runs: Map<string, StoredRun> = new Map();
  readonly pools: Map<string, PoolRow> = new Map();
  artifacts: readonly (ArtifactRow & { readonly id: number })[] = [];
  readonly snapshots: Map<string, Snapshot> = new Map();
  /** Links of the rows so far; made when somebody asks. */
  readonly #links: string[] = [];

  /** Keeps the batch; raises the first break of an actor's sequence, and keeps nothing then. */
  write(batch: Batch, epoch: number): readonly StoredEvent[] {
    const ends = this.#endsAfter(batch);
    for (const [hash, value] of batch.values ?? []) if (!this.values.has(hash)) this.values.set(hash, value);
    for (const flow of batch.flows ?? []) if (!this.flows.has(flow.hash)) this.flows.set(flow.hash, flow);
    const rows = rowsFor(batch.events, this.events.length).map((row) => ({ ...row, epoch }));
    this.rows.push(...rows);
    const written = rows.flatMap(({ gseq, run, actor, seq, at, body, count }) =>
      recordedIn([gseq, run, actor, seq, at, body, count]).map((recorded) => ({ ...recorded, epoch })),
    );
    for (const event of written) this.#append(event);
    for (const { run, actor, seq, settled } of ends) {
      const own = this.actors.get(run) ?? new Map<string, StoredActor>();
      this.actors.set(run, own.set(actor, { seq, settled }));
    }
    for (const artifact of batch.artifacts ?? []) this.#addArtifact(artifact);
    for (const memo of batch.memo ?? []) this.memo.set(memo.key, memo);
    for (const snapshot of batch.snapshots ?? []) this.snapshots.set(`${snapshot.run}\n${snapshot.actor}`, snapshot);
    return written;
  }

  /** A value by its hash; throws where there is none. */
  read(ref: string): unknown {
    const value = this.values.get(ref);
    if (value === undefined) throw new Error(`the store has no value ${ref}`);
    return JSON.parse(typeof value === 'string' ? value : Buffer.from(value).toString('utf8'));
  }

  /** The chain over all rows. */
  links(): readonly string[] {
    for (let index = this.#links.length; index < this.rows.length; index += 1) {
      this.#links.push(linkRow(this.#links[index - 1] ?? chainStart, this.rows[index] as StoredRow));
    }
    return this.#links;
  }

  #endsAfter({ events }: Batch): readonly (StoredActor & { readonly run: string; readonly actor: string })[] {
    const ends = new Map<string, { run: string; actor: string; seq: number; settled: boolean }>();
    for (const { run, actor, seq, event } of events) {
      const key = `${run}\n${actor}`;
      const end = ends.get(key) ?? { run, actor, ...(this.actors.get(run)?.get(actor) ?? { seq: 0, settled: false }) };
      if (seq !== end.seq + 1) throw new Error(`actor ${actor} of run ${run} has ${end.seq} events; the next one cannot be ${seq}`);
      ends.set(key, { ...end, seq, settled: settling.get(event.type) ?? end.settled });
    }
    return [...ends.values()];
  }

  #append(event: StoredEvent): void {
    this.events.push(event);
    this.#put(event.run, event);
    this.#put(`${event.run}\n${event.actor}`, event);
    this.#fold(event);
  }

  #put(key: string, event: StoredEvent): void {
    const known = this.eventsOf.get(key);
    if (known === undefined) this.eventsOf.set(key, [event]);
    else known.push(event);
  }

  #addArtifact(artifact: ArtifactRow): void {
    this.artifacts = [...this.artifacts, { ...artifact, id: (this.artifacts.at(-1)?.id ?? 0) + 1 }];
  }

  #fold(row: StoredEvent): void {
    const { event } = row;
    switch (event.type) {
      case 'run.started':
      case 'run.paused':
      case 'run.resumed':
      case 'run.interrupted':
      case 'run.cancelling':
      case 'run.settled':
        return this.#foldRun(row, event);
      case 'run.parked':
      case 'run.code_changed':
      case 'run.migrated':
      case 'run.forked':
      case 'run.rolled_back':
      case 'actor.migrated':
      case 'actor.rolled_back':
        return this.#foldVersion(row, event);
      case 'limit.declared':
      case 'limit.changed':
      case 'limit.adapted':
      case 'breaker.changed':
        return this.#foldPool(row, event);
      default:
    }
  }

  #foldRun({ run, gseq, at }: StoredEvent, event: RunEvent): void {
    const setStatus = (status: 'running' | 'paused' | 'interrupted'): void =>
      this.#change(run, ({ cancelling }) => ({ status: cancelling && status !== 'interrupted' ? 'cancelling' : status }));
    switch (event.type) {
      case 'run.started': {
        const { flow, options, input, by, parent = null } = event;
        const given = { run, flow, options, input, parent, startedBy: by, startedAt: at, first: gseq };
        const amendments = { rollbacks: [], migrations: [] };
        const open = { status: 'running', cancelling: false, endedAt: null, output: null, error: null, last: null } as const;
        this.runs.set(run, { ...given, ...open, amendments, forkedFrom: null, pruned: null });
        break;
      }
      case 'run.configured':
        break;
      case 'run.paused':
        return setStatus('paused');
      case 'run.resumed':
        return setStatus('running');
      case 'run.interrupted':
        return setStatus('interrupted');
      case 'run.cancelling':
        return this.#change(run, () => ({ status: 'cancelling', cancelling: true }));
      case 'run.settled': {
        const { status, output, error } = event;
        return this.#change(run, () => ({ status, output, error, endedAt: at, last: gseq }));
      }
      default:
        unreachable(event);
    }
  }

  #foldVersion({ run, actor, gseq, seq, at }: StoredEvent, event: VersionEvent): void {
    switch (event.type) {
      case 'run.parked':
        return this.#change(run, () => ({ status: 'parked' }));
      case 'run.migrated': {
        const { flow, modules, map } = event;
        return this.#change(run, ({ flow: { name }, options, amendments: { rollbacks, migrations } }) => ({
          flow: { name, version: flow.version, hash: flow.hash },
          options: { ...options, modules },
          amendments: { rollbacks, migrations: [...migrations, { gseq, seq, map }] },
        }));
      }
      case 'run.forked': {
        const begun = { status: 'running', cancelling: false, startedAt: at, startedBy: event.by, parent: null } as const;
        this.#change(run, ({ input }) => ({ ...begun, input: event.input ?? input, forkedFrom: event.parent }));
        this.artifacts = this.artifacts.map((one) => (one.run === run ? { ...one, reusedFrom: one.reusedFrom ?? event.parent } : one));
        return;
      }
      case 'run.rolled_back':
        this.#change(run, ({ flow: { name } }) => ({
          ...{ status: 'interrupted', cancelling: event.cancelling === true, endedAt: null, output: null, error: null, last: null },
          flow: { name, version: event.flow.version, hash: event.flow.hash },
        }));
        return this.#forget(run, actor, event, seq);
      case 'actor.rolled_back':
        return this.#forget(run, actor, event, seq);
      case 'run.code_changed':
      case 'actor.migrated':
        return;
      default:
        unreachable(event);
    }
  }

  #forget(run: string, actor: string, { to, files }: { readonly to: number; readonly files: readonly string[] }, seq: number): void {
    this.#change(run, ({ amendments: { rollbacks, migrations } }) => ({
      amendments: { rollbacks: [...rollbacks, { actor, after: to, before: seq }], migrations },
    }));
    const own = this.actors.get(run);
    const known = own?.get(actor);
    if (known !== undefined) own?.set(actor, { ...known, settled: false });
    this.artifacts = this.artifacts.filter((one) => one.run !== run || !files.includes(one.path));
  }

  #foldPool({ at }: StoredEvent, event: Extract<EngineEvent, { readonly pool: string }>): void {
    const { pool } = event;
    const none = { pool, declared: null, flow: null, changed: null, changedBy: null, changedAt: null, breaker: null, adapted: null };
    const known = this.pools.get(pool) ?? none;
    switch (event.type) {
      case 'limit.declared':
        this.pools.set(pool, { ...known, declared: event.limit, flow: event.flow, adapted: null });
        break;
      case 'limit.changed':
        this.pools.set(pool, { ...known, changed: event.to, changedBy: event.by, changedAt: at, adapted: null });
        break;
      case 'limit.adapted': {
        const { share, step, until } = event;
        this.pools.set(pool, { ...known, adapted: share === 1 ? null : { share, step, until } });
        break;
      }
      case 'breaker.changed': {
        const { state, until, failures, code, ramp } = event;
        this.pools.set(pool, { ...known, breaker: { state, until, failures, code, ramp } });
        break;
      }
      default:
        unreachable(event);
    }
  }

  #change(run: string, change: (known: StoredRun) => Partial<StoredRun>): void {
    const known = this.runs.get(run);
    if (known !== undefined) this.runs.set(run, { ...known, ...change(known) });
  }
}
