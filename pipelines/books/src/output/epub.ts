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
import { utf8 } from '../utf8.ts';
import { pictureFolder, type Links } from './xhtml.ts';

export type { Publication, PublishedBlock, PublishedPicture, PublishedUnit } from './publication.ts';

/** The archive as it is packed. It errs where the publication cannot be written. */
export function epubStream(publication: Publication): Readable {
  const documents = documentsOf(publication);
  const links = linksOf(publication, documents);
  const zip = new yazl.ZipFile();
  // A file is one piece, so that the streams of the archive have little to hand on.
  const add = (path: string, compress: boolean, make: () => Uint8Array | Promise<Uint8Array>): void =>
    zip.addReadStreamLazy(path, sameFor(compress), (done) =>
      done(
        null,
        onePiece(make).on('error', (error) => output.destroy(error)),
      ),
    );
  const addText = (path: string, make: () => Iterable<string>): void => add(path, true, () => utf8(make()));
  // Its type comes first and as it is, so that who looks at the first bytes knows what it is.
  zip.addBuffer(Buffer.from('application/epub+zip'), 'mimetype', sameFor(false));
  addText('META-INF/container.xml', () => [containerDocument]);
  addText('EPUB/package.opf', () => packageDocument(publication, documents));
  addText('EPUB/nav.xhtml', () => navDocument(publication, documents));
  addText('EPUB/toc.ncx', () => ncxDocument(publication, documents));
  addText('EPUB/style.css', () => [stylesheet]);
  // What is packed already grows when it is packed again.
  for (const { file, mediaType, read } of publication.pictures ?? [])
    add(`EPUB/${pictureFolder}/${file}`, mediaType === 'image/svg+xml', read);
  for (const document of documents) addText(`EPUB/${document.path}`, () => documentMarkup(document, publication, links));
  const output = Readable.from(zip.outputStream, { objectMode: false });
  zip.on('error', (error: Error) => output.destroy(error));
  zip.end();
  return output;
}

/** The whole archive. */
export async function epubBytes(publication: Publication): Promise<Uint8Array> {
  return buffer(epubStream(publication));
}

/** Midnight in whatever zone, since an archive keeps local time: the same files give the same bytes. */
const mtime = new Date(2000, 0, 1);
/** Prose packs twice as fast as at 6, which everybody uses, and is 3 % larger. */
const compressionLevel = 4;

function sameFor(compress: boolean): { readonly mtime: Date; readonly forceDosTimestamp: true; readonly compressionLevel: number } {
  return { mtime, forceDosTimestamp: true, compressionLevel: compress ? compressionLevel : 0 };
}

function onePiece(make: () => Uint8Array | Promise<Uint8Array>): Readable {
  return Readable.from(
    (async function* () {
      yield await make();
    })(),
    { objectMode: false },
  );
}

const containerDocument =
  '<?xml version="1.0" encoding="utf-8"?>\n<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>\n';

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
