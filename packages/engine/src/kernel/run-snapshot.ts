/**
 * What is kept of a run as a whole on the way: its progress, and what it has used of its budgets. Both are folds of all its
 * events, which the states of its actors do not tell any more.
 */

import { deserialize, serialize } from 'node:v8';
import { PROGRESS_VERSION } from '@scriptorium/core';
import type { ProgressView } from '@scriptorium/core';
import type { Journal, RunRow } from '../journal/journal.ts';
import type { SavedAccounts } from '../pools/ledger.ts';

/** To be raised whenever the shape changes. */
const VERSION = 2;

export interface RunSnapshot {
  readonly progress: ProgressView;
  /** The `gseq` up to which events are in the progress, and that for the accounts. */
  readonly progressTo: number;
  /** Null for a run without budgets. */
  readonly accounts: SavedAccounts | null;
  readonly accountsTo: number;
}

type Kept = RunSnapshot & { readonly version: string; readonly means: string };

export function encodeRun(row: RunRow, snapshot: RunSnapshot): Uint8Array {
  return serialize({ ...snapshot, version: versionHere(), means: meaningOf(row) } satisfies Kept);
}

/** Null where nothing is kept, or what is kept is of another version or from before something changed what events mean. */
export function readRunSnapshot(journal: Pick<Journal, 'snapshot' | 'run'>, run: string): RunSnapshot | null {
  const snapshot = journal.snapshot(run, '');
  const row = snapshot === null ? null : journal.run(run);
  if (snapshot === null || row === null) return null;
  try {
    const kept = deserialize(snapshot.body) as Kept;
    return kept.version === versionHere() && kept.means === meaningOf(row) ? kept : null;
  } catch {
    return null;
  }
}

function versionHere(): string {
  return `${VERSION} ${PROGRESS_VERSION}`;
}

/** What is taken back no longer counts, and what is migrated has other paths: both change what came before. */
function meaningOf({ flow, amendments: { rollbacks, migrations } }: RunRow): string {
  return `${flow.hash} ${rollbacks.length} ${migrations.length}`;
}
