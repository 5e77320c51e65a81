/**
 * How processes of the same user talk to the engine of a store: lines of JSON over a local socket. The server greets
 * with its version; the client sends requests under ids of its own; answers to them may interleave. Streams flow by
 * credit, so that a slow reader holds up nobody and nothing piles up.
 */

import { hash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { HostError, HostMethod, Json } from '@scriptorium/core';
import { overloaded } from '../overloaded.ts';
import type { Asked } from '../runs/start-line.ts';

export const PROTOCOL: number = 1;

/** Largest line in either direction: a definition with its input, or one result. */
export const MAX_LINE_BYTES: number = 64 * 1024 * 1024;

/** Items of a stream that may be under way to a client that has not asked for more. */
export const STREAM_CREDIT: number = 256;

/** Requests of one client that may be open at once. Half of them cannot be starts: what has begun must be looked after. */
const MAX_OPEN = 2_048;

/** When it makes sense to ask again. */
const RETRY_MS = 1_000;

/** The `overloaded` of a request beside so many open ones. Clients look themselves, so that nothing piles up on the way. */
export function crowding(method: HostMethod, open: number): HostError | null {
  if (open < (method === 'start' ? MAX_OPEN / 2 : MAX_OPEN)) return null;
  return overloaded(`${open} requests of this process wait for an answer`, 'Ask again when some have been answered.', RETRY_MS);
}

export interface Greeting {
  readonly scriptorium: number;
}

/** What stands before the parameters of a request: enough to refuse a start by, which may be long. */
export interface Head {
  readonly id: number;
  readonly method: HostMethod;
  readonly asked?: Asked;
}

export type Request =
  | (Head & { readonly params: readonly Json[] })
  /** The stream may send so many items more. */
  | { readonly id: number; readonly more: number }
  | { readonly id: number; readonly cancel: true };

export type Response =
  | { readonly id: number; readonly item: unknown }
  | { readonly id: number; readonly end: true; readonly value?: unknown }
  | { readonly id: number; readonly error: Pick<HostError, 'code' | 'message'> & Partial<Pick<HostError, 'fix' | 'retryAfterMs'>> };

/** Whether a method answers once or with a stream. */
export const methods: { readonly [method in HostMethod]: 'call' | 'stream' } = {
  start: 'call',
  plan: 'stream',
  list: 'call',
  describe: 'call',
  events: 'call',
  definition: 'call',
  called: 'call',
  configure: 'call',
  watch: 'stream',
  listen: 'stream',
  pause: 'call',
  resume: 'call',
  cancel: 'call',
  resumeAll: 'call',
  migrate: 'call',
  fork: 'call',
  rollback: 'call',
  report: 'call',
  checkpoints: 'call',
  waits: 'call',
  answer: 'call',
  signal: 'call',
  value: 'call',
  mailboxes: 'call',
  messages: 'call',
  message: 'call',
  send: 'call',
  redeliver: 'call',
  limits: 'call',
  setLimit: 'call',
  closeBreaker: 'call',
  artifact: 'call',
  artifacts: 'stream',
  deadLetters: 'stream',
  results: 'stream',
};

/** Socket addresses hold little more than this; longer paths go by a detour. */
const MAX_ADDRESS_BYTES = 100;

/** Where the engine of the store in `dir` listens, for whoever is about to listen; removes what a dead engine left. */
export function claimAddress(dir: string): string {
  if (process.platform === 'win32') return pipeName(dir);
  const plain = join(resolve(dir), 'engine.sock');
  const detour = join(dir, 'engine.addr');
  releaseDetour(detour);
  rmSync(plain, { force: true });
  if (Buffer.byteLength(plain) <= MAX_ADDRESS_BYTES) return plain;
  const address = join(mkdtempSync(join(tmpdir(), 'scriptorium-')), 'engine.sock');
  writeFileSync(detour, address, { mode: 0o600 });
  chmodSync(detour, 0o600);
  return address;
}

/** Where to find the engine of the store in `dir`. */
export function findAddress(dir: string): string {
  if (process.platform === 'win32') return pipeName(dir);
  return readDetour(join(dir, 'engine.addr')) ?? join(resolve(dir), 'engine.sock');
}

/** Removes what {@link claimAddress} made. */
export function releaseAddress(dir: string): void {
  if (process.platform === 'win32') return;
  releaseDetour(join(dir, 'engine.addr'));
  rmSync(join(resolve(dir), 'engine.sock'), { force: true });
}

/** Calls `take` with each line; one that is too long destroys the socket. */
export function readLines(socket: Socket, take: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest: string[] = [];
  let length = 0;
  socket.on('data', (part: Buffer) => {
    const lines = decoder.write(part).split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      const whole = rest.length === 0 ? line : rest.join('') + line;
      rest = [];
      length = 0;
      take(whole);
    }
    if (last !== '') rest.push(last);
    length += last.length;
    if (length > MAX_LINE_BYTES) socket.destroy(new Error(`a line was longer than ${MAX_LINE_BYTES} bytes`));
  });
}

/** Sends one message, together with what else is sent at this moment; false when the socket's buffer is full. */
export function writeLine(socket: Socket, message: Greeting | Request | Response): boolean {
  if (!socket.writable) return false;
  if (socket.writableCorked === 0) {
    socket.cork();
    process.nextTick(() => socket.uncork());
  }
  return socket.write(`${JSON.stringify(message)}\n`);
}

/** The message of a line; null where it is no JSON. */
export function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** The same without what stands from its parameters on, which is not looked at. */
export function parseHead(line: string): unknown {
  // No text in JSON has a quotation mark as it is.
  const params = line.indexOf(',"params":');
  return parseLine(params === -1 ? line : `${line.slice(0, params)}}`);
}

function pipeName(dir: string): string {
  return `\\\\.\\pipe\\scriptorium-${hash('sha256', resolve(dir).toLowerCase(), 'hex').slice(0, 32)}`;
}

function readDetour(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function releaseDetour(path: string): void {
  const address = readDetour(path);
  if (address === null) return;
  rmSync(address, { force: true });
  // Only the directory that was made for the socket: it is empty now.
  rmSync(dirname(address), { force: true, recursive: true });
  rmSync(path, { force: true });
}
