/** What calls cost: known prices, an upper bound of tokens before a call, and the sum after it. */

import type { Message, ModelRequest, ModelUsage } from './model.ts';
import { prices } from './sdk.ts';

/** US dollars for a million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number;
}

/** Tokens that a service may add for roles and marks, a message. */
const MESSAGE_TOKENS = 16;
/** Of an image, by the largest of the services' formulas. */
const IMAGE_TOKENS = 3_000;
/** What an answer may have where nothing else is said. */
export const MAX_OUTPUT_TOKENS = 8_192;

/** Of a call that has ended; null for a model without a known price. */
export function priceOf(provider: string, model: string, usage: ModelUsage, own: Price | null): number | null {
  if (own !== null) {
    const fresh = usage.input - usage.cachedInput;
    return (fresh * own.input + usage.cachedInput * (own.cachedInput ?? own.input) + usage.output * own.output) / 1_000_000;
  }
  const given = { input_tokens: usage.input, cache_read_tokens: usage.cachedInput, output_tokens: usage.output };
  return prices().calcPrice(given, model, { providerId: provider })?.total_price ?? null;
}

/**
 * The most tokens that a request can have: every token of a byte-level vocabulary is at least one byte, and in the
 * languages that books are written in hardly any text has more than one token for two bytes.
 */
export function mostTokens({ system, messages, tools, returns, settings }: ModelRequest): {
  readonly input: number;
  readonly output: number;
} {
  const texts = [system, JSON.stringify(tools), JSON.stringify(returns), ...messages.map(textOf)];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const images = messages.reduce((sum, message) => sum + (message.role === 'user' ? (message.images?.length ?? 0) : 0), 0);
  return {
    input: Math.ceil(bytes / 2) + (messages.length + tools.length + 2) * MESSAGE_TOKENS + images * IMAGE_TOKENS,
    output: settings.maxOutputTokens ?? MAX_OUTPUT_TOKENS,
  };
}

function textOf(message: Message): string {
  switch (message.role) {
    case 'user':
      return message.text;
    case 'assistant':
      return message.text + JSON.stringify(message.calls);
    case 'tool':
      return JSON.stringify(message.results);
  }
}
