/**
 * What the engine has told its caller, written down at once in a file that the engine knows nothing of: each line is a
 * promise that no crash may break.
 */

import { hash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Json, Recorded } from '@scriptorium/core';

export type Acknowledgement =
  | { readonly type: 'opened'; readonly epoch: number }
  | { readonly type: 'started'; readonly run: string; readonly label: string }
  | { readonly type: 'signalled'; readonly run: string; readonly id: string }
  | { readonly type: 'answered'; readonly run: string; readonly id: string }
  | { readonly type: 'cancelled'; readonly run: string }
  | { readonly type: 'ended'; readonly run: string; readonly status: string; readonly output: Json }
  /** An event as it was read; `digest` is that of {@link digestOf}. */
  | { readonly type: 'event'; readonly gseq: number; readonly digest: string };

/** The append is one call of the operating system, made before anything is done with what was promised. */
export function acknowledge(path: string, given: readonly Acknowledgement[]): void {
  if (given.length > 0) appendFileSync(path, given.map((one) => `${JSON.stringify(one)}\n`).join(''));
}

/** A last line that was not finished was never promised. */
export function acknowledged<T = Acknowledgement>(path: string): readonly T[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  lines.pop();
  return lines.map((line) => JSON.parse(line) as T);
}

export function digestOf({ gseq, run, actor, seq, at, event }: Recorded<unknown>): string {
  return hash('sha256', JSON.stringify([gseq, run, actor, seq, at, event]), 'hex').slice(0, 24);
}
