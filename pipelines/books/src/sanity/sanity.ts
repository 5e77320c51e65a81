/** Stage 2: checks what topology found, and looks the work up. It changes nothing. */

import { basename } from 'node:path';
import { artifactSchema, defineHandler, type ArtifactRef, type Handler, type Json } from '@scriptorium/core';
import type { CatalogRow } from '../catalog/catalog.ts';
import { namedCatalogSchema, type NamedCatalog } from '../catalog/check.ts';
import { parseNumber } from '../numerals/numerals.ts';
import { languageCode } from '../source/header.ts';
import { readSource, sourceErrors } from '../source/read.ts';
import type { Source, SourceMeta } from '../source/source.ts';
import { bookInputSchema, type BookInput } from '../stages/contracts.ts';
import type { HeadingUnit, Topology } from '../topology/topology.ts';
import { catalogIssues, enriched } from './enrich.ts';
import type { EnrichedMeta } from './enrich.ts';
import { issueSchema, type Issue } from './issue.ts';
import { languageOf } from './language.ts';
import { lengthIssues } from './length.ts';
import { linesOfUnits, placeOfLine } from './lines.ts';
import { lookUp } from './lookup.ts';
import { sequenceIssues } from './sequence.ts';

interface SanityInput {
  readonly book: BookInput;
  readonly topology: ArtifactRef;
  /** Null: no enrichment. */
  readonly catalog: NamedCatalog | null;
}

export const sanityHandler: Handler = defineHandler<SanityInput>({
  name: 'book/sanity',
  version: '1.3.0',
  doc: 'Checks numbers, lengths, encoding and language of a book, and takes metadata from the catalog.',
  input: {
    type: 'object',
    required: ['book', 'topology', 'catalog'],
    properties: { book: bookInputSchema, topology: artifactSchema, catalog: namedCatalogSchema },
    additionalProperties: false,
  },
  output: {
    type: 'object',
    required: ['meta', 'issues', 'catalog'],
    properties: {
      meta: {
        type: 'object',
        properties: {
          title: { type: 'string' },
          author: { type: 'string' },
          language: { type: 'string' },
          workNumber: { type: 'string' },
          volume: { type: 'string' },
          extra: { type: 'object', additionalProperties: { type: 'string' } },
        },
        additionalProperties: false,
      },
      issues: { type: 'array', items: issueSchema },
      catalog: { enum: ['found', 'missing', 'none'] },
    },
    additionalProperties: false,
  },
  effects: 'read',
  pure: true,
  runs: 'thread',
  errors: sourceErrors,
  run: async ({ book, topology, catalog }, context) => {
    const shape = JSON.parse(await context.artifacts.readText(topology)) as Topology;
    const source = await readSource(book.path, book.files);
    const answer = catalog === null ? null : lookUp(catalog.path, source.meta, basename(book.path));
    const row = answer?.match?.row ?? null;
    const issues = checkBook(source, shape, { row, strict: context.run.mode === 'strict' });
    if (answer !== null) issues.push(...catalogIssues(source.meta, answer));
    const meta = withLanguage(enriched(source.meta, row), source, shape);
    await context.outputs.write(`${book.id}.json`, `${JSON.stringify({ version: '1.0.0', id: book.id, meta, issues })}\n`, {
      from: [topology, book.path],
    });
    return {
      meta: meta as unknown as Json,
      issues: issues.map((issue) => ({ ...issue })),
      catalog: catalog === null ? 'none' : row === null ? 'missing' : 'found',
    };
  },
});

/** Where nobody says in which language the book is, its text does. */
function withLanguage(meta: EnrichedMeta, source: Source, shape: Topology): EnrichedMeta {
  const language = meta.language === undefined ? languageOf(textOf(source, shape)) : null;
  return language === null ? meta : { ...meta, language };
}

/** Without what a distributor added. */
function textOf(source: Source, { kept }: Topology): string {
  return kept
    .flatMap(({ from, to }) => source.lines.slice(from, to))
    .map((line) => line.text)
    .join('\n');
}

/** All checks that need no catalog; a row of it, where there is one, tells which volume the book is. */
export function checkBook(
  source: Source,
  shape: Topology,
  options: { readonly row: CatalogRow | null; readonly strict: boolean },
): Issue[] {
  const units = shape.headings.units;
  const volume = options.row?.volume ?? volumeOf(source.meta);
  const numbers = sequenceIssues(units, { strict: options.strict, volume }).filter(
    (issue) => issue.type !== 'no_number' || units[issue.index ?? -1]?.named !== true,
  );
  const found = [...numbers, ...lengthIssues(units.map(measured)), ...encodingIssues(shape), ...languageIssues(source, shape)];
  const lines = linesOfUnits(source, shape);
  return found.map((issue) => {
    const line = issue.index === null ? null : (lines[issue.index] ?? null);
    return line === null ? issue : { ...issue, place: placeOfLine(source, line) };
  });
}

/** Volume letters count from `a`; the first of a set is no continuation. */
function volumeOf({ volume }: SourceMeta): number | null {
  if (volume === undefined) return null;
  return /^[a-z]$/i.test(volume) ? volume.toLowerCase().charCodeAt(0) - 96 : (parseNumber(volume)?.value ?? null);
}

function measured(unit: HeadingUnit, index: number, units: readonly HeadingUnit[]): { title: string; letters: number; container: boolean } {
  const next = units[index + 1];
  return {
    title: unit.title,
    letters: unit.letters,
    container: unit.named || (next !== undefined && (next.level ?? 1) > (unit.level ?? 1)),
  };
}

/** `wrong_encoding`: the file says of itself what its bytes are not. Bytes that are UTF-8 throughout leave no doubt. */
function encodingIssues(shape: Topology): Issue[] {
  return shape.files
    .filter((file) => file.agrees === false)
    .map((file) => ({
      severity: file.encoding === 'utf-8' ? 'info' : 'warning',
      index: null,
      title: '',
      type: 'wrong_encoding',
      message: `${file.name} is declared as ${String(file.declared)}, its bytes are ${file.encoding}`,
      expected: String(file.declared),
      actual: file.encoding,
    }));
}

/** `language_mismatch`: the text is in another language than its metadata say. */
function languageIssues(source: Source, shape: Topology): Issue[] {
  const stated = source.meta.language;
  if (stated === undefined) return [];
  const actual = languageOf(textOf(source, shape));
  const expected = languageCode(stated);
  if (actual === null || actual === expected) return [];
  return [
    {
      severity: 'warning',
      index: null,
      title: '',
      type: 'language_mismatch',
      message: `the text reads as "${actual}", its metadata say "${expected}"`,
      expected,
      actual,
    },
  ];
}
