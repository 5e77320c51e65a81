/** What heading detection sees of a paragraph, whether it comes from printed lines or from blocks. */

export interface Piece {
  /** Its lines without indentation; empty where there are more than {@link maxRows}. */
  readonly rows: readonly string[];
  readonly lines: number;
  /** Blank lines before it. */
  readonly gap: number;
  readonly indent: number;
  readonly letters: number;
  /** Letters of the book before it. */
  readonly at: number;
  /** Illustrations and breaks may stand between a number and its title. */
  readonly kind: 'text' | 'illustration' | 'break';
  /** 1 to 6 where the markup of the source calls it a heading, else 0. */
  readonly rank: number;
}

/** The first line of a text is set off like a heading. */
export const openingGap = 5;

/** Headings of more lines than this are taken for prose. */
export const maxRows = 8;

/** A row or title reduced to what two printings of it share: letters and digits in lower case, without accents. */
export function keyOf(text: string): string {
  const lower = text.toLowerCase();
  if (!beyondAscii.test(lower)) return lower.replace(notAsciiKey, '');
  return lower
    .normalize('NFKD')
    .replace(/æ/g, 'ae')
    .replace(/œ/g, 'oe')
    .replace(/[^\p{L}\p{N}]+/gu, '');
}

const beyondAscii = /[\u0080-\uffff]/;
const notAsciiKey = /[^a-z0-9]+/g;

/** Rows longer than this are no entries of a list. */
const maxEntryLength = 400;
const mayBePaged = /[\divxlc.][\s."'”_]*$/;

/** The text without dot leaders and page number at its end, and whether there were any. */
export function withoutPage(text: string): { readonly text: string; readonly paged: boolean } {
  if (text.length > maxEntryLength || !mayBePaged.test(text)) return { text, paged: false };
  const found =
    /(?:\s*(?:\.\s*){3,}|\s{2,}|\s*[,;—–-]{1,2}\s+|\t)[\s."'“”_]*(?:pp?\.\s*)?(?:\d{1,4}(?:\s*[-–,]\s*\d{1,4})?|[ivxlc]{1,8})\.?[\s_]*$/.exec(
      text,
    );
  if (found !== null && found.index > 0) return { text: text.slice(0, found.index).trimEnd(), paged: true };
  const leader = /(?:\s*\.){4,}\s*$/.exec(text);
  if (leader !== null && leader.index > 0) return { text: text.slice(0, leader.index).trimEnd(), paged: true };
  return { text, paged: false };
}
