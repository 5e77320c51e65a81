/** Answers requests from a cassette, and never asks anybody. */

import { readCassette } from './cassette-file.ts';
import { CassetteError } from './error.ts';
import { canonicalRequest, keyOf, type Answer, type AskedRequest, type Exchange } from './exchange.ts';
import { nearestTo } from './nearest.ts';
import type { CassetteOptions, Fetch } from './recording.ts';
import { redaction } from './redaction.ts';

/** Differences that an error names; the first ones say where to look. */
const shownDifferences = 3;

/**
 * A `fetch` that replays. A request that was recorded several times gets its answers in their order, then the last one
 * again. Answers come at once, in the pieces in which they came.
 *
 * @throws CassetteError `cassette.file` when there is no such cassette; the `fetch` itself raises `cassette.miss` with
 * the nearest recorded request and what is different, and a `TypeError`, as fetch does, where a failure was recorded.
 */
export function replayFrom(path: string, options: CassetteOptions = {}): Fetch {
  const exchanges = readCassette(path);
  const byKey = Map.groupBy(exchanges, ({ key }) => key);
  const next = new Map<string, number>();
  const redact = redaction(options.secrets ?? []);
  return async (input, init) => {
    const sent = new Request(input, init);
    const request = await canonicalRequest(sent, redact);
    sent.signal.throwIfAborted();
    const key = keyOf(request);
    const recorded = byKey.get(key);
    if (recorded === undefined) throw missing(path, request, exchanges);
    const turn = next.get(key) ?? 0;
    next.set(key, turn + 1);
    return answerWith((recorded[Math.min(turn, recorded.length - 1)] as Exchange).answer, sent.signal);
  };
}

function answerWith(answer: Answer, signal: AbortSignal): Response {
  if (answer.type === 'failure') {
    const cause = Object.assign(new Error(answer.message), answer.code === null ? {} : { code: answer.code });
    throw new TypeError('fetch failed', { cause });
  }
  const { status, headers, pieces } = answer;
  // By the standard these have no body, not even an empty one.
  if ([101, 204, 205, 304].includes(status)) return new Response(null, { status, headers });
  const left = pieces.map(({ text }) => new TextEncoder().encode(text));
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (signal.aborted) {
        controller.error(signal.reason);
        return;
      }
      const piece = left.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
  return new Response(body, { status, headers });
}

function missing(path: string, request: AskedRequest, exchanges: readonly Exchange[]): CassetteError {
  const nearest = nearestTo(request, exchanges);
  const what = `the cassette ${path} has no ${request.method} ${request.path} like this one`;
  const fix = `Record it, with record:${path}, or ask what was recorded.`;
  if (nearest === null) return new CassetteError('cassette.miss', `${what}: it is empty`, fix);
  const shown = nearest.differences.slice(0, shownDifferences);
  const more = nearest.differences.length - shown.length;
  const differences = shown.map((one) => `${one.path}: recorded ${one.recorded}, asked ${one.asked}`).join('; ');
  return new CassetteError(
    'cassette.miss',
    `${what}; the nearest is exchange ${nearest.number}, with another ${differences}${more > 0 ? `; and ${more} more` : ''}`,
    fix,
  );
}
