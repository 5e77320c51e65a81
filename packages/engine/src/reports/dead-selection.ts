/** Which of what failed for good is meant. */

import { matchesError } from '@scriptorium/core';
import type { DeadSelection, Failure } from '@scriptorium/core';

export function isSelected({ step, item, error }: DeadSelection, node: string, key: string | null, failure: Failure): boolean {
  if (step !== undefined && node !== step && !node.endsWith(`/${step}`)) return false;
  return (item === undefined || item === key) && (error === undefined || matchesError([error], firstCode(failure)));
}

/** The failure of what was not tried again says what it was at first. */
export function notRetried(run: string, failure: Failure): Failure {
  const { code, details } = failure;
  if (code === 'not_retried') return failure;
  return {
    code: 'not_retried',
    message: `it failed in run ${run} and was not tried again: ${code}: ${failure.message}`,
    details: { ...details, code, run },
  };
}

function firstCode({ code, details }: Failure): string {
  const first = details?.['code'];
  return code === 'not_retried' && typeof first === 'string' ? first : code;
}
