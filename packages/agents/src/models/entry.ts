/** A model as the configuration names it. */

import type { Json } from '@scriptorium/core';
import type { CallTimeouts } from './patience.ts';
import type { Price } from './price.ts';

/** `compatible` is any endpoint that speaks OpenAI's protocol: Ollama, vLLM, LM Studio. */
export const providers = ['openai', 'anthropic', 'google', 'compatible'] as const;
export type Provider = (typeof providers)[number];

export interface ModelEntry {
  readonly provider: Provider;
  readonly model: string;
  /** The service's address, where it is not the usual one. */
  readonly url?: string;
  /** The environment variable that has the key, where it is not the usual one. */
  readonly key_env?: string;
  /** US dollars for a million tokens, in place of the known prices. */
  readonly price?: Price;
  /** In milliseconds. */
  readonly timeouts?: Partial<CallTimeouts>;
}

const KEYS = ['provider', 'model', 'url', 'key_env', 'price', 'timeouts'];
const PRICES = ['input', 'output', 'cachedInput'];
const TIMEOUTS = ['firstMs', 'stallMs', 'wholeMs'];

/** What is wrong with an entry, as a sentence; null for nothing. */
export function entryProblem(entry: Json): string | null {
  if (!isObject(entry)) return 'a model is { provider, model }, and where wanted url, key_env, price, timeouts';
  const unknown = Object.keys(entry).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return `a model has no \`${unknown}\`; it has ${KEYS.join(', ')}`;
  const { provider, model, url, key_env: keyEnv, price, timeouts } = entry;
  if (!providers.some((known) => known === provider)) return `\`provider\` is one of ${providers.join(', ')}`;
  if (typeof model !== 'string' || model === '') return '`model` is its name at the provider';
  if (url !== undefined && (typeof url !== 'string' || !/^https?:\/\//.test(url))) return '`url` begins with http:// or https://';
  if (keyEnv !== undefined && (typeof keyEnv !== 'string' || !/^[A-Za-z_]\w*$/.test(keyEnv)))
    return '`key_env` names the environment variable that has the key, and is never the key itself';
  return numbersProblem('price', price, PRICES, ['input', 'output']) ?? numbersProblem('timeouts', timeouts, TIMEOUTS, []);
}

function numbersProblem(key: string, value: Json | undefined, allowed: readonly string[], required: readonly string[]): string | null {
  if (value === undefined) return null;
  const says = `\`${key}\` has the numbers ${allowed.join(', ')}${required.length > 0 ? `, ${required.join(' and ')} at least` : ''}`;
  if (!isObject(value)) return says;
  const fits = Object.entries(value).every(([name, number]) => allowed.includes(name) && typeof number === 'number' && number >= 0);
  return fits && required.every((name) => name in value) ? null : says;
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
