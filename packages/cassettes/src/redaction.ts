/** What must never lie in a file: keys that are known by name, and what looks like one. */

import { secretForms } from './secret-forms.ts';

/** Replaces secrets in any text; the same text always gives the same, so that keys of requests can be made of it. */
export type Redact = (text: string) => string;

export const mark = '[redacted]';

/** Keys of services as they write them: `sk-…`, `AKIA…`, `ghp_…`, `xox…`, `AIza…`, and tokens after `Bearer`. */
const patterns: readonly RegExp[] = [
  /\b(?:sk|pk|rk|key)-[A-Za-z0-9_-]{8,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\b(?:ghp|gho|ghs|github_pat)_[A-Za-z0-9_]{20,}/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\bBearer\s+[A-Za-z0-9._~+/=-]{8,}/gi,
];

/** A shorter one is too likely to be a word of the text. */
const shortestSecret = 6;

/** Variables of such names hold secrets. */
const secretName = /(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(?:_|$)/i;

export function secretsIn(env: { readonly [name: string]: string | undefined }): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) => (value !== undefined && secretName.test(name) ? [value] : []));
}

/** Known secrets go wherever they stand, in all their forms. */
export function redaction(secrets: readonly string[]): Redact {
  const known = secrets
    .filter((secret) => secret.length >= shortestSecret)
    .flatMap(secretForms)
    .sort((one, other) => other.length - one.length);
  return (text) => {
    let clean = text;
    for (const secret of new Set(known)) clean = clean.replaceAll(secret, mark);
    for (const pattern of patterns) clean = clean.replaceAll(pattern, mark);
    return clean;
  };
}

const secretParameter: RegExp = /^(?:api[-_]?key|key|token|access[-_]?token|sig|signature|secret|password|auth)$/i;

/** Path and query, its parameters sorted; who is asked (host, port, user) is no part of it. */
export function pathOf(url: URL, redact: Redact): string {
  const parameters = [...url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${secretParameter.test(name) ? mark : encodeURIComponent(redact(value))}`)
    .sort();
  return redact(url.pathname) + (parameters.length === 0 ? '' : `?${parameters.join('&')}`);
}

/**
 * The pieces of a stream without secrets, also where one is spread over pieces: it is replaced in the piece in which it
 * begins.
 */
export function redactPieces(pieces: readonly string[], redact: Redact): string[] {
  const whole = pieces.join('');
  const clean = redact(whole);
  if (clean === whole) return [...pieces];
  // What both have in common before and after the first and last secret keeps its cuts; between them they are lost.
  let from = 0;
  while (whole[from] === clean[from]) from += 1;
  let tail = 0;
  while (tail < clean.length - from && tail < whole.length - from && whole.at(-1 - tail) === clean.at(-1 - tail)) tail += 1;
  const cut: string[] = [];
  let at = 0;
  let isOpen = false;
  for (const piece of pieces) {
    const [start, end] = [at, at + piece.length];
    at = end;
    const before = piece.slice(0, Math.max(0, Math.min(piece.length, from - start)));
    const after = piece.slice(Math.max(0, Math.min(piece.length, whole.length - tail - start)));
    const begins = !isOpen && end > from;
    if (begins) isOpen = true;
    const text = before + (begins ? clean.slice(from, clean.length - tail) : '') + after;
    if (text !== '') cut.push(text);
  }
  return cut;
}
