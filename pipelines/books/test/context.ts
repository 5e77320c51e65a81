/** A context for handlers under test: it writes real files below one folder, as an engine would. */

import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArtifactRef, Context, Handler, ItemCollection, Json } from '@scriptorium/core';

export interface TestContext extends Context {
  readonly logged: { readonly level: string; readonly message: string }[];
}

export interface TestOptions {
  readonly env?: { readonly [name: string]: string };
  readonly mode?: Context['run']['mode'];
  readonly signal?: globalThis.AbortSignal;
}

/** `stage` names the folder below `root` that outputs go to. */
export function testContext(root: string, stage: string, options: TestOptions = {}): TestContext {
  const logged: TestContext['logged'] = [];
  return {
    run: { id: 'run', batch: 'batch', mode: options.mode ?? 'flexible', test: false },
    step: { path: `books/${stage}`, key: 'book', attempt: 1, idempotencyKey: stage, returns: true, outside: [] },
    notes: {},
    settings: {},
    note: () => Promise.resolve(),
    keep: () => Promise.reject(new Error('nothing is kept here')),
    recall: () => Promise.reject(new Error('nothing is kept here')),
    stream: () => undefined,
    signal: options.signal ?? new AbortController().signal,
    outputs: {
      write: async (name, data) => {
        const path = `${stage}/batch/${name}`;
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), data);
        return refOf(path, Buffer.from(data));
      },
    },
    artifacts: {
      read: (ref) => readFile(join(root, ref.path)),
      readText: (ref) => readFile(join(root, ref.path), 'utf8'),
      locate: (ref) => join(root, ref.path),
    },
    env: options.env ?? {},
    spend: () => undefined,
    log: (level, message) => logged.push({ level, message }),
    logged,
  };
}

/** Puts a file where a stage would have written it. */
export async function putArtifact(root: string, path: string, text: string): Promise<ArtifactRef> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  return refOf(path, Buffer.from(text));
}

function refOf(path: string, data: Uint8Array): ArtifactRef {
  return { path, hash: `sha256:${createHash('sha256').update(data).digest('hex')}`, bytes: data.byteLength };
}

/** Calls a handler with an input that the test vouches for. */
export async function call<T = Json>(handler: Handler, input: object, context: Context): Promise<T> {
  return (await handler.run(input as never, context)) as T;
}

export function collectionOf<T>(items: readonly T[]): ItemCollection<T> {
  return {
    size: items.length,
    [Symbol.asyncIterator]: async function* () {
      yield* items;
    },
  };
}
