/** How a publication is divided into the files of an EPUB: one for each chapter, its sections with it. */

import type { Publication, PublishedUnit } from './publication.ts';
import { escaped, unitMarkup, type Links } from './xhtml.ts';

export type Matter = 'frontmatter' | 'bodymatter' | 'backmatter';

export interface PlacedUnit {
  readonly unit: PublishedUnit;
  readonly id: string;
  /** From 1 in the tree. */
  readonly depth: number;
}

export interface EpubFile {
  /** Below the folder of the package. */
  readonly path: string;
  readonly matter: Matter;
  /** In their order; those after the first are inside of it, or follow it. */
  readonly units: readonly PlacedUnit[];
}

export function documentsOf(publication: Publication): EpubFile[] {
  const files: EpubFile[] = [];
  const units = { count: 0 };
  const add = (matter: Matter, placed: PlacedUnit[]): void => {
    files.push({ path: `text/${matter.slice(0, -6)}-${String(files.length + 1).padStart(4, '0')}.xhtml`, matter, units: placed });
  };
  const place = (unit: PublishedUnit, depth: number): PlacedUnit => {
    units.count += 1;
    return { unit, id: `u${String(units.count)}`, depth };
  };
  const walk = (unit: PublishedUnit, depth: number, matter: Matter): void => {
    const own = place(unit, depth);
    const children = unit.children ?? [];
    // What holds chapters has a page of its own; what holds sections has them on its pages.
    if (children.some((child) => child.kind !== 'section')) {
      add(matter, [own]);
      for (const child of children) walk(child, depth + 1, matter);
    } else add(matter, [own, ...children.flatMap((child) => [...tree(child, depth + 1, place)])]);
  };
  for (const unit of publication.front ?? []) walk(unit, 1, 'frontmatter');
  for (const unit of publication.body) walk(unit, 1, 'bodymatter');
  for (const unit of publication.back ?? []) walk(unit, 1, 'backmatter');
  return files;
}

function* tree(unit: PublishedUnit, depth: number, place: (unit: PublishedUnit, depth: number) => PlacedUnit): Generator<PlacedUnit> {
  yield place(unit, depth);
  for (const child of unit.children ?? []) yield* tree(child, depth + 1, place);
}

/** Kinds and roles that EPUB has a word for. */
const types: { readonly [kind: string]: string } = {
  part: 'part',
  chapter: 'chapter',
  section: 'subchapter',
  titlePage: 'titlepage',
  dedication: 'dedication',
  epigraph: 'epigraph',
  preface: 'preface',
  foreword: 'foreword',
  introduction: 'introduction',
  prologue: 'prologue',
  epilogue: 'epilogue',
  afterword: 'afterword',
  appendix: 'appendix',
  notes: 'endnotes',
  bibliography: 'bibliography',
  credits: 'colophon',
};

export function typeOf(kind: string): string | null {
  return types[kind] ?? null;
}

export function* documentMarkup({ matter, units }: EpubFile, { language }: Publication, links: Links): Generator<string> {
  const title = units.find(({ unit }) => unit.title !== '')?.unit.title ?? '—';
  yield `<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="${language}" xml:lang="${language}">\n`;
  yield `<head><meta charset="utf-8"/><title>${escaped(title)}</title><link rel="stylesheet" type="text/css" href="../style.css"/></head>\n<body epub:type="${matter}">\n`;
  let open = 0;
  const base = units[0]?.depth ?? 1;
  for (const { unit, id, depth } of units) {
    for (; open > depth - base; open -= 1) yield '</section>\n';
    const type = typeOf(unit.kind);
    yield `<section id="${id}"${type === null ? '' : ` epub:type="${type}"`}>\n`;
    open += 1;
    yield* unitMarkup(unit, depth, links);
  }
  for (; open > 0; open -= 1) yield '</section>\n';
  yield '</body>\n</html>\n';
}
