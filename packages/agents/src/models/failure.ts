/** What went wrong with a call of a model, in the codes of the engine. */

import { CassetteError } from '@scriptorium/cassettes';
import { StepError } from '@scriptorium/core';
import type { APICallError } from 'ai';
import { sdk } from './sdk.ts';

const OVERLOADED: ReadonlySet<number> = new Set([500, 502, 503, 504, 529]);
const FATAL: ReadonlySet<number> = new Set([401, 402, 403, 404]);

/** The codes that calls of models raise beside the engine's common ones. */
export const modelErrors: { readonly [code: string]: string } = {
  'agent.refused': 'The model, or a filter of its service, refused to answer.',
  'agent.length': 'The answer was longer than the model may give, and was cut off.',
  'agent.invalid': 'The service did not accept the request.',
};

export function failureOf(error: unknown, name: string): StepError {
  if (error instanceof StepError) return error;
  const cassette = cassetteErrorIn(error);
  if (cassette !== null) return new StepError('fatal', `${name}: ${cassette.message}`, { fix: cassette.fix });
  const { AISDKError, APICallError } = sdk();
  if (APICallError.isInstance(error)) return ofAnswer(error, name);
  const message = error instanceof Error ? error.message : String(error);
  if (isTimeout(error))
    return new StepError('timeout', `${name}: ${message}`, { fix: 'Give the call more time, or choose a quicker model.' });
  if (AISDKError.isInstance(error)) return new StepError('agent.invalid', `${name}: ${message}`);
  return new StepError('io', `${name}: ${message}`);
}

/** What has no answer in a recording has none the next time either. */
function cassetteErrorIn(error: unknown): CassetteError | null {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof CassetteError) return at;
  return null;
}

function ofAnswer({ statusCode, responseHeaders = {}, message, cause }: APICallError, name: string): StepError {
  const retryAfterMs = retryAfter(responseHeaders['retry-after-ms'], responseHeaders['retry-after']);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (statusCode === 429) return new StepError('rate_limited', `${name}: ${message}`, wait);
  if (statusCode !== undefined && OVERLOADED.has(statusCode)) return new StepError('overloaded', `${name}: ${message}`, wait);
  if (statusCode !== undefined && FATAL.has(statusCode))
    return new StepError('fatal', `${name} answered ${statusCode}: ${message}`, {
      fix: 'Check the key, the name of the model and the address.',
    });
  if (statusCode !== undefined) return new StepError('agent.invalid', `${name} answered ${statusCode}: ${message}`);
  if (isTimeout(cause)) return new StepError('timeout', `${name}: ${message}`);
  return new StepError('io', `${name} cannot be reached: ${message}`, isUnreached(cause) ? { details: { [UNREACHED]: true } } : {});
}

/** In the details of a failure before which there was no connection: nobody was asked. */
export const UNREACHED = 'unreached';

const UNCONNECTED: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function isUnreached(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (UNCONNECTED.has((at as NodeJS.ErrnoException).code)) return true;
  return false;
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || /timed? ?out/i.test(error.message));
}

/** RFC 9110, 10.2.3: seconds, or a date; some services say milliseconds beside it. */
function retryAfter(ms: string | undefined, given: string | undefined): number | undefined {
  const exact = Number(ms);
  if (ms !== undefined && Number.isFinite(exact) && exact >= 0) return exact;
  if (given === undefined) return undefined;
  const seconds = Number(given);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const until = Date.parse(given);
  return Number.isNaN(until) ? undefined : Math.max(0, until - Date.now());
}
