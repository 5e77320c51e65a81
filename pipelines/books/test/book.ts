/** Small book documents for tests. */

import { bookVersion, type Book, type Chapter, type TocEntry } from '../src/document.ts';

export interface GivenChapter {
  readonly title: string;
  readonly number?: string;
  readonly ordinal?: number;
  readonly text?: string;
  /** What the contents list says; the title when absent, no entry when null. */
  readonly contents?: string | null;
}

export function givenBook(id: string, chapters: readonly GivenChapter[], more: Partial<Pick<Book, 'warnings'>> = {}): Book {
  return {
    version: bookVersion,
    id,
    warnings: [],
    removed: [],
    letters: { source: 0, kept: 0, removed: 0 },
    ...more,
    meta: { title: 'A Book', author: 'An Author', language: 'en', source: { kind: 'text', files: [] } },
    structure: {
      frontMatter: { toc: chapters.flatMap((chapter, index) => entryOf(chapter, index)), sections: [] },
      body: { chapters: chapters.map(chapterOf) },
      backMatter: { sections: [] },
    },
  };
}

function chapterOf({ title, number, ordinal, text = 'Some words of the chapter.' }: GivenChapter, index: number): Chapter {
  const source = { start: index * 100, end: index * 100 + 50 };
  return {
    id: `c${String(index + 1)}`,
    kind: 'chapter',
    title,
    ...(number === undefined ? {} : { number }),
    ordinal: ordinal ?? null,
    children: [],
    blocks: [
      { id: `b${String(index)}h`, type: 'heading', text: title, level: 2, source },
      ...(text === '' ? [] : [{ id: `b${String(index)}p`, type: 'paragraph' as const, text, source }]),
    ],
  };
}

function entryOf({ title, number, ordinal, contents }: GivenChapter, index: number): TocEntry[] {
  if (contents === null) return [];
  const entryTitle = contents ?? title;
  return [
    {
      number: number ?? null,
      title: entryTitle,
      fullTitle: [number, entryTitle].filter(Boolean).join(' '),
      level: 1,
      ref: `c${String(index + 1)}`,
      ordinal: ordinal ?? null,
    },
  ];
}
