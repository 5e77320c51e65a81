/** Who refers to which stored value or definition: whatever text names it by its hash. */

const HASH = /sha256:([0-9a-f]{64})/g;

/**
 * Hexadecimal digits of all hashes that the text names. Texts of users may look like one, and keep a value that nobody
 * needs; nobody refers to a value without its hash.
 */
export function* referencesIn(text: string): Generator<string> {
  for (const [, digits = ''] of text.matchAll(HASH)) yield digits;
}
