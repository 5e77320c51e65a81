/**
 * Writing, taking over and reading artifacts. Usable in any thread: it holds nothing but the place it is given.
 *
 * 1. A file is at its name whole or not at all: written beside it, synced, renamed, and the directory synced.
 * 2. One attempt writes a name once; after it has ended it writes nothing.
 * 3. What is read back has the recorded hash, or is refused.
 */

import { hash, randomBytes } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { link, lstat, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { artifactSchema, StepError } from '@scriptorium/core';
import type { ArtifactRecord, ArtifactRef, Artifacts, Outputs, Schema, WriteOptions } from '@scriptorium/core';
import { DRY_RUN_REFUSAL, holdDirectory, outputRoot, plainSegments, TEMPORARY_PREFIX } from './output-place.ts';
import type { HeldDirectory, OutputPlace, OutputRoot } from './output-place.ts';

/** The most bytes of one artifact: what a buffer can hold with room for its text. */
const MAX_ARTIFACT_BYTES = 1024 * 1024 * 1024;

/** JSON Schema of {@link WriteOptions.from}, for steps that are told it. */
export const lineageSchema: Schema = {
  type: 'array',
  maxItems: 1000,
  items: { anyOf: [{ type: 'string', minLength: 1 }, artifactSchema] },
  description: 'The files that its outputs are made from, for `scriptorium trace`.',
};

export interface AttemptOutputs extends Outputs {
  /** What was written, in order. */
  readonly records: () => readonly ArtifactRecord[];
  /** Refuses whatever is written from now on. */
  readonly close: () => void;
}

/** The outputs of one attempt. */
export function attemptOutputs(place: OutputPlace): AttemptOutputs {
  const records: ArtifactRecord[] = [];
  const names = new Set<string>();
  let closed = false;
  const refuseLate = (name: string): void => {
    if (closed) throw new StepError('cancelled', `${name} was not written: the attempt has ended`);
  };
  return {
    records: () => records,
    close: () => {
      closed = true;
    },
    write: async (name, data, options) => {
      refuseLate(name);
      if (place.dryRun === true) throw new StepError('cancelled', DRY_RUN_REFUSAL);
      const segments = plainSegments(name);
      const key = segments.join('/').toLowerCase();
      if (names.has(key)) {
        throw new StepError('contract.output', `the output ${name} was written twice in one attempt`, {
          fix: 'Give each file a name of its own; some systems do not tell upper from lower case.',
        });
      }
      names.add(key);
      const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
      if (bytes.byteLength > MAX_ARTIFACT_BYTES)
        throw new StepError(
          'contract.output',
          `the output ${name} has ${bytes.byteLength} bytes; an artifact has at most ${MAX_ARTIFACT_BYTES}`,
        );
      const path = await placeBytes(place, segments, bytes, () => refuseLate(name));
      const record = { path, hash: hashOf(bytes), bytes: bytes.byteLength, stage: place.stage, from: lineage(options) };
      records.push(record);
      return { path: record.path, hash: record.hash, bytes: record.bytes };
    },
  };
}

/** Reading artifacts below one output root. */
export function artifactsBelow(root: OutputRoot): Artifacts {
  const read = (ref: ArtifactRef): Promise<Uint8Array> => readArtifact(outputRoot(root), ref);
  return {
    read,
    readText: async (ref) => new TextDecoder('utf-8', { fatal: false }).decode(await read(ref)),
    locate: (ref) => locate(outputRoot(root), ref),
  };
}

/** The bytes of an artifact; raises `io` when it is gone or no longer what was recorded. `base` is the absolute output root. */
export async function readArtifact(base: string, ref: ArtifactRef): Promise<Uint8Array> {
  const file = locate(base, ref);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new StepError('io', `the artifact ${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
      fix: 'Put it back, or run again with `--fresh`.',
    });
  }
  if (hashOf(bytes) !== ref.hash) {
    throw new StepError('io', `the artifact ${file} was changed after it had been written`, {
      fix: 'Put the original back, or run again with `--fresh`.',
    });
  }
  return bytes;
}

/**
 * Places an earlier run's artifact at this batch's path, as a hard link or else a copy, and returns its new record; null
 * when it is gone or no longer what was recorded. `base` is the absolute output root that it lies below.
 */
export async function linkArtifact(base: string, record: ArtifactRecord, place: OutputPlace): Promise<ArtifactRecord | null> {
  const segments = plainSegments(record.path).slice(plainSegments(record.stage).length + 1);
  if (segments.length === 0) return null;
  const bytes = await readArtifact(base, record).catch(() => null);
  if (bytes === null) return null;
  const path = await linkFile(locate(base, record), place, segments, bytes);
  return { path, hash: record.hash, bytes: record.bytes, stage: place.stage, from: record.from };
}

/** Moves a file that lies below the output root to the directory `aside` there; false when it was not there any more. */
export async function moveArtifact(root: OutputRoot, path: string, aside: string): Promise<boolean> {
  const segments = plainSegments(path);
  const name = segments.at(-1) ?? '';
  const from = holdDirectory(root, segments.slice(0, -1));
  const to = holdDirectory(root, [...aside.split('/'), ...segments.slice(0, -1)]);
  try {
    await rename(`${from.path}/${name}`, `${to.path}/${name}`);
    to.sync();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  } finally {
    from.close();
    to.close();
  }
}

/** Removes the temporary files that a killed engine left in a batch. Only for batches that nobody works on. Returns how many. */
export async function removeLeftovers(root: OutputRoot, batch: string): Promise<number> {
  const base = outputRoot(root);
  // Small runs leave none, and thousands of them may be asked for at once: a failing call costs more than the question.
  if (!existsSync(base)) return 0;
  const stages = await readdir(base, { withFileTypes: true }).catch(() => []);
  let count = 0;
  for (const stage of stages) {
    if (!stage.isDirectory()) continue;
    const dir = join(base, stage.name, batch);
    if (!existsSync(dir)) continue;
    const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isFile() || !entry.name.startsWith(TEMPORARY_PREFIX)) continue;
      if (await removed(join(entry.parentPath, entry.name))) count += 1;
    }
  }
  return count;
}

/** False where it was gone already: an engine that was replaced, and does not know it yet, may look at the same batch. */
async function removed(file: string): Promise<boolean> {
  try {
    await unlink(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return false;
  }
}

function locate(base: string, ref: ArtifactRef): string {
  return join(base, ...plainSegments(ref.path));
}

function lineage(options: WriteOptions | undefined): readonly string[] {
  return (options?.from ?? []).map((source) => {
    if (typeof source !== 'string') return source.hash;
    return /^(file|sha256):/.test(source) ? source : `file:${resolve(source)}`;
  });
}

async function placeBytes(place: OutputPlace, segments: readonly string[], bytes: Uint8Array, refuseLate: () => void): Promise<string> {
  return inPlace(place, segments, async (directory, temporary, final) => {
    const file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0), 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    refuseLate();
    await rename(temporary, final);
    directory.sync();
  });
}

async function linkFile(source: string, place: OutputPlace, segments: readonly string[], bytes: Uint8Array): Promise<string> {
  return inPlace(place, segments, async (directory, temporary, final) => {
    try {
      await link(source, temporary);
    } catch {
      await placeBytes(place, segments, bytes, () => undefined);
      return;
    }
    if (await isSameFile(temporary, final)) return;
    await rename(temporary, final);
    directory.sync();
  });
}

/** Renaming one link of a file over another of the same file does nothing, and leaves both. */
async function isSameFile(temporary: string, final: string): Promise<boolean> {
  const [a, b] = await Promise.all([lstat(temporary), lstat(final).catch(() => null)]);
  return b !== null && a.ino === b.ino && a.dev === b.dev;
}

/** Holds the final directory while `work` puts a file there; the temporary name is gone afterwards in any case. */
async function inPlace(
  place: OutputPlace,
  segments: readonly string[],
  work: (directory: HeldDirectory, temporary: string, final: string) => Promise<void>,
): Promise<string> {
  const parents = [...plainSegments(place.stage), ...plainSegments(place.batch), ...segments.slice(0, -1)];
  const name = segments.at(-1) ?? '';
  const directory = holdDirectory(place, parents);
  const temporary = `${directory.path}/${TEMPORARY_PREFIX}${randomBytes(8).toString('hex')}.tmp`;
  try {
    await work(directory, temporary, `${directory.path}/${name}`);
  } finally {
    await unlink(temporary).catch(() => undefined);
    directory.close();
  }
  return [...parents, name].join('/');
}

function hashOf(bytes: Uint8Array): string {
  return `sha256:${hash('sha256', bytes, 'hex')}`;
}
