/** How long a text is for a model, from above. */

/**
 * The most tokens that a text can have: every token of a byte-level vocabulary is at least one byte, and in the languages
 * that books are written in hardly any text has more than one token for two bytes.
 */
export function mostTokensOf(text: string): number {
  return Math.ceil(utf8Bytes(text) / BYTES_PER_TOKEN);
}

/** The beginning of a text that has no more than so many tokens, with a mark where something is missing. */
export function cutToTokens(text: string, tokens: number): string {
  if (mostTokensOf(text) <= tokens) return text;
  const room = tokens * BYTES_PER_TOKEN - utf8Bytes(CUT);
  if (room <= 0) return '';
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += utf8Bytes(character);
    if (bytes > room) break;
    end += character.length;
  }
  return `${text.slice(0, end)}${CUT}`;
}

const BYTES_PER_TOKEN = 2;
const CUT = '…';

function utf8Bytes(text: string): number {
  return Buffer.byteLength(text);
}
