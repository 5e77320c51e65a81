/** Where a builder was called to make a part of a definition; kept beside the definition, which stays plain. */

import type { Place } from './lines.ts';

const origins = new WeakMap<object, Place>();

export function setOrigin(part: object, place: Place | undefined): void {
  if (place !== undefined) {
    origins.set(part, place);
  }
}

export function originOf(part: object): Place | undefined {
  return origins.get(part);
}

/** The place that called `callee`, from V8's stack; undefined where that is not written in its form. */
export function callerOf(callee: (...parameters: never) => unknown): Place | undefined {
  const holder: { readonly stack?: string } = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(holder, callee);
  Error.stackTraceLimit = limit;
  const [, file, line, col] = /^\s+at (?:.*\()?(.+):(\d+):(\d+)\)?$/m.exec(holder.stack ?? '') ?? [];
  return file === undefined ? undefined : { file: pathOf(file), line: Number(line), col: Number(col) };
}

/** A module's URL as a path. */
function pathOf(file: string): string {
  return file.startsWith('file://') ? decodeURIComponent(new URL(file).pathname).replace(/^\/(?=[A-Za-z]:\/)/, '') : file;
}
