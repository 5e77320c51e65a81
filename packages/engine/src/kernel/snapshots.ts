/**
 * When what is kept of a run on the way is written: with the commit by which so many events have come since the last time.
 *
 * 1. A snapshot goes into the batch whose events it is after, or after earlier ones.
 * 2. What is kept of a run as a whole is after an event of its own: those of other runs may be removed.
 * 3. In all they are not much larger than the events: the next one waits for the longer the larger the last one was.
 */

import { encodeState, hasBudgets, planOf } from '@scriptorium/core';
import type { ProgressView } from '@scriptorium/core';
import type { Batch, Journal } from '../journal/journal.ts';
import type { Snapshot } from '../journal/snapshot-rows.ts';
import type { Ledger } from '../pools/ledger.ts';
import type { LiveRun } from './live-run.ts';
import { encodeRun } from './run-snapshot.ts';

/** So many events of a run are folded again at most, beside those of actors that have few. */
export const SNAPSHOT_EVENTS = 20_000;
/** The share of them that makes an actor worth keeping, and the share that makes a run so at a clean end. */
const ACTOR_SHARE = 1 / 20;
const REST_SHARE = 1 / 10;
/** Bytes that a snapshot may have before the next one waits longer: some tenth of those of the events in between. */
const LIGHT_BYTES = 32 * SNAPSHOT_EVENTS;

export interface SnapshotPorts {
  readonly journal: Pick<Journal, 'head' | 'run'>;
  readonly run: (run: string) => LiveRun | undefined;
  /** Of a live run: all of its events up to the last commit are in it. */
  readonly progress: (run: string) => ProgressView | null;
  readonly ledger: () => Pick<Ledger, 'save'>;
  /** {@link SNAPSHOT_EVENTS}, unless a test wants them more often. */
  readonly every: number;
}

export interface Snapshots {
  /** The batch of a commit with the snapshots that are due with it. */
  readonly due: (batch: Batch) => Batch;
  /** What is worth keeping of a run when nothing more will come for now. */
  readonly last: (live: LiveRun) => readonly Snapshot[];
  readonly forget: (run: string) => void;
}

interface Since {
  events: number;
  /** The run's own last event in the whole journal. */
  last: number;
  dueAfter: number;
  /** Numbers of the actors' events after which they were kept. */
  readonly actors: Map<string, number>;
}

export function createSnapshots(ports: SnapshotPorts): Snapshots {
  const runs = new Map<string, Since>();
  const sinceOf = (run: string): Since => {
    const known = runs.get(run);
    if (known !== undefined) return known;
    const begun = { events: 0, last: 0, dueAfter: ports.every, actors: new Map<string, number>() };
    runs.set(run, begun);
    return begun;
  };

  function take(live: LiveRun, since: Since): readonly Snapshot[] {
    const whole = wholeRun(ports, live, since.last);
    const own: Snapshot[] = whole === null ? [] : [whole];
    for (const [actor, state] of live.actors.entries()) {
      if (state.seq - (since.actors.get(actor) ?? 0) < ports.every * ACTOR_SHARE || state.status === 'settled') continue;
      own.push({ run: live.id, actor, seq: state.seq, body: Buffer.from(encodeState(state)) });
      since.actors.set(actor, state.seq);
    }
    for (const actor of since.actors.keys()) if (live.actors.state(actor) === undefined) since.actors.delete(actor);
    since.events = 0;
    since.dueAfter = ports.every * Math.max(1, own.reduce((sum, { body }) => sum + body.byteLength, 0) / LIGHT_BYTES);
    return own;
  }

  return {
    due: (batch) => {
      const ripe = new Map<LiveRun, Since>();
      const head = ports.journal.head();
      for (const [index, { run, event }] of batch.events.entries()) {
        const live = ports.run(run);
        if (live === undefined) continue;
        const since = sinceOf(run);
        since.events += 1;
        since.last = head + index + 1;
        const enough = event.type === 'run.settled' ? ports.every * REST_SHARE : since.dueAfter;
        if (since.events >= enough) ripe.set(live, since);
      }
      if (ripe.size === 0) return batch;
      return { ...batch, snapshots: [...ripe].flatMap(([live, since]) => take(live, since)) };
    },
    last: (live) => {
      const since = sinceOf(live.id);
      return since.events < ports.every * REST_SHARE ? [] : take(live, since);
    },
    forget: (run) => void runs.delete(run),
  };
}

/** What is about to be written is in the accounts already, and not in the progress. */
function wholeRun({ journal, progress, ledger }: SnapshotPorts, live: LiveRun, accountsTo: number): Snapshot | null {
  const [view, row] = [progress(live.id), journal.run(live.id)];
  if (view === null || row === null) return null;
  const progressTo = journal.head();
  const accounts = hasBudgets(live.flow, planOf(live.flow).values()) ? ledger().save(live.id) : null;
  return { run: live.id, actor: '', seq: accountsTo, body: encodeRun(row, { progress: view, progressTo, accounts, accountsTo }) };
}
