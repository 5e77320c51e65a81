/**
 * Writes an EPUB 3 that old readers open too. Chapters are made and packed one by one, so that a book of any size needs
 * the memory of one chapter beside itself; the same publication gives the same bytes.
 */

import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import yazl from 'yazl';
import { navDocument, ncxDocument, packageDocument, stylesheet } from './epub-package.ts';
import { notesOf } from './notes.ts';
import { documentsOf, documentMarkup, type EpubFile } from './epub-documents.ts';
import { shownIn } from './pictures.ts';
import type { Publication } from './publication.ts';
import { pictureFolder, type Links } from './xhtml.ts';

export type { Publication, PublishedBlock, PublishedPicture, PublishedUnit } from './publication.ts';

/** The archive as it is packed. It errs where the publication cannot be written. */
export function epubStream(publication: Publication): Readable {
  const documents = documentsOf(publication);
  const links = linksOf(publication, documents);
  const zip = new yazl.ZipFile();
  // Midnight in whatever zone: the archive keeps local time.
  const mtime = new Date(2000, 0, 1);
  const addStream = (path: string, compress: boolean, make: () => Readable): void =>
    // The archive does not listen to what its streams say.
    zip.addReadStreamLazy(path, { mtime, forceDosTimestamp: true, compress }, (done) =>
      done(
        null,
        make().on('error', (error) => output.destroy(error)),
      ),
    );
  const add = (path: string, make: () => Iterable<string>): void => addStream(path, true, () => textStream(make()));
  zip.addBuffer(Buffer.from('application/epub+zip'), 'mimetype', { mtime, forceDosTimestamp: true, compress: false });
  add('META-INF/container.xml', () => [
    '<?xml version="1.0" encoding="utf-8"?>\n<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>\n',
  ]);
  add('EPUB/package.opf', () => packageDocument(publication, documents));
  add('EPUB/nav.xhtml', () => navDocument(publication, documents));
  add('EPUB/toc.ncx', () => ncxDocument(publication, documents));
  add('EPUB/style.css', () => [stylesheet]);
  // What is packed already grows when it is packed again.
  for (const { file, mediaType, read } of publication.pictures ?? [])
    addStream(`EPUB/${pictureFolder}/${file}`, mediaType === 'image/svg+xml', () => Readable.from(whole(read), { objectMode: false }));
  for (const document of documents) add(`EPUB/${document.path}`, () => documentMarkup(document, publication, links));
  const output = Readable.from(zip.outputStream, { objectMode: false });
  zip.on('error', (error: Error) => output.destroy(error));
  zip.end();
  return output;
}

/** The whole archive. */
export async function epubBytes(publication: Publication): Promise<Uint8Array> {
  return buffer(epubStream(publication));
}

/** Characters that are handed on at once. */
const pieceLength = 65_536;

function textStream(pieces: Iterable<string>): Readable {
  return Readable.from(gathered(pieces), { objectMode: false });
}

async function* whole(read: () => Promise<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield await read();
}

function* gathered(pieces: Iterable<string>): Generator<Buffer> {
  let held = '';
  for (const piece of pieces) {
    held += piece;
    if (held.length < pieceLength) continue;
    yield Buffer.from(held);
    held = '';
  }
  if (held !== '') yield Buffer.from(held);
}

/** Every mark and note by the file it is in, found in one pass before anything is written. */
function linksOf(publication: Publication, documents: readonly EpubFile[]): Links {
  const { numberOf } = notesOf(publication);
  const files = new Map<number, string>();
  const markFiles = new Map<number, string>();
  const name = (path: string): string => path.replace(/^.*\//, '');
  for (const { path, units } of documents)
    for (const { unit } of units)
      for (const block of unit.blocks) {
        const own = block.type === 'note' ? numberOf(block.id) : undefined;
        if (own !== undefined) files.set(own, name(path));
        for (const { note } of block.links ?? []) {
          const number = numberOf(note);
          if (number !== undefined && !markFiles.has(number)) markFiles.set(number, name(path));
        }
      }
  const written = new Set<number>();
  return {
    numberOf,
    fileOf: (note) => files.get(note),
    markFileOf: (note) => markFiles.get(note),
    pictures: shownIn(publication),
    first: (note) => !written.has(note) && written.add(note).has(note),
  };
}
