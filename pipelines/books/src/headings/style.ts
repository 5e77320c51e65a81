/** How a line is set, the gap above it aside: what headings of one kind share. */

import { isCaps } from './read-label.ts';
import type { Piece } from './piece.ts';

export function styleOf(piece: Piece): string {
  const text = piece.rows.join(' ');
  const letters = isCaps(text) ? 'capitals' : /^_.*_$/.test(text) ? 'italics' : /^\P{L}*$/u.test(text) ? 'digits' : 'plain';
  return `${letters} ${piece.indent > 4 ? 'indented' : ''} ${/[.!?]$/.test(text) ? 'stopped' : ''} ${String(Math.min(2, piece.rows.length))}`;
}
