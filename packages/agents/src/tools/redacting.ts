/** Keeps keys out of what people are asked and models are told: those of the environment, and what looks like one. */

import { secretForms } from '@scriptorium/cassettes';
import type { Json } from '@scriptorium/core';

export type Redact = (text: string) => string;

/** Variables of such names hold secrets; shorter values would be found by chance in what is none. */
const SECRET_NAME = /(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(?:_|$)/i;
const MIN_LENGTH = 8;

/** Keys as services write them: `sk-…`, `AKIA…`, `ghp_…`, `xox…`, `AIza…`, and tokens after `Bearer`. */
const patterns: readonly RegExp[] = [
  /\b(?:sk|pk|rk|key)-[A-Za-z0-9_-]{16,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\b(?:ghp|gho|ghs|github_pat)_[A-Za-z0-9_]{20,}/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\bBearer\s+[A-Za-z0-9._~+/=-]{8,}/gi,
];

export function redactionOf(env: { readonly [name: string]: string | undefined }): Redact {
  const known = Object.entries(env)
    .flatMap(([name, value]) =>
      value !== undefined && value.length >= MIN_LENGTH && SECRET_NAME.test(name) ? secretForms(value).map((form) => ({ name, form })) : [],
    )
    .toSorted((one, other) => other.form.length - one.form.length);
  return (text) => {
    let clean = text;
    for (const { name, form } of known) clean = clean.replaceAll(form, () => `***${name}***`);
    return patterns.reduce((left, pattern) => left.replaceAll(pattern, '***'), clean);
  };
}

export function redactJson(value: Json, redact: Redact): Json {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((one: Json) => redactJson(one, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [redact(key), redactJson(one, redact)]));
}
