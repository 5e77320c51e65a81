/**
 * Text whose UTF-8 bytes were once read as Windows-1252 or Latin-1 (`donâ€™t`, `cafÃ©`), perhaps more than once, read
 * again as what they were.
 */

export interface Repair {
  /** UTF-16 units of the text. */
  readonly from: number;
  readonly to: number;
  readonly after: string;
}

/** The characters of Windows-1252 at 0x80 to 0x9f; the five holes stand for themselves. */
const upper = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
const byteOf: ReadonlyMap<string, number> = new Map([...upper].map((character, index) => [character, 0x80 + index]));
/** Of each UTF-16 unit: its byte in Windows-1252 where that is above 0x7f, else 0. */
const bytes: Uint8Array = new Uint8Array(0x10000);
for (let code = 0x80; code < 0x100; code += 1) bytes[code] = code;
for (const [character, byte] of byteOf) bytes[character.charCodeAt(0)] = byte;

/** Whether a line has what {@link repairsOf} looks at. */
export const strange: RegExp = /[\u0080-\u009f]|[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0192\u02c6-\u02dc\u2013-\u2122]|\u00c3 /;
const run = /[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]+/g;
const decoder: InstanceType<typeof TextDecoder> = new TextDecoder('utf-8', { fatal: true });
/** Wrongly read once more by every program on the way; more than four have not been seen. */
const mostLayers = 4;

/** What stands for other characters, in the order of the text, and what they are. What is no valid UTF-8 stays. */
export function repairsOf(text: string): Repair[] {
  const repairs: Repair[] = [];
  for (const found of text.matchAll(run)) {
    let after = found[0];
    for (let layer = 0; layer < mostLayers; layer += 1) {
      const read = decodedOnce(after);
      if (read === after) break;
      after = read;
    }
    if (after === found[0]) after = found[0].replace(/[\u0080-\u009f]/g, (control) => upper[control.charCodeAt(0) - 0x80]!);
    // The second byte of `à` is a space that does not break; most programs make a plain one of it.
    if (after.endsWith('Ã') && text[found.index + found[0].length] === ' ' && !/\p{Lu}$/u.test(text.slice(0, found.index)))
      after = `${after.slice(0, -1)}à`;
    if (after !== found[0]) repairs.push({ from: found.index, to: found.index + found[0].length, after });
  }
  return repairs;
}

function decodedOnce(text: string): string {
  let read = '';
  for (let at = 0; at < text.length;) {
    const length = sequenceAt(text, at);
    const character = length === 0 ? null : decoded(text, at, length);
    read += character ?? text[at]!;
    at += character === null ? 1 : length;
  }
  return read;
}

/** Bytes of the sequence that begins here, 0 where none does. */
function sequenceAt(text: string, at: number): number {
  const lead = bytes[text.charCodeAt(at)]!;
  const length = lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  for (let next = at + 1; next < at + length; next += 1) {
    const byte = next < text.length ? bytes[text.charCodeAt(next)]! : 0;
    if (byte < 0x80 || byte > 0xbf) return 0;
  }
  return length;
}

/** Null where it is no character, or one that a capital letter before a closing quotation mark happens to look like. */
function decoded(text: string, at: number, length: number): string | null {
  const sequence = Uint8Array.from({ length }, (_, index) => bytes[text.charCodeAt(at + index)]!);
  try {
    const character = decoder.decode(sequence);
    const isQuoted = length === 2 && /[‘’“”–—…]/.test(text[at + 1]!) && !/[\u00a0-\u017f]/.test(character);
    return isQuoted ? null : character;
  } catch {
    return null;
  }
}
