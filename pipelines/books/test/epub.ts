/** Real archives for tests: EPUBs from files given as text, zipped by another tool than the one that reads them. */

import { Buffer } from 'node:buffer';
import { buffer } from 'node:stream/consumers';
import yazl from 'yazl';

export type GivenFiles = { readonly [path: string]: string | Uint8Array };

/** Zips files in their order; a `mimetype` is stored, as EPUB wants it. */
export async function zipped(files: GivenFiles): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [path, data] of Object.entries(files))
    zip.addBuffer(Buffer.from(data as string), path, {
      compress: path !== 'mimetype',
      mtime: new Date(2000, 0, 1),
      forceDosTimestamp: true,
    });
  zip.end();
  return buffer(zip.outputStream);
}

export const container: string = `<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>`;

export interface GivenDocument {
  readonly name: string;
  readonly body: string;
  readonly linear?: 'no';
  readonly mediaType?: string;
  readonly properties?: string;
  readonly head?: string;
}

export interface GivenEpub {
  readonly documents: readonly GivenDocument[];
  /** The `ol` of the contents; no nav document when absent. */
  readonly nav?: string;
  readonly landmarks?: string;
  /** The `navMap` of an NCX. */
  readonly ncx?: string;
  readonly metadata?: string;
  readonly guide?: string;
  readonly more?: GivenFiles;
  /** Further items of the manifest. */
  readonly items?: string;
  readonly version?: string;
}

/** An EPUB of the given documents below `OEBPS/`. */
export function epubFiles(given: GivenEpub): GivenFiles {
  const {
    documents,
    nav,
    landmarks = '',
    ncx,
    metadata = '',
    guide = '',
    more = {},
    items: extra = '',
    version = nav === undefined ? '2.0' : '3.0',
  } = given;
  const items = documents.map(
    ({ name, mediaType = 'application/xhtml+xml', properties }, index) =>
      `<item id="d${String(index)}" href="${encodeURI(name)}" media-type="${mediaType}"${properties === undefined ? '' : ` properties="${properties}"`}/>`,
  );
  const references = documents.map(
    ({ linear }, index) => `<itemref idref="d${String(index)}"${linear === undefined ? '' : ` linear="${linear}"`}/>`,
  );
  return {
    mimetype: 'application/epub+zip',
    'META-INF/container.xml': container,
    'OEBPS/content.opf': `<?xml version="1.0"?>
<package xmlns="http://www.idpf.org/2007/opf" version="${version}" unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf"><dc:identifier id="id">urn:test</dc:identifier><dc:title>The Harbour</dc:title><dc:language>en</dc:language>${metadata}</metadata>
<manifest>${items.join('')}${extra}${nav === undefined ? '' : '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'}${ncx === undefined ? '' : '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'}</manifest>
<spine${ncx === undefined ? '' : ' toc="ncx"'}>${references.join('')}</spine>${guide}</package>`,
    ...(nav === undefined
      ? {}
      : {
          'OEBPS/nav.xhtml': `<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body><nav epub:type="toc"><h1>Contents</h1>${nav}</nav>${landmarks}</body></html>`,
        }),
    ...(ncx === undefined ? {} : { 'OEBPS/toc.ncx': `<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>${ncx}</navMap></ncx>` }),
    ...Object.fromEntries(
      documents.map(({ name, body, head = '' }) => [
        `OEBPS/${name}`,
        `<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head><title>x</title>${head}</head><body>${body}</body></html>`,
      ]),
    ),
    ...more,
  };
}
