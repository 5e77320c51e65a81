/**
 * The mark of the last acknowledged event, in a small file beside the store, written after each commit and not synced.
 * A damaged or deleted write-ahead log loses committed events without any error from SQLite; a mark above the last event
 * shows it. There are no false alarms, because the mark is written only after the commit returned.
 */

import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

export interface HighWater {
  /** The marked event, 0 when there is no readable mark. */
  readonly marked: number;
  readonly mark: (gseq: number) => void;
  readonly close: () => void;
}

const MARK_BYTES = 16;

export function openHighWater(path: string): HighWater {
  const file = openOrCreate(path);
  const buffer = Buffer.alloc(MARK_BYTES);
  readSync(file, buffer, 0, MARK_BYTES, 0);
  return {
    marked: markIn(buffer) ?? 0,
    mark: (gseq) => {
      buffer.writeBigUInt64LE(BigInt(gseq), 0);
      buffer.writeUInt32LE(crc32(buffer.subarray(0, 8)), 8);
      buffer.writeUInt32LE(MARK_BYTES, 12);
      writeSync(file, buffer, 0, MARK_BYTES, 0);
    },
    close: () => closeSync(file),
  };
}

/** The marked event; null when there is no mark, or none that can be read. */
export function readMark(path: string): number | null {
  try {
    return markIn(readFileSync(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return null;
  }
}

function markIn(buffer: Buffer): number | null {
  const whole =
    buffer.length === MARK_BYTES && buffer.readUInt32LE(8) === crc32(buffer.subarray(0, 8)) && buffer.readUInt32LE(12) === MARK_BYTES;
  return whole ? Number(buffer.readBigUInt64LE(0)) : null;
}

function openOrCreate(path: string): number {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return openSync(path, 'wx+', 0o600);
  }
}
