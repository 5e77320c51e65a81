/** Whether what was kept beside the events is what folding them gives. */

import { isDeepStrictEqual } from 'node:util';
import { amend, decodeState, encodeState, evolveProgress, foldActor, startProgress } from '@scriptorium/core';
import type { Recorded } from '@scriptorium/core';
import type { JournalReads } from '../journal/journal-reads.ts';
import { Ledger } from '../pools/ledger.ts';
import type { SavedAccounts } from '../pools/ledger.ts';
import { mailboxFaults } from '../post/kept-mailbox.ts';
import { readAll, readEffective } from '../reports/run-views.ts';
import { readRunSnapshot } from './run-snapshot.ts';

/** One line for each state of the run, or of the mailboxes that belong to none, that was kept, is whole, and is not what the events up to it give. */
export function snapshotFaults(journal: JournalReads, run: string): readonly string[] {
  if (run === '') return mailboxFaults(journal);
  const faults = journal.actors(run).flatMap(({ actor }) => {
    const snapshot = journal.snapshot(run, actor);
    if (snapshot === null) return [];
    const text = Buffer.from(snapshot.body).toString('utf8');
    const events = journal.readActor(run, actor, 0, snapshot.seq) as readonly Recorded[];
    const state = foldActor(events);
    if (decodeState(text) === null || (state !== null && encodeState(state) === text)) return [];
    return [`what is kept of ${actor} of run ${run} after its event ${snapshot.seq} is not what its events give`];
  });
  return [...faults, ...faultsOfRun(journal, run)];
}

function faultsOfRun(journal: JournalReads, run: string): readonly string[] {
  const kept = readRunSnapshot(journal, run);
  const row = journal.run(run);
  const flow = row === null ? null : journal.flow(row.flow.hash);
  if (kept === null || flow === null) return [];
  let progress = startProgress(flow);
  for (const recorded of readEffective(journal, run)) if (recorded.gseq <= kept.progressTo) progress = evolveProgress(progress, recorded);
  const accounts = accountsAt(journal, run, kept.accountsTo);
  return [
    ...(isDeepStrictEqual(progress, kept.progress) ? [] : [`the progress that is kept of run ${run} is not what its events give`]),
    ...(kept.accounts === null || isDeepStrictEqual(kept.accounts, accounts)
      ? []
      : [`the accounts that are kept of run ${run} are not what its events give`]),
  ];
}

function accountsAt(journal: JournalReads, run: string, gseq: number): SavedAccounts {
  const ledger = new Ledger();
  foldAccounts(ledger, journal, run, 0, gseq);
  return ledger.save(run);
}

/** Folds what the run has used after the event `after`; items that were taken back have theirs still. */
export function foldAccounts(ledger: Ledger, journal: JournalReads, run: string, after: number, to: number = Infinity): void {
  const rollbacks = journal.run(run)?.amendments.rollbacks ?? [];
  for (const recorded of readAll(journal, run, after)) {
    if (recorded.gseq > to) return;
    const isOpenAgain = recorded.event.type === 'chunk.settled' && amend({ rollbacks, migrations: [] }, recorded) === null;
    if (!isOpenAgain) ledger.fold(recorded);
  }
}
