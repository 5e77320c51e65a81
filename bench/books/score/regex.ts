/** The plain chapteriser that everybody writes first, to compare with: a word for a unit and a number on a row of their own. */

const heading =
  /^[ \t]*(?:chapter|book|part|volume|letter|canto|act|scene|section|stave|kapitel|chapitre|capítulo|capitolo|第[一二三四五六七八九十百零〇\d]+[回章])\b[ \t]*(?:the[ \t]+)?(?:[ivxlcdm]+|\d+|[a-z-]+)?\b.{0,80}$/gimu;

/** Offsets of its headings in code points. */
export function regexStarts(text: string): number[] {
  const starts: number[] = [];
  let points = 0;
  let from = 0;
  for (const { index } of text.matchAll(heading)) {
    for (let at = from; at < index; at += 1) {
      const code = text.charCodeAt(at);
      if (code < 0xdc00 || code > 0xdfff) points += 1;
    }
    from = index;
    starts.push(points);
  }
  return starts;
}
