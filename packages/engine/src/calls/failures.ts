/** What a thrown value means as data: which failures pass with their own code, and what everything else becomes. */

import { errorKinds, matchesError } from '@scriptorium/core';
import type { Failure, Handler, Json } from '@scriptorium/core';
import { guardJson } from './guard.ts';
import { attempted, textOf, UNREADABLE } from './thrown.ts';

/** Longest message that is journaled; the log has the rest. */
const MAX_MESSAGE = 2_000;

/** Why an attempt was ended from outside. */
export type AbortReason = 'timeout' | 'cancelled';

/** What an attempt that failed throws. */
export class AttemptError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'AttemptError';
    this.failure = failure;
  }
}

/** The failure that a thrown value stands for. Codes pass when they are common ones or declared by the handler. */
export function failureOf(error: unknown, handler: Pick<Handler, 'name' | 'errors'>): Failure {
  return attempted(() => known(error, handler), null) ?? failure('unexpected', `${handler.name} threw ${UNREADABLE}`);
}

function known(error: unknown, handler: Pick<Handler, 'name' | 'errors'>): Failure {
  if (error instanceof AttemptError) return error.failure;
  if (isStepError(error)) {
    const declared = error.code in errorKinds || matchesError(Object.keys(handler.errors), error.code);
    if (declared) return failure(error.code, error.message, error);
    return failure('unexpected', `${handler.name} raised the code \`${error.code}\`, which it does not declare: ${error.message}`);
  }
  if (isOutOfMemory(error)) return failure('resource.memory', `${handler.name} ran out of memory: ${(error as Error).message}`);
  const system = systemError(error);
  if (system !== null) return failure('io', system.message);
  return failure('unexpected', error instanceof Error ? textOf(error) : `something that is not an error was thrown: ${textOf(error)}`);
}

export function abortFailure(reason: AbortReason, timeoutMs: number | null): Failure {
  return reason === 'timeout'
    ? failure('timeout', `the attempt took longer than ${timeoutMs} ms`)
    : failure('cancelled', 'the attempt was cancelled');
}

/** Lists what breaks a contract, the first few places in full. */
export function contractFailure(
  code: 'contract.input' | 'contract.output',
  what: string,
  problems: readonly { readonly path: string; readonly message: string }[],
): Failure {
  const shown = problems.slice(0, SHOWN_PROBLEMS).map(({ path, message }) => ({ path, message: message.slice(0, 300) }));
  const more = problems.length > shown.length ? `; and ${problems.length - shown.length} more` : '';
  const text = shown.map(({ path, message }) => `${path === '' ? '/' : path}: ${message}`).join('; ');
  return failure(code, `${what} breaks its contract: ${text}${more}`, { details: { problems: shown } });
}

const SHOWN_PROBLEMS = 5;

/** A failure that can be journaled whatever went into it. */
export function failure(
  code: string,
  message: string,
  more: {
    readonly fix?: string | undefined;
    readonly details?: { readonly [key: string]: Json } | undefined;
    readonly retryAfterMs?: number | undefined;
  } = {},
): Failure {
  const { fix, details, retryAfterMs } = more;
  const wholeMessage = message.toWellFormed();
  return {
    code,
    message: wholeMessage.length > MAX_MESSAGE ? `${wholeMessage.slice(0, MAX_MESSAGE).toWellFormed()}…` : wholeMessage,
    ...(fix === undefined ? {} : { fix: fix.toWellFormed() }),
    ...(details === undefined || guardJson(details) !== null ? {} : { details }),
    ...(retryAfterMs !== undefined && Number.isFinite(retryAfterMs) && retryAfterMs >= 0 ? { retryAfterMs } : {}),
  };
}

type StepErrorLike = Error & {
  readonly code: string;
  readonly fix?: string;
  readonly details?: { readonly [key: string]: Json };
  readonly retryAfterMs?: number;
};

/** By name and shape: a handler may bring another copy of the class along. */
function isStepError(error: unknown): error is StepErrorLike {
  return error instanceof Error && error.name === 'StepError' && typeof (error as { code?: unknown }).code === 'string';
}

/** A buffer that could not be made, or a worker thread whose heap was full. */
function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return (
    code === 'ERR_MEMORY_ALLOCATION_FAILED' ||
    code === 'ERR_WORKER_OUT_OF_MEMORY' ||
    (error.name === 'RangeError' && error.message === 'Array buffer allocation failed')
  );
}

/** The operating system's own error, directly or as the cause. */
function systemError(error: unknown): Error | null {
  for (const one of [error, (error as { cause?: unknown } | null)?.cause]) {
    if (
      one instanceof Error &&
      typeof (one as NodeJS.ErrnoException).syscall === 'string' &&
      typeof (one as NodeJS.ErrnoException).code === 'string'
    )
      return one;
  }
  return null;
}
