/**
 * Finds out what the bytes of a file are, whatever the file says about itself: a byte order mark decides, then strict
 * UTF-8, then UTF-16 by its zero bytes, then Chinese and Japanese encodings by the commonest characters of those
 * languages, then what is declared, else Windows-1252 (of which ISO-8859-1 is the part without 0x80 to 0x9F).
 */

import { isAscii, isUtf8 } from 'node:buffer';

export interface Decoded {
  /** Without the byte order mark. */
  readonly text: string;
  readonly encoding: string;
  readonly declared: string | null;
  readonly bom: boolean;
}

export function decodeBytes(bytes: Uint8Array): Decoded {
  const declared = declaredIn(bytes);
  const bom = byteOrderMark(bytes);
  if (bom !== null) return { text: decodeAs(bom, bytes), encoding: bom, declared, bom: true };
  const encoding = encodingOf(bytes, declared);
  return { text: decodeAs(encoding, bytes), encoding, declared, bom: false };
}

function encodingOf(bytes: Uint8Array, declared: string | null): string {
  const wide = wideEncodingOf(bytes);
  if (wide !== null) return wide;
  if (isAscii(bytes)) return 'ascii';
  if (isUtf8(bytes)) return 'utf-8';
  const sample = sampleOf(bytes);
  const asian = asianEncodingOf(sample);
  if (asian !== null) return asian;
  if (isNearlyUtf8(sample)) return 'utf-8';
  const label = declared === null ? null : labelOf(declared);
  if (label !== null && !/^(utf|windows-1252$)/.test(label)) return label;
  return bytes.some((byte) => byte >= 0x80 && byte < 0xa0) ? 'windows-1252' : 'iso-8859-1';
}

function byteOrderMark(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return null;
}

/** UTF-16 without a mark: Latin text has a zero in every second byte. */
function wideEncodingOf(bytes: Uint8Array): string | null {
  const length = Math.min(bytes.length & ~1, 4096);
  let even = 0;
  let odd = 0;
  for (let index = 0; index < length; index += 2) {
    if (bytes[index] === 0) even += 1;
    if (bytes[index + 1] === 0) odd += 1;
  }
  if (odd * 5 > length && even * 50 < length) return 'utf-16le';
  return even * 5 > length && odd * 50 < length ? 'utf-16be' : null;
}

function decodeAs(encoding: string, bytes: Uint8Array): string {
  if (encoding === 'ascii' || encoding === 'iso-8859-1')
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return new TextDecoder(encoding).decode(bytes);
}

/** A hundred thousand bytes from the middle, where a file is least likely to be front matter in another language. */
function sampleOf(bytes: Uint8Array): Uint8Array {
  const size = 100_000;
  if (bytes.length <= size) return bytes;
  let from = (bytes.length - size) >> 1;
  // Starting after a line break never cuts a character in two.
  while (from > 0 && bytes[from - 1] !== 0x0a) from -= 1;
  let to = from + size;
  while (to < bytes.length && bytes[to - 1] !== 0x0a) to += 1;
  return bytes.subarray(from, to);
}

/** The commonest characters of written Chinese (simplified and traditional) and Japanese. */
const commonAsian: RegExp =
  /[的一是不了人我在有他这這中大来來上个個国國到说說们們为為子和你地出道也时時年得就那要下以生会會自着去之过過家学學对對可她里裡后後のにをはとたがでてもなしれさる]/g;

function asianEncodingOf(sample: Uint8Array): string | null {
  const high = sample.reduce((count, byte) => count + (byte >= 0x80 ? 1 : 0), 0);
  if (high * 4 < sample.length) return null;
  const scores = ['gb18030', 'big5', 'shift_jis', 'euc-jp'].map((label) => {
    const text = new TextDecoder(label).decode(sample);
    const broken = text.split('\ufffd').length - 1;
    return { label, score: ((text.match(commonAsian) ?? []).length - 5 * broken) / Math.max(1, text.length) };
  });
  const best = scores.reduce((most, one) => (one.score > most.score ? one : most));
  return best.score > 0.05 ? best.label : null;
}

/** A UTF-8 file with a few broken bytes is still UTF-8: at least twenty good sequences for each bad byte. */
function isNearlyUtf8(sample: Uint8Array): boolean {
  const text = new TextDecoder('utf-8').decode(sample);
  const broken = text.split('\ufffd').length - 1;
  let beyond = 0;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) beyond += 1;
  return broken * 20 < beyond - broken;
}

const declarations: readonly RegExp[] = [
  /^character set encoding:[ \t]*([^\r\n]+)/im,
  /<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/i,
  /^<\?xml[^>]+encoding\s*=\s*["']([\w-]+)/i,
];

function declaredIn(bytes: Uint8Array): string | null {
  let head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 8192)).toString('latin1');
  if (head.charCodeAt(0) === 0 || head.charCodeAt(1) === 0 || head.startsWith('\xff\xfe')) head = head.replaceAll('\0', '');
  for (const declaration of declarations) {
    const match = declaration.exec(head);
    if (match?.[1] !== undefined) return match[1].trim().toLowerCase();
  }
  return null;
}

/** The platform's name for a declared encoding, null for one it does not know (`UF-8`, `ISO-646-US (US-ASCII)`). */
function labelOf(declared: string): string | null {
  const label = declared.replace(/^iso[ -]?latin-?1$/, 'iso-8859-1').replace(/[ (].*$/, '');
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}
