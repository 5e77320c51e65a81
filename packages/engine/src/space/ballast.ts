/**
 * Space kept in reserve beside a store, as a file that can be removed. On a full disk the write-ahead log cannot be moved
 * into the store, since that would have to grow, and so no space comes free by itself: not even that runs were
 * interrupted can be written down. Removing this file makes the room for both.
 *
 * 1. It is really written and synced, piece by piece, with bytes that no file system can compress or leave out.
 * 2. It holds twice what the log may grow to: once for the log, once for what the log moves into the store.
 */

import { randomFillSync } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { WAL_LIMIT_BYTES } from '../journal/checkpointing.ts';
import { freeBytes } from './place.ts';
import { storeFile } from '../journal/store-file.ts';

export const RESERVE_BYTES: number = 2 * WAL_LIMIT_BYTES;

const PIECE_BYTES = 1024 * 1024;

/** What a store has of the disk. */
export interface Space {
  /** What can still be written beside it. */
  readonly freeBytes: () => number;
  readonly logBytes: () => number;
  readonly ballastBytes: () => number;
  /** Writes another piece of the ballast, up to so many bytes in all. Rejects when the disk does not take it. */
  readonly grow: (upToBytes: number) => Promise<void>;
  /** Removes the ballast; whether there was any. */
  readonly release: () => boolean;
}

/** The space of the store in the directory `home`. */
export function spaceOf(home: string): Space {
  const store = storeFile(home);
  const ballastBytes = (): number => sizeOf(ballastOf(store));
  return {
    freeBytes: () => freeBytes(store),
    logBytes: () => sizeOf(`${store}-wal`),
    ballastBytes,
    grow: async (upToBytes) => {
      const bytes = Math.min(PIECE_BYTES, upToBytes - ballastBytes());
      if (bytes > 0) await append(ballastOf(store), bytes);
    },
    release: () => releaseBallast(store),
  };
}

/** Removes the ballast of the store at `path`; whether there was any. */
export function releaseBallast(path: string): boolean {
  const held = sizeOf(ballastOf(path)) > 0;
  rmSync(ballastOf(path), { force: true });
  return held;
}

export function ballastOf(path: string): string {
  return `${path}.ballast`;
}

async function append(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    await file.writeFile(randomFillSync(Buffer.allocUnsafe(bytes)));
    await file.sync();
  } finally {
    await file.close();
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
