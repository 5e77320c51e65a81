/** The files around a store, and those that its runs have written. */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { ballastOf, RESERVE_BYTES } from '../space/ballast.ts';
import { WAL_LIMIT_BYTES } from '../journal/checkpointing.ts';
import { readMark } from '../journal/high-water.ts';
import { hashOfFile } from '../outputs/file-hash.ts';
import type { Find } from './finding.ts';
import { storeFile } from '../journal/store-file.ts';

/** What belongs into the directory of a store. */
const known =
  /^(journal\.db(-wal|-shm|\.mark|\.ballast|\.format-\d+)?|(lock|removal)\.db(-journal)?|engine\.(sock|addr)|backup\.json|outputs)$/;

/** Records that are read at a stretch. */
const PAGE = 500;

export function auditHome(home: string, find: Find): void {
  for (const name of readdirSync(home)) {
    const file = join(home, name);
    if (!known.test(name)) {
      const fix = 'Remove it if you know that nobody needs it.';
      find({ fault: 'file_unknown', level: 'note', message: `${file} is none of a store's files`, fix, place: { file } });
    } else if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
      find(openPermissions(file, 'is not for its owner only', `chmod 600 ${file}`));
    }
  }
  if (process.platform !== 'win32' && (statSync(home).mode & 0o022) !== 0)
    find(openPermissions(home, 'can be written by others', `chmod 700 ${home}`));
  const store = storeFile(home);
  const log = sizeOf(`${store}-wal`);
  if (log > WAL_LIMIT_BYTES) {
    const message = `${store}-wal has ${log} bytes, more than ${WAL_LIMIT_BYTES}`;
    const fix =
      'Look for a program that reads the store without an end, `sqlite3` for example; at the next start of an engine it is moved into the store.';
    find({ fault: 'log_long', level: 'problem', message, fix, place: { file: `${store}-wal` } });
  }
  const ballast = sizeOf(ballastOf(store));
  if (ballast < RESERVE_BYTES) {
    const message = `${ballastOf(store)} has ${ballast} of ${RESERVE_BYTES} bytes`;
    const fix = 'It is made while an engine works, where there is space for it and `reserve` is `full`.';
    find({ fault: 'ballast_missing', level: 'note', message, fix, place: { file: ballastOf(store) } });
  }
}

function openPermissions(file: string, what: string, command: string): Parameters<Find>[0] {
  return { fault: 'permissions_open', level: 'problem', message: `${file} ${what}`, fix: `Run \`${command}\`.`, place: { file } };
}

/** `mark` was read before `last`, the number of the last event, so that a working engine is no fault. */
export function auditMark(home: string, mark: number | null, last: number, find: Find): void {
  const store = storeFile(home);
  if (mark === null) {
    if (last === 0) return;
    const message = `${store}.mark is not there or cannot be read: whether events are lost behind event ${last} cannot be told`;
    const fix = 'The next start of an engine writes it anew.';
    find({ fault: 'mark_unreadable', level: 'problem', message, fix, place: { file: `${store}.mark` } });
    return;
  }
  if (mark <= last) return;
  const isLogThere = existsSync(`${store}-wal`);
  const lost = `event ${mark} had been acknowledged, and the store ends at event ${last}`;
  const message = isLogThere ? `${lost}: its log was damaged, or an older copy was put back` : `${lost}: ${store}-wal is gone`;
  const goOn =
    'put a backup in the place of the store with `scriptorium restore`, or go on from what is there with `scriptorium audit accept-loss`';
  const fix = isLogThere ? `P${goOn.slice(1)}.` : `Put ${store}-wal back; or ${goOn}.`;
  find({ fault: isLogThere ? 'events_lost' : 'log_lost', level: 'problem', message, fix, place: { event: last + 1, until: mark } });
}

export function markOf(home: string): number | null {
  return readMark(`${storeFile(home)}.mark`);
}

/** Every file that a run has written is there and has the bytes that it had. Resolves to how many were looked at. */
export async function auditOutputs(db: DatabaseSync, find: Find): Promise<number> {
  const page = db.prepare('SELECT id, run, root, path, hash FROM artifacts WHERE id > ? ORDER BY id LIMIT ?');
  let files = 0;
  for (let after = 0; ;) {
    const rows = page.all(after, PAGE) as object[] as { id: number; run: string; root: string; path: string; hash: string }[];
    for (const { run, root, path, hash: expected } of rows) {
      files += 1;
      const file = join(root, path);
      const found = await hashOfFile(file);
      if (found === expected) continue;
      const fault = found === null ? 'output_missing' : 'output_changed';
      const message = `${file}, which run ${run} has written, ${found === null ? 'is not there' : 'is not what was written'}`;
      const fix = 'Put it back, or run again with `--fresh`.';
      if (!find({ fault, level: 'problem', message, fix, place: { file, run } })) return files;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return files;
    after = last.id;
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
