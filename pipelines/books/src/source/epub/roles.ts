/** What the parts of an EPUB are called, in the words of a book document. */

import type { SourceMatter } from '../source.ts';
import { isAfter } from '../watch.ts';
import type { EpubDocument } from './documents.ts';

type Place = SourceMatter['place'];

/** By `epub:type`, `role` and landmark; the place is where such a unit stands unless the file says otherwise. */
const matters: { readonly [type: string]: SourceMatter } = {
  cover: { place: 'front', role: 'titlePage' },
  titlepage: { place: 'front', role: 'titlePage' },
  halftitlepage: { place: 'front', role: 'titlePage' },
  'title-page': { place: 'front', role: 'titlePage' },
  imprint: { place: 'front', role: 'credits' },
  'copyright-page': { place: 'front', role: 'credits' },
  colophon: { place: 'back', role: 'credits' },
  toc: { place: 'front', role: 'contents' },
  loi: { place: 'front', role: 'illustrations' },
  dedication: { place: 'front', role: 'dedication' },
  epigraph: { place: 'front', role: 'epigraph' },
  foreword: { place: 'front', role: 'foreword' },
  preface: { place: 'front', role: 'preface' },
  introduction: { place: 'front', role: 'introduction' },
  preamble: { place: 'front', role: 'introduction' },
  acknowledgments: { place: 'front', role: 'other' },
  prologue: { place: 'body', role: 'prologue' },
  epilogue: { place: 'body', role: 'epilogue' },
  conclusion: { place: 'body', role: 'epilogue' },
  afterword: { place: 'back', role: 'afterword' },
  appendix: { place: 'back', role: 'appendix' },
  endnotes: { place: 'back', role: 'notes' },
  footnotes: { place: 'back', role: 'notes' },
  rearnotes: { place: 'back', role: 'notes' },
  bibliography: { place: 'back', role: 'bibliography' },
  glossary: { place: 'back', role: 'glossary' },
  index: { place: 'back', role: 'index' },
};
const places: { readonly [type: string]: Place } = { frontmatter: 'front', bodymatter: 'body', backmatter: 'back' };
/** 0 and 1 hold chapters, 2 is a chapter, 3 is inside one. */
const levels: { readonly [type: string]: number } = { volume: 0, part: 1, division: 1, chapter: 2, subchapter: 3 };

export interface Named {
  readonly matter: SourceMatter | null;
  readonly place: Place | null;
  readonly level: number | null;
}

/** What the markup around line `line` of a document calls the unit that begins there. */
export function namedAt(document: EpubDocument, line: number, landmarks: ReadonlyMap<number, readonly string[]>): Named {
  let found: SourceMatter | null = null;
  let place: Place | null = null;
  let level: number | null = null;
  const read = (types: readonly string[], begins: boolean): void => {
    for (const type of types.map((one) => one.replace(/^doc-/, ''))) {
      place = places[type] ?? place;
      if (!begins) continue;
      found = matters[type] ?? found;
      level = levels[type] ?? level;
    }
  };
  for (const { name, types, from, to } of document.watched.elements) {
    if (isAfter(from, { line, at: 0 })) break;
    // A page without text has elements without extent.
    if (to.line < line || (to.line === line && from.line < line) || !['body', 'section', 'article', 'div'].includes(name)) continue;
    read(types, from.line === line || (name === 'body' && line === firstLine(document)));
  }
  read(landmarks.get(line)?.filter((type) => places[type] === undefined) ?? [], true);
  if (document.isNavigation) found = { place: 'front', role: 'contents' };
  return { matter: found, place, level };
}

function firstLine(document: EpubDocument): number {
  return document.watched.elements.find((element) => element.name === 'body')?.from.line ?? document.from;
}
