/** Text files, for their owner alone, that appear whole or not at all: written beside their place, synced, then renamed. */

import { mkdir, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join, basename } from 'node:path';

/** Characters gathered before they are written. */
const BUFFER_LIMIT = 64 * 1024;

export interface TextFile {
  readonly write: (text: string) => Promise<void>;
  /** Bytes written so far, those in the buffer included. */
  readonly bytes: () => number;
  /** Reads back what was written, from byte `start` to before byte `end`. */
  readonly readBack: (start: number, end: number) => AsyncIterable<string>;
  /** Puts the file in its place, over what may be there. */
  readonly commit: () => Promise<void>;
  /** Removes what was written; does nothing after a commit. */
  readonly discard: () => Promise<void>;
}

export async function openTextFile(path: string): Promise<TextFile> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const handle = await open(draft, 'w+', 0o600);
  let buffered = '';
  let flushed = 0;
  let closed = false;

  async function flush(): Promise<void> {
    if (buffered === '') return;
    const bytes = Buffer.from(buffered, 'utf8');
    buffered = '';
    let done = 0;
    while (done < bytes.length) done += (await handle.write(bytes, done, bytes.length - done, flushed + done)).bytesWritten;
    flushed += bytes.length;
  }

  return {
    write: async (text) => {
      buffered += text;
      if (buffered.length > BUFFER_LIMIT) await flush();
    },
    bytes: () => flushed + Buffer.byteLength(buffered),
    readBack: async function* (start, end) {
      await flush();
      yield* slices(handle, start, end);
    },
    commit: async () => {
      await flush();
      await handle.sync();
      await handle.close();
      closed = true;
      await rename(draft, path);
      await syncDirectory(dirname(path));
    },
    discard: async () => {
      if (closed) return;
      closed = true;
      await handle.close();
      await rm(draft, { force: true });
    },
  };
}

async function* slices(handle: FileHandle, start: number, end: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const buffer = Buffer.alloc(64 * 1024);
  for (let at = start; at < end;) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - at), at);
    if (bytesRead === 0) break;
    at += bytesRead;
    yield decoder.decode(buffer.subarray(0, bytesRead), { stream: at < end });
  }
}

/** So that the new name survives a power cut; file systems that cannot sync a directory need no such thing. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
