/**
 * The files that runs have written, beside a copy of their store: each once, under the hash of its bytes. They are put
 * back to where they were only where nothing is.
 */

import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readStore } from '../journal/read-store.ts';
import { storeFile } from '../journal/store-file.ts';
import { hashOfFile } from '../outputs/file-hash.ts';

export interface KeptOutputs {
  readonly files: number;
  /** Files that are gone or no longer what the runs had written: they are not in the copy. */
  readonly left: readonly string[];
}

export interface ReturnedOutputs {
  readonly files: number;
  /** Files that are there already, as they are or otherwise, or that the copy has not. */
  readonly left: readonly string[];
}

interface Output {
  readonly file: string;
  readonly hash: string;
}

const DIRECTORY = 'outputs';

/** Copies the outputs of the store in `directory` there. */
export async function keepOutputs(directory: string): Promise<KeptOutputs> {
  const left: string[] = [];
  let files = 0;
  await mkdir(join(directory, DIRECTORY), { recursive: true, mode: 0o700 });
  for (const { file, hash } of outputsOf(directory)) {
    const kept = keptAs(directory, hash);
    if (!existsSync(kept)) await copyFile(file, kept, constants.COPYFILE_EXCL).catch(() => undefined);
    if ((await hashOfFile(kept)) === hash) files += 1;
    else left.push(file);
  }
  return { files, left };
}

/** Puts the outputs of the store in `home` back, as far as the copy in `directory` has them. */
export async function putOutputsBack(directory: string, home: string): Promise<ReturnedOutputs> {
  const left: string[] = [];
  let files = 0;
  for (const { file, hash } of outputsOf(home)) {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const isBack = await copyFile(keptAs(directory, hash), file, constants.COPYFILE_EXCL).then(
      () => true,
      () => false,
    );
    if (isBack) files += 1;
    else left.push(file);
  }
  return { files, left };
}

function* outputsOf(home: string): Generator<Output> {
  const db = readStore(storeFile(home));
  try {
    // Where several runs wrote one file, the last one counts.
    const rows = db.prepare(`SELECT root || '/' || path AS file, hash, max(id) FROM artifacts GROUP BY 1 ORDER BY 3`);
    for (const { file, hash } of rows.iterate()) yield { file: file as string, hash: hash as string };
  } finally {
    db.close();
  }
}

function keptAs(directory: string, hash: string): string {
  return join(directory, DIRECTORY, hash.slice('sha256:'.length));
}
