/** The package of an EPUB: what it is, what it holds, and its contents for new readers and for old ones. */

import { typeOf, type EpubFile, type PlacedUnit } from './epub-documents.ts';
import type { Publication } from './publication.ts';
import { escaped, pictureFolder } from './xhtml.ts';

export const stylesheet: string = `body { margin: 5%; line-height: 1.4; }
header { margin: 2em 0; text-align: center; }
p { margin: 0; text-indent: 1.2em; }
header p, aside p, .verse p, .list { text-indent: 0; }
.verse { margin: 1em 2em; }
ul { list-style: none; padding-left: 1em; }
hr { width: 30%; margin: 1.5em auto; }
aside { margin: 1em 0; font-size: 0.9em; }
figure { margin: 1em 0; text-align: center; font-style: italic; break-inside: avoid; }
figure img { max-width: 100%; max-height: 90vh; }
`;

/** When nobody says when a publication was changed: a book made twice is the same book. */
const unchanged = '2000-01-01T00:00:00Z';

export function* packageDocument(publication: Publication, documents: readonly EpubFile[]): Generator<string> {
  const { id, title, authors, translators = [], language, series, modified = unchanged, pictures = [] } = publication;
  const cover = pictures.findIndex(({ file }) => file === publication.cover);
  yield `<?xml version="1.0" encoding="utf-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="${language}">\n<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n`;
  yield `<dc:identifier id="id">${escaped(id)}</dc:identifier>\n<dc:title>${escaped(title)}</dc:title>\n<dc:language>${language}</dc:language>\n<meta property="dcterms:modified">${modified}</meta>\n`;
  for (const [index, name] of authors.entries())
    yield `<dc:creator id="author${String(index + 1)}">${escaped(name)}</dc:creator>\n<meta refines="#author${String(index + 1)}" property="role" scheme="marc:relators">aut</meta>\n`;
  for (const [index, name] of translators.entries())
    yield `<dc:contributor id="translator${String(index + 1)}">${escaped(name)}</dc:contributor>\n<meta refines="#translator${String(index + 1)}" property="role" scheme="marc:relators">trl</meta>\n`;
  if (series !== undefined) {
    yield `<meta property="belongs-to-collection" id="series">${escaped(series.name)}</meta>\n<meta refines="#series" property="collection-type">series</meta>\n`;
    if (series.position !== undefined && /^\d+(\.\d+)*$/.test(series.position))
      yield `<meta refines="#series" property="group-position">${series.position}</meta>\n`;
  }
  // Old readers know a cover by this only.
  if (cover >= 0) yield `<meta name="cover" content="i${String(cover + 1)}"/>\n`;
  yield '</metadata>\n<manifest>\n<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>\n<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>\n<item id="style" href="style.css" media-type="text/css"/>\n';
  for (const [index, { path }] of documents.entries())
    yield `<item id="d${String(index + 1)}" href="${path}" media-type="application/xhtml+xml"/>\n`;
  for (const [index, { file, mediaType }] of pictures.entries())
    yield `<item id="i${String(index + 1)}" href="${pictureFolder}/${file}" media-type="${mediaType}"${index === cover ? ' properties="cover-image"' : ''}/>\n`;
  yield '</manifest>\n<spine toc="ncx">\n';
  for (const index of documents.keys()) yield `<itemref idref="d${String(index + 1)}"/>\n`;
  yield '</spine>\n</package>\n';
}

interface Entry {
  readonly title: string;
  readonly href: string;
  readonly depth: number;
}

/** Units with a title; a publication without any is one entry by its own name. */
function entriesOf(publication: Publication, documents: readonly EpubFile[]): Entry[] {
  const hrefOf = (path: string, { id }: PlacedUnit, index: number): string => (index === 0 ? path : `${path}#${id}`);
  const entries = documents.flatMap(({ path, units }) =>
    units.flatMap((placed, index) => {
      const title = escaped(placed.unit.title).trim();
      return title === '' ? [] : [{ title, href: hrefOf(path, placed, index), depth: placed.depth }];
    }),
  );
  const first = documents.find((document) => document.matter === 'bodymatter') ?? documents[0];
  return entries.length > 0 || first === undefined ? entries : [{ title: escaped(publication.title), href: first.path, depth: 1 }];
}

export function* navDocument(publication: Publication, documents: readonly EpubFile[]): Generator<string> {
  const { language } = publication;
  yield `<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="${language}" xml:lang="${language}">\n<head><meta charset="utf-8"/><title>${escaped(publication.title)}</title></head>\n<body>\n<nav epub:type="toc" id="toc">\n`;
  yield* nested(entriesOf(publication, documents), {
    begin: '<ol>',
    end: '</ol>',
    open: ({ title, href }) => `<li><a href="${href}">${title}</a>`,
    close: '</li>\n',
  });
  yield '</nav>\n<nav epub:type="landmarks" id="landmarks" hidden="hidden">\n<ol>\n';
  const named = new Set<string>();
  for (const { path, matter, units } of documents) {
    const type = typeOf(units[0]?.unit.kind ?? '');
    const types = [matter === 'frontmatter' && type !== 'titlepage' ? null : matter === 'bodymatter' ? 'bodymatter' : type].filter(
      (one) => one !== null,
    );
    for (const one of types) {
      if (named.has(one)) continue;
      named.add(one);
      yield `<li><a epub:type="${one}" href="${path}">${escaped(units[0]?.unit.title ?? '') || escaped(publication.title)}</a></li>\n`;
    }
  }
  yield '</ol>\n</nav>\n</body>\n</html>\n';
}

export function* ncxDocument(publication: Publication, documents: readonly EpubFile[]): Generator<string> {
  const entries = entriesOf(publication, documents);
  const depth = Math.max(1, ...entries.map((entry) => entry.depth));
  yield `<?xml version="1.0" encoding="utf-8"?>\n<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1" xml:lang="${publication.language}">\n<head><meta name="dtb:uid" content="${escaped(publication.id)}"/><meta name="dtb:depth" content="${String(depth)}"/><meta name="dtb:totalPageCount" content="0"/><meta name="dtb:maxPageNumber" content="0"/></head>\n<docTitle><text>${escaped(publication.title)}</text></docTitle>\n`;
  let order = 0;
  yield* nested(
    entries,
    {
      begin: '',
      end: '',
      open: ({ title, href }) => {
        order += 1;
        return `<navPoint id="p${String(order)}" playOrder="${String(order)}"><navLabel><text>${title}</text></navLabel><content src="${href}"/>\n`;
      },
      close: '</navPoint>\n',
    },
    'navMap',
  );
  yield '</ncx>\n';
}

interface Words {
  readonly begin: string;
  readonly end: string;
  readonly open: (entry: Entry) => string;
  readonly close: string;
}

/** Entries as a tree. Depths that are missing between two entries are passed over, for a list needs an entry to stand in. */
function* nested(entries: readonly Entry[], words: Words, around?: string): Generator<string> {
  yield around === undefined ? words.begin : `<${around}>${words.begin}`;
  const open: number[] = [];
  for (const [index, entry] of entries.entries()) {
    while (open.length > 0 && open.at(-1)! >= entry.depth) {
      open.pop();
      yield words.close;
      // The list that the next entry does not belong to ends with its last one.
      if (open.length > 0 && open.at(-1)! >= entry.depth) yield words.end;
    }
    yield words.open(entry);
    open.push(entry.depth);
    if ((entries[index + 1]?.depth ?? 0) > entry.depth) yield words.begin;
  }
  while (open.length > 0) {
    open.pop();
    yield words.close;
    if (open.length > 0) yield words.end;
  }
  yield around === undefined ? words.end : `${words.end}</${around}>\n`;
}
