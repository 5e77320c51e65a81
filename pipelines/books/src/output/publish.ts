/** The last stage of a book: the finished document in the formats that were asked for. */

import { artifactSchema, defineHandler, type ArtifactRef, type Context, type Handler, type Json } from '@scriptorium/core';
import { blocksOf, type Book } from '../document.ts';
import { readBook } from '../stages/contracts.ts';
import { epubBytes } from './epub.ts';
import { markdownOf } from './markdown.ts';
import { plainTextOf } from './plain.ts';
import { publicationOf, type Publication, type PublishedPicture } from './publication.ts';
import { utf8 } from '../utf8.ts';

type Format = 'epub' | 'markdown' | 'text';

const endings: { readonly [format in Format]: string } = { epub: 'epub', markdown: 'md', text: 'txt' };

export const publishHandler: Handler = defineHandler<{
  readonly id: string;
  readonly document: ArtifactRef;
  readonly formats: readonly Format[];
  readonly pictures?: readonly ArtifactRef[];
}>({
  name: 'book/publish',
  version: '1.1.0',
  doc: 'Writes a finished book as EPUB 3, Markdown or plain text, with its pictures.',
  input: {
    type: 'object',
    required: ['id', 'document', 'formats'],
    properties: {
      id: { type: 'string', minLength: 1 },
      document: artifactSchema,
      formats: { type: 'array', items: { enum: Object.keys(endings) }, uniqueItems: true },
      pictures: { type: 'array', items: artifactSchema },
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
  run: async ({ id, document, formats, pictures = [] }, context) => {
    const book = await readBook(context, document);
    const publication = publicationOf(book, shownPictures(book, pictures, context));
    const files: Json[] = [];
    const write = async (name: string, data: Uint8Array, from: readonly ArtifactRef[]): Promise<void> => {
      files.push({ ...(await context.outputs.write(name, data, { from })) });
    };
    for (const format of formats) await write(`${id}.${endings[format]}`, await written(publication, format, id), [document, ...pictures]);
    // Markdown has its pictures beside it.
    if (formats.includes('markdown'))
      for (const { file, read } of publication.pictures ?? [])
        await write(
          `${id}/${file}`,
          await read(),
          pictures.filter(({ path }) => path.endsWith(`/${file}`)),
        );
    return { files };
  },
});

/** Those that the document shows, in their order in the source. */
function shownPictures(book: Book, pictures: readonly ArtifactRef[], context: Context): PublishedPicture[] {
  const shown = new Map([...blocksOf(book)].flatMap(({ picture }) => (picture === undefined ? [] : [[picture.file, picture] as const])));
  const { cover } = book.meta;
  if (cover !== undefined) shown.set(cover.file, { ...cover, alt: null });
  return pictures.flatMap((ref) => {
    const picture = shown.get(ref.path.slice(ref.path.lastIndexOf('/') + 1));
    return picture === undefined ? [] : [{ file: picture.file, mediaType: picture.mediaType, read: () => context.artifacts.read(ref) }];
  });
}

async function written(publication: Publication, format: Format, id: string): Promise<Uint8Array> {
  if (format === 'epub') return epubBytes(publication);
  return utf8(format === 'markdown' ? markdownOf(publication, id) : plainTextOf(publication));
}
