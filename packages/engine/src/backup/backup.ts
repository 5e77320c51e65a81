/**
 * Copies of a store. A copy is itself a store: its directory holds `journal.db` and its mark, and, as `backup.json`, what it
 * is a copy of.
 *
 * 1. The copy is one moment of the store, also while an engine works on it: by SQLite alone, within one transaction, where
 *    none does, and else in pieces, so that the engine's log stays as short as it is without a copy.
 * 2. A copy counts only when all of it was read again and found whole. Nothing is ever written over.
 */

import { closeSync, existsSync, fsyncSync, openSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backup } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostError } from '@scriptorium/core';
import { auditStore } from '../audit/audit.ts';
import type { AuditOptions, AuditReport } from '../audit/audit.ts';
import { openHighWater } from '../journal/high-water.ts';
import { prepareHome } from '../space/home.ts';
import type { HomeOptions } from '../space/home.ts';
import { JournalError } from '../journal/journal-error.ts';
import { acquire } from '../journal/ownership.ts';
import { readStore } from '../journal/read-store.ts';
import { storeFile } from '../journal/store-file.ts';
import { freeBytes } from '../space/place.ts';
import { holdRemovals } from '../retention/removal-lock.ts';
import { openingError } from '../journal/storage-error.ts';
import { copyInPieces } from './copy-in-pieces.ts';
import { keepOutputs, putOutputsBack } from './kept-outputs.ts';
import type { KeptOutputs, ReturnedOutputs } from './kept-outputs.ts';

export interface BackupOptions extends Pick<AuditOptions, 'now' | 'hashFlow'> {
  /** With the files that runs have written. */
  readonly outputs: boolean;
}

export interface BackupReport {
  readonly directory: string;
  readonly events: number;
  readonly bytes: number;
  /** Null when the files of runs were not asked for. */
  readonly outputs: KeptOutputs | null;
  /** What reading the copy again has found. */
  readonly audit: AuditReport;
}

export interface RestoreReport {
  readonly home: string;
  readonly events: number;
  readonly outputs: ReturnedOutputs | null;
}

/** In one step: nobody waits for the log to be begun anew. */
const ALL_PAGES = 2 ** 31 - 1;
/** Between two pieces of a store that an engine writes to: long enough for it to get in. */
const PAUSE_MS = 2;

/** Copies the store in `home` into a directory that is new or empty. */
export async function backUp(home: string, directory: string, options: BackupOptions): Promise<BackupReport> {
  const source = storeFile(home);
  if (!existsSync(source)) throw new HostError('not_found', `there is no store in ${home}`, 'Name one with `--home <dir>`.');
  if (existsSync(directory) && readdirSync(directory).length > 0)
    throw new HostError('conflict', `${directory} is not empty`, 'Name a directory that is not there yet.');
  try {
    const { events, bytes } = await copyStore(source, directory, home, {});
    const outputs = options.outputs ? await keepOutputs(directory) : null;
    const audit = await auditStore(directory, options);
    rmSync(join(directory, 'lock.db'), { force: true });
    const made = { version: 1, madeAt: new Date(options.now).toISOString(), of: home, events, outputs };
    writeFileSync(join(directory, 'backup.json'), `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
    return { directory, events, bytes, outputs, audit };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw openingError(directory, error);
  }
}

/** Makes a store of a backup, in a directory that has none. Raises JournalError `altered` for a backup that is not whole. */
export async function restore(
  directory: string,
  home: string,
  options: BackupOptions & { readonly home: HomeOptions },
): Promise<RestoreReport> {
  const source = storeFile(directory);
  if (!existsSync(source))
    throw new HostError('not_found', `there is no backup in ${directory}`, 'Name the directory that `scriptorium backup` made.');
  if (existsSync(storeFile(home)))
    throw new HostError('conflict', `there is a store in ${home} already`, 'Move it away, or name another directory with `--home <dir>`.');
  const { findings } = await auditStore(directory, { ...options, outputs: false });
  const fault = findings.find(({ level, fault: name }) => level === 'problem' && name !== 'permissions_open');
  if (fault !== undefined)
    throw new JournalError('altered', `the backup ${directory} is not whole: ${fault.message}`, 'Use another backup.');
  try {
    const { events } = await copyStore(source, home, directory, options.home);
    const outputs = options.outputs ? await putOutputsBack(directory, home) : null;
    return { home, events, outputs };
  } catch (error) {
    rmSync(storeFile(home), { force: true });
    throw openingError(home, error);
  }
}

/** Copies the file `source` of a store, in the directory `from`, to one in the directory `to`, and marks its last event. */
async function copyStore(
  source: string,
  to: string,
  from: string,
  options: HomeOptions,
): Promise<{ readonly events: number; readonly bytes: number }> {
  prepareHome(to, options);
  const bytes = statSync(source).size + (statSync(`${source}-wal`, { throwIfNoEntry: false })?.size ?? 0);
  const target = storeFile(to);
  const free = freeBytes(target);
  if (free < bytes)
    throw new JournalError(
      'full',
      `${free} bytes are free at ${to}; the copy needs up to ${bytes}`,
      'Make room, or choose another directory.',
    );
  const ownership = acquire(from);
  try {
    closeSync(openSync(target, 'wx', 0o600));
    if (ownership === null) await copyBesideEngine(from, source, target);
    else await copyAtRest(source, target);
  } finally {
    ownership?.release();
  }
  sync(target);
  const events = markEnd(target);
  sync(to);
  return { events, bytes: statSync(target).size };
}

async function copyBesideEngine(home: string, source: string, target: string): Promise<void> {
  const letGo = holdRemovals(home);
  try {
    await copyInPieces(source, target, () => sleep(PAUSE_MS));
  } finally {
    letGo();
  }
}

/** Of a store that no engine works on. */
async function copyAtRest(source: string, target: string): Promise<void> {
  const db = readStore(source);
  try {
    await backup(db, target, { rate: ALL_PAGES });
  } finally {
    db.close();
  }
}

/** Returns the number of the last event. */
function markEnd(path: string): number {
  const db = readStore(path);
  const { events } = db.prepare('SELECT ifnull(max(gseq), 0) AS events FROM events').get() as { events: number };
  db.close();
  const mark = openHighWater(`${path}.mark`);
  mark.mark(events);
  mark.close();
  return events;
}

/** Of a file that no connection of this process has open, or of a directory. */
function sync(path: string): void {
  if (process.platform === 'win32') return;
  const held = openSync(path, 'r');
  fsyncSync(held);
  closeSync(held);
}
