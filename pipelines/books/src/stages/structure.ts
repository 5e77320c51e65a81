/** The deterministic stages as handlers: read, call the pure function, write, count. */

import { artifactSchema, defineHandler } from '@scriptorium/core';
import type { ArtifactRef, Handler, Json } from '@scriptorium/core';
import { alignBook } from '../align/align.ts';
import { cleanBook } from '../clean/clean.ts';
import type { GivenMeta } from '../clean/clean.ts';
import type { Typography } from '../clean/text.ts';
import { blocksOf, walkChapters } from '../document.ts';
import { keepPictures } from '../clean/pictures.ts';
import { readPictures } from '../source/picture-files.ts';
import { readSource, sourceErrors } from '../source/read.ts';
import { restructureToc } from '../toc/toc.ts';
import { measureTopology } from '../topology/topology.ts';
import type { Topology } from '../topology/topology.ts';
import { bookInputSchema, countSchema, documentInputSchema, lettersError, outputSchema, readBook, writeDocument } from './contracts.ts';
import type { BookInput, DocumentInput } from './contracts.ts';

const topologyHandler: Handler = defineHandler<{ readonly book: BookInput }>({
  name: 'book/topology',
  version: '1.4.0',
  doc: 'Measures the shape of a book: encoding, wrapping, contents list, headings, what was added to it, advice on chunking.',
  input: { type: 'object', required: ['book'], properties: { book: bookInputSchema } },
  output: outputSchema({
    skip: {
      type: ['object', 'null'],
      required: ['reason', 'message'],
      properties: { reason: { enum: ['empty', 'chapterless'] }, message: { type: 'string' } },
      additionalProperties: false,
    },
    letters: countSchema,
    words: countSchema,
    headings: countSchema,
    tokens: countSchema,
    chunks: {
      type: ['object', 'null'],
      required: ['size', 'count'],
      properties: { size: countSchema, count: countSchema },
      additionalProperties: false,
    },
  }),
  effects: 'read',
  pure: true,
  runs: 'thread',
  errors: sourceErrors,
  run: async ({ book }, context) => {
    const topology = measureTopology(book.id, await readSource(book.path, book.files));
    const document = await writeDocument(context, topology, [book.path]);
    const { skip, size, headings, tokens } = topology;
    return {
      id: book.id,
      document,
      skip,
      letters: size.letters,
      words: size.words,
      headings: headings.count,
      tokens: tokens.estimate,
      chunks: tokens.chunks,
    };
  },
});

const cleanHandler: Handler = defineHandler<{
  readonly book: BookInput;
  readonly topology: ArtifactRef;
  readonly meta?: GivenMeta | null;
  readonly typography?: Typography;
}>({
  name: 'book/clean',
  version: '1.4.0',
  doc: 'Makes a book document of a source: licence cut, lines joined, marks resolved, every letter accounted for, pictures beside.',
  input: {
    type: 'object',
    required: ['book', 'topology'],
    properties: {
      book: bookInputSchema,
      topology: artifactSchema,
      meta: { type: ['object', 'null'] },
      typography: { enum: ['printed', 'source'] },
    },
  },
  output: outputSchema({
    blocks: countSchema,
    pictures: { type: 'array', items: artifactSchema },
    letters: {
      type: 'object',
      required: ['source', 'kept', 'removed'],
      properties: { source: countSchema, kept: countSchema, removed: { type: 'integer' } },
      additionalProperties: false,
    },
    warnings: countSchema,
  }),
  effects: 'read',
  pure: true,
  runs: 'thread',
  errors: { ...sourceErrors, ...lettersError },
  run: async ({ book, topology, meta, typography }, context) => {
    const shape = JSON.parse(await context.artifacts.readText(topology)) as Topology;
    const source = await readSource(book.path, book.files);
    const files: Json[] = [];
    const pictures = await keepPictures(readPictures(book.path, source), async (file, bytes) => {
      files.push({ ...(await context.outputs.write(`${book.id}/${file}`, bytes, { from: [book.path] })) });
    });
    const cleaned = cleanBook(source, shape, meta ?? {}, { pictures, ...(typography === undefined ? {} : { typography }) });
    const document = await writeDocument(context, cleaned, [topology, book.path]);
    return {
      id: book.id,
      document,
      blocks: [...blocksOf(cleaned)].length,
      pictures: files,
      letters: { ...cleaned.letters },
      warnings: cleaned.warnings.length,
    };
  },
});

const alignHandler: Handler = defineHandler<DocumentInput>({
  name: 'book/align',
  version: '1.2.0',
  doc: 'Finds the headings of a cleaned book and divides it into parts, chapters and sections.',
  input: documentInputSchema,
  output: outputSchema({ parts: countSchema, chapters: countSchema, sections: countSchema, front: countSchema, back: countSchema }),
  effects: 'none',
  pure: true,
  runs: 'thread',
  errors: lettersError,
  run: async ({ document }, context) => {
    const book = alignBook(await readBook(context, document));
    const kinds = { part: 0, chapter: 0, section: 0 };
    for (const { chapter } of walkChapters(book.structure.body.chapters)) kinds[chapter.kind] += 1;
    const { frontMatter, backMatter } = book.structure;
    return {
      id: book.id,
      document: await writeDocument(context, book, [document]),
      parts: kinds.part,
      chapters: kinds.chapter,
      sections: kinds.section,
      front: frontMatter.sections.length,
      back: backMatter.sections.length,
    };
  },
});

const tocHandler: Handler = defineHandler<DocumentInput>({
  name: 'book/toc',
  version: '1.2.0',
  doc: 'Rebuilds the contents of an aligned book from its printed list and its real units.',
  input: documentInputSchema,
  output: outputSchema({ entries: countSchema, unmatched: countSchema, warnings: countSchema }),
  effects: 'none',
  pure: true,
  runs: 'thread',
  run: async ({ document }, context) => {
    const book = restructureToc(await readBook(context, document));
    const { toc } = book.structure.frontMatter;
    return {
      id: book.id,
      document: await writeDocument(context, book, [document]),
      entries: toc.length,
      unmatched: toc.filter((entry) => entry.ref === null).length,
      warnings: book.warnings.filter((warning) => warning.stage === 'toc').length,
    };
  },
});

/** Topology, cleaning, alignment and contents, in their order. */
export const structureHandlers: readonly Handler[] = [topologyHandler, cleanHandler, alignHandler, tocHandler];
