/** What a picture is, by its bytes; what it is called counts for nothing. */

export interface PictureType {
  readonly mediaType: string;
  /** Of its file name. */
  readonly ending: string;
  /** In pixels; null where it has no size of its own. */
  readonly size: { readonly width: number; readonly height: number } | null;
}

/** Of a picture that is unfolded; beyond it devices fail. */
export const maxPixels = 100_000_000;

/** What it is, or why it is not carried, as the end of a sentence. */
export function pictureType(bytes: Uint8Array): PictureType | { readonly refused: string } {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = rasterType(view) ?? drawingType(view);
  if (found === null) return { refused: 'is no JPEG, PNG, GIF, WebP or SVG' };
  if ('refused' in found || found.size === null) return found;
  const { width, height } = found.size;
  if (width < 1 || height < 1) return { refused: 'has no size' };
  if (width * height > maxPixels) return { refused: `has ${String(width)} × ${String(height)} pixels, more than devices can show` };
  return found;
}

function rasterType(bytes: Buffer): PictureType | { readonly refused: string } | null {
  const known = rasters.find(({ begins }) => begins(bytes));
  if (known === undefined) return null;
  const size = known.sizeOf(bytes);
  return size === null ? { refused: 'is damaged: it does not say its size' } : { mediaType: known.mediaType, ending: known.ending, size };
}

type Size = { readonly width: number; readonly height: number };

interface Raster {
  readonly mediaType: string;
  readonly ending: string;
  readonly begins: (bytes: Buffer) => boolean;
  readonly sizeOf: (bytes: Buffer) => Size | null;
}

const has = (bytes: Buffer, at: number, text: string): boolean => bytes.toString('latin1', at, at + text.length) === text;

const rasters: readonly Raster[] = [
  { mediaType: 'image/jpeg', ending: 'jpg', begins: (bytes) => has(bytes, 0, '\xff\xd8\xff'), sizeOf: jpegSize },
  {
    mediaType: 'image/png',
    ending: 'png',
    begins: (bytes) => has(bytes, 0, '\x89PNG\r\n\x1a\n'),
    sizeOf: (bytes) =>
      bytes.length >= 33 && has(bytes, 12, 'IHDR') ? { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) } : null,
  },
  {
    mediaType: 'image/gif',
    ending: 'gif',
    begins: (bytes) => has(bytes, 0, 'GIF87a') || has(bytes, 0, 'GIF89a'),
    sizeOf: (bytes) => (bytes.length >= 13 ? { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) } : null),
  },
  { mediaType: 'image/webp', ending: 'webp', begins: (bytes) => has(bytes, 0, 'RIFF') && has(bytes, 8, 'WEBP'), sizeOf: webpSize },
];

/** The frame header (SOF) tells it; ITU T.81, B.2.2. */
function jpegSize(bytes: Buffer): Size | null {
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1]!;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    // Fill bytes before a marker stand alone.
    at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

/** Extended, lossless and plain files tell it in three ways; RFC 9649. */
function webpSize(bytes: Buffer): Size | null {
  if (bytes.length < 30) return null;
  if (has(bytes, 12, 'VP8X')) return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
  if (has(bytes, 12, 'VP8L')) {
    const packed = bytes.readUInt32LE(21);
    return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
  }
  return has(bytes, 12, 'VP8 ') ? { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff } : null;
}

/** Drawings are programs to those who show them: whatever could act, or fetch, or grow, is a reason to leave one behind. */
const unsafe: readonly (readonly [RegExp, string])[] = [
  [/<!entity|<!doctype[^>[]*\[/i, 'declares entities'],
  [/<\?xml-stylesheet|@import/i, 'takes its style from elsewhere'],
  [/<(?:\w+:)?(?:script|foreignobject|iframe|embed|object|handler|listener)\b/i, 'carries a script or a page'],
  [/[\s"'/]on[a-z]+\s*=/i, 'carries a script'],
  [/\b(?:href|src)\s*=\s*["']?\s*(?!["']?#)[^\s"'>]/i, 'points at something outside of it'],
  [/url\(\s*["']?\s*(?!["']?#)[^\s)]/i, 'points at something outside of it'],
];

function drawingType(bytes: Buffer): PictureType | { readonly refused: string } | null {
  const text = bytes.toString('utf8');
  const head = text.slice(0, 4_096).replace(/^\ufeff/, '');
  if (!/^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[\s\S]*?-->\s*|<!doctype\s+svg[^>]*>\s*|<\?xml-stylesheet[^>]*>\s*)*<svg[\s>]/i.test(head))
    return null;
  // Letters that are written as numbers could hide any of it.
  const plain = text.replace(/&#(x[0-9a-f]+|\d+);?/gi, (_, code: string) => character(code));
  const reason = unsafe.find(([pattern]) => pattern.test(plain))?.[1];
  return reason === undefined ? { mediaType: 'image/svg+xml', ending: 'svg', size: null } : { refused: `is a drawing that ${reason}` };
}

function character(code: string): string {
  const point = /^x/i.test(code) ? Number.parseInt(code.slice(1), 16) : Number(code);
  return point <= 0x10ffff ? String.fromCodePoint(point) : '';
}
