/** What titles and authors have in common however they are written. */

/**
 * The main title in lower case, without accents, punctuation, leading article and subtitle. Chinese and other scripts
 * keep their letters.
 */
export function titleKey(title: string): string {
  const main = title.split(/\r?\n|[:;]|,\s+or,?\s|\s+or,?\s+the\s/i, 1)[0] ?? '';
  return plain(main.replace(lastArticle, ''))
    .replace(/^(?:the|a|an|der|die|das|ein|eine|le|la|les|l|un|une) (?=\S)/, '')
    .replace(/ (?:complete|illustrated|unabridged)$/, '');
}

/** `Tale of Two Cities, A`, as lists are sorted. */
export const lastArticle: RegExp = /,\s*(?:the|a|an|der|die|das|le|la|les)\s*$/i;

/** The surname of the first author: of `Dickens, Charles, 1812-1870` as of `Charles Dickens`. */
export function authorKey(author: string): string {
  const first = author.split(/;|\r?\n|\s+and\s+|\s+&\s+/, 1)[0] ?? '';
  const comma = first.indexOf(',');
  // `Henry James, Jr.` has a comma and no inversion.
  const named = comma < 0 || /,\s*(?:jr|sr|esq|ph\.?\s?d|m\.?\s?d)\b/i.test(first) ? first.replace(/,.*$/, '') : first.slice(0, comma);
  const words = plain(named.replace(/\([^)]*\)/g, '')).split(' ');
  return (comma >= 0 && named === first.slice(0, comma) && !/,\s*(?:jr|sr)\b/i.test(first) ? words.join(' ') : words.at(-1)) ?? '';
}

/** As printed: the `2` of `… — Volume 2`, the `III` of `Vol. III (of 4)`; parts are no volumes. Null where none is named. */
export function volumeNumber(title: string): string | null {
  return /\b(?:volume|vol\.?|band|tome)\s+([0-9]+|[ivxlc]+|[a-z]+)\b/i.exec(title)?.[1] ?? null;
}

/** Surnames as {@link authorKey} gives them, with or without their particle, one letter more or less. */
export function sameAuthor(one: string, other: string): boolean {
  if (one === other || one.endsWith(` ${other}`) || other.endsWith(` ${one}`)) return true;
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  if (short.length < 6 || long.length - short.length > 1) return false;
  let same = 0;
  while (same < short.length && short[same] === long[same]) same += 1;
  return short.slice(long.length === short.length ? same + 1 : same) === long.slice(same + 1);
}

/** Lower case without accents and punctuation, one space between words. */
export function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
