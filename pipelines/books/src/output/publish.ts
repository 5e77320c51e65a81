/** The last stage of a book: the finished document in the formats that were asked for. */

import { artifactSchema, defineHandler, type ArtifactRef, type Handler, type Json } from '@scriptorium/core';
import { readBook } from '../stages/contracts.ts';
import { epubBytes } from './epub.ts';
import { markdownOf } from './markdown.ts';
import { plainTextOf } from './plain.ts';
import { publicationOf, type Publication } from './publication.ts';

type Format = 'epub' | 'markdown' | 'text';

const endings: { readonly [format in Format]: string } = { epub: 'epub', markdown: 'md', text: 'txt' };

export const publishHandler: Handler = defineHandler<{
  readonly id: string;
  readonly document: ArtifactRef;
  readonly formats: readonly Format[];
}>({
  name: 'book/publish',
  version: '1.0.0',
  doc: 'Writes a finished book as EPUB 3, Markdown or plain text.',
  input: {
    type: 'object',
    required: ['id', 'document', 'formats'],
    properties: {
      id: { type: 'string', minLength: 1 },
      document: artifactSchema,
      formats: { type: 'array', items: { enum: Object.keys(endings) }, uniqueItems: true },
    },
    additionalProperties: false,
  },
  output: {
    type: 'object',
    required: ['files'],
    properties: { files: { type: 'array', items: artifactSchema } },
    additionalProperties: false,
  },
  effects: 'none',
  pure: true,
  runs: 'thread',
  run: async ({ id, document, formats }, context) => {
    const publication = publicationOf(await readBook(context, document));
    const files: Json[] = [];
    for (const format of formats)
      files.push({
        ...(await context.outputs.write(`${id}.${endings[format]}`, await written(publication, format), { from: [document] })),
      });
    return { files };
  },
});

async function written(publication: Publication, format: Format): Promise<Uint8Array> {
  if (format === 'epub') return epubBytes(publication);
  const pieces: Buffer[] = [];
  let held: string[] = [];
  let length = 0;
  const flush = (): void => {
    pieces.push(Buffer.from(held.join('')));
    held = [];
    length = 0;
  };
  for (const piece of format === 'markdown' ? markdownOf(publication) : plainTextOf(publication)) {
    held.push(piece);
    length += piece.length;
    if (length > 1 << 20) flush();
  }
  flush();
  return Buffer.concat(pieces);
}
