/** Tells the kinds of book apart by their first bytes. */

export type BookKind = 'text' | 'html' | 'json' | 'epub';

/** `extension` with its dot; it decides only where the bytes leave both readings open. Null: not a book's file. */
export function sniff(bytes: Uint8Array, extension: string): BookKind | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 2048)).toString('latin1').replaceAll('\0', '');
  if (/^PK\x03\x04[^]{0,200}?mimetypeapplication\/epub\+zip/.test(head)) return 'epub';
  const start = head.replace(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*/, '');
  if (/^(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)?<(!doctype\s+html|html|head|body|div|p|h[1-6])\b/i.test(start)) return 'html';
  const ending = extension.toLowerCase();
  if (['.html', '.htm', '.xhtml'].includes(ending)) return 'html';
  if (ending === '.json') return 'json';
  // Whatever it is, it was meant to be one: reading it says what is wrong.
  if (ending === '.epub') return 'epub';
  if (!['.txt', '.text', '.asc', ''].includes(ending)) return null;
  return /^\{\s*"(metadata|chapters|sections)"\s*:/.test(start) ? 'json' : 'text';
}

/** Archives, pictures and the like: zero bytes outside of UTF-16, or a known signature. */
export function looksBinary(bytes: Uint8Array): boolean {
  const signature = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 8)).toString('latin1');
  if (/^(PK\x03\x04|%PDF-|\x89PNG|\xff\xd8\xff|GIF8|\x1f\x8b|Rar!|BOOKMOBI)/.test(signature)) return true;
  const length = Math.min(bytes.length, 4096);
  let even = 0;
  let odd = 0;
  for (let index = 0; index < length; index += 1) {
    if (bytes[index] !== 0) continue;
    if (index % 2 === 0) even += 1;
    else odd += 1;
  }
  return even + odd > 0 && Math.min(even, odd) * 20 > Math.max(even, odd);
}
