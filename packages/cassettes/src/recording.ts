/** Passes requests on and writes down what was asked and what came back, piece by piece, without secrets. */

import { appendExchange, beginCassette } from './cassette-file.ts';
import { canonicalRequest, headersOf, keyOf, maxBodyBytes, type Answer, type Piece } from './exchange.ts';
import { redaction, redactPieces, type Redact } from './redaction.ts';

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export interface CassetteOptions {
  /** Values that must not be written down wherever they stand; headers never are. */
  readonly secrets?: readonly string[];
}

/**
 * Makes a `fetch` into one that records. An exchange is written when its answer has been read to its end; one that the
 * caller gave up is not, because what would have followed is not known. Failures of the connection are.
 *
 * @throws CassetteError `cassette.file` when the file is something else.
 */
export function recordTo(path: string, options: CassetteOptions = {}): (real: Fetch) => Fetch {
  beginCassette(path);
  const redact = redaction(options.secrets ?? []);
  return (real) => async (input, init) => {
    const sent = new Request(input, init);
    const request = await canonicalRequest(sent, redact);
    const write = (answer: Answer): void => appendExchange(path, { key: keyOf(request), request, answer });
    const since = performance.now();
    let response: Response;
    try {
      response = await real(sent);
    } catch (error) {
      if (!sent.signal.aborted) write(failureOf(error, redact));
      throw error;
    }
    return withTap(response, performance.now() - since, redact, write);
  };
}

/** The answer as it will be replayed, whose body is written down as it is read. */
function withTap(response: Response, ms: number, redact: Redact, write: (answer: Answer) => void): Response {
  const headers = headersOf(response.headers, redact);
  const answered = (pieces: readonly Piece[]): void =>
    write({ type: 'answer', status: response.status, headers, ms: Math.round(ms), pieces });
  const { status, statusText } = response;
  // What stands beside the address where to ask instead is read by nobody.
  if (response.body === null || headers['location'] !== undefined) {
    void response.body?.cancel();
    answered([]);
    return new Response(null, { status, statusText, headers });
  }
  const decoder = new TextDecoder();
  const texts: string[] = [];
  const times: number[] = [];
  let bytes = 0;
  let last = performance.now();
  const tap = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      bytes += chunk.byteLength;
      const now = performance.now();
      if (bytes <= maxBodyBytes) {
        texts.push(decoder.decode(chunk, { stream: true }));
        times.push(now - last);
      }
      last = now;
      controller.enqueue(chunk);
    },
    flush: () => {
      texts.push(decoder.decode());
      // What is too large for a cassette is passed on and missed when it is replayed.
      if (bytes <= maxBodyBytes) answered(piecesOf(texts, times, redact));
    },
  });
  return new Response(response.body.pipeThrough(tap), { status, statusText, headers });
}

function piecesOf(texts: readonly string[], times: readonly number[], redact: Redact): Piece[] {
  const clean = redactPieces(texts, redact);
  const isSame = clean.length === texts.length;
  return clean.flatMap((text, index) => (text === '' ? [] : [{ ms: isSame ? Math.round(times[index] ?? 0) : 0, text }]));
}

function failureOf(error: unknown, redact: Redact): Answer {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code } = cause as { readonly code?: unknown };
  return {
    type: 'failure',
    message: redact(cause instanceof Error ? cause.message : String(cause)),
    code: typeof code === 'string' ? code : null,
  };
}
