/**
 * Writes an EPUB 3 that old readers open too. Chapters are made and packed one by one, so that a book of any size needs
 * the memory of one chapter beside itself; the same publication gives the same bytes.
 */

import { Readable } from 'node:stream';
import { navDocument, ncxDocument, packageDocument, stylesheet } from './epub-package.ts';
import { notesOf } from './notes.ts';
import { documentsOf, documentMarkup, type EpubFile } from './epub-documents.ts';
import { shownIn } from './pictures.ts';
import type { Publication } from './publication.ts';
import { utf8 } from '../utf8.ts';
import { pictureFolder, type Links } from './xhtml.ts';
import { zipArchive, type PackedFile } from './zip.ts';

export type { Publication, PublishedBlock, PublishedPicture, PublishedUnit } from './publication.ts';

/** The archive as it is packed. It errs where the publication cannot be written. */
export function epubStream(publication: Publication): Readable {
  return Readable.from(zipArchive(filesOf(publication)), { objectMode: false });
}

/** The whole archive. */
export async function epubBytes(publication: Publication): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for await (const piece of zipArchive(filesOf(publication))) pieces.push(piece);
  return Buffer.concat(pieces);
}

const containerDocument =
  '<?xml version="1.0" encoding="utf-8"?>\n<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>\n';

/** Its type comes first and as it is, so that who looks at the first bytes knows what it is. */
async function* filesOf(publication: Publication): AsyncGenerator<PackedFile> {
  const documents = documentsOf(publication);
  const links = linksOf(publication, documents);
  const text = (name: string, pieces: Iterable<string>): PackedFile => ({ name, bytes: utf8(pieces), deflate: true });
  yield { name: 'mimetype', bytes: Buffer.from('application/epub+zip'), deflate: false };
  yield text('META-INF/container.xml', [containerDocument]);
  yield text('EPUB/package.opf', packageDocument(publication, documents));
  yield text('EPUB/nav.xhtml', navDocument(publication, documents));
  yield text('EPUB/toc.ncx', ncxDocument(publication, documents));
  yield text('EPUB/style.css', [stylesheet]);
  for (const { file, mediaType, read } of publication.pictures ?? [])
    yield { name: `EPUB/${pictureFolder}/${file}`, bytes: await read(), deflate: mediaType === 'image/svg+xml' };
  for (const document of documents) yield text(`EPUB/${document.path}`, documentMarkup(document, publication, links));
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
