/** What an EPUB says about itself: its metadata, the files it is made of and the order they are read in. */

import { StepError } from '@scriptorium/core';
import { languageCode } from '../header.ts';
import type { SourceIssue, SourceMeta } from '../source.ts';
import type { Archive } from './archive.ts';
import { isDocument } from './paths.ts';
import { resolvePath } from './paths.ts';
import { childOf, elementsOf, parseXml, type Element } from './xml.ts';

export interface SpineDocument {
  /** Path inside the archive. */
  readonly path: string;
  /** Outside of the reading order: notes that pop up, answers to exercises. */
  readonly linear: boolean;
  readonly isNavigation: boolean;
}

export interface Package {
  readonly version: string;
  readonly meta: SourceMeta;
  readonly documents: readonly SpineDocument[];
  /** Documents of the book that the reading order leaves out. */
  readonly unread: readonly string[];
  /** EPUB 3. */
  readonly navigation: string | null;
  /** EPUB 2, kept in EPUB 3 for old readers. */
  readonly ncx: string | null;
  /** The guide of EPUB 2: what is what. */
  readonly guide: readonly { readonly type: string; readonly href: string }[];
  /** Path of the picture that is the cover. */
  readonly cover: string | null;
  /** Folder that the paths of the package are relative to. */
  readonly base: string;
}

interface Item {
  readonly id: string;
  readonly path: string;
  readonly type: string;
  readonly properties: readonly string[];
  readonly fallback: string | null;
}

/** More than this is no book; it bounds what a package can ask to be read. */
const maxDocuments = 10_000;

/** @throws StepError `epub.invalid`, `epub.entities`, or what the archive refuses. */
export function readPackage(archive: Archive, label: string, issues: SourceIssue[]): Package {
  checkMimetype(archive, label, issues);
  const path = packagePath(archive, label, issues);
  const root = parseXml(archive.read(path), `${label}/${path}`);
  const found = root.name === 'package' ? root : [...elementsOf(root, 'package')][0];
  if (found === undefined) throw invalid(label, `${path} is no package document`);
  const items = itemsOf(found, path, archive, issues);
  const locked = lockedPaths(archive, label);
  const spine = childOf(found, 'spine');
  const documents = spineOf(spine, items, archive, label, issues);
  for (const document of documents)
    if (locked.has(document.path))
      throw new StepError('archive.encrypted', `${label}: ${document.path} is encrypted (digital rights management)`, {
        fix: 'Give a copy without a lock: what is locked cannot be read.',
      });
  const navigation = [...items.values()].find((item) => item.properties.includes('nav'))?.path ?? null;
  const ncxId = spine?.attributes['toc'];
  const ncx =
    (ncxId === undefined ? undefined : items.get(ncxId)?.path) ??
    [...items.values()].find((item) => item.type === 'application/x-dtbncx+xml' || /\.ncx$/i.test(item.path))?.path ??
    null;
  const read = new Set(documents.map((document) => document.path));
  return {
    version: found.attributes['version'] ?? '2.0',
    meta: metaOf(childOf(found, 'metadata')),
    documents: documents.map((document) => ({ ...document, isNavigation: document.path === navigation })),
    unread: [...items.values()]
      .filter((item) => isDocument(item.path, item.type) && !read.has(item.path) && item.path !== navigation && archive.has(item.path))
      .map((item) => item.path),
    navigation,
    ncx,
    guide: [...elementsOf(found, 'reference')].map(({ attributes }) => ({
      type: attributes['type'] ?? '',
      href: attributes['href'] ?? '',
    })),
    cover: coverOf(childOf(found, 'metadata'), items, archive),
    base: path,
  };
}

/** As EPUB 3 names it, else as EPUB 2 does. */
function coverOf(metadata: Element | undefined, items: ReadonlyMap<string, Item>, archive: Archive): string | null {
  const named =
    metadata === undefined ? undefined : [...elementsOf(metadata, 'meta')].find(({ attributes }) => attributes['name'] === 'cover');
  const item =
    [...items.values()].find(({ properties }) => properties.includes('cover-image')) ?? items.get(named?.attributes['content'] ?? '');
  return item !== undefined && archive.has(item.path) && !isDocument(item.path, item.type) ? item.path : null;
}

export function invalid(label: string, why: string): StepError {
  return new StepError('epub.invalid', `${label}: ${why}`, {
    fix: 'Get the book again from its publisher, or open and save it in an editor of EPUBs.',
  });
}

function checkMimetype(archive: Archive, label: string, issues: SourceIssue[]): void {
  const text = archive.has('mimetype') ? Buffer.from(archive.read('mimetype')).toString('latin1').trim() : '';
  if (text !== 'application/epub+zip')
    issues.push({
      type: 'epub_mimetype',
      message: `${label} does not say that it is an EPUB (its file “mimetype” is ${text === '' ? 'missing' : 'wrong'})`,
    });
}

function packagePath(archive: Archive, label: string, issues: SourceIssue[]): string {
  const container = 'META-INF/container.xml';
  if (archive.has(container)) {
    for (const { attributes } of elementsOf(parseXml(archive.read(container), `${label}/${container}`), 'rootfile')) {
      const path = resolvePath('', attributes['full-path'] ?? '')?.path;
      if (path !== undefined && archive.has(path)) return path;
    }
  }
  const found = archive.names.find((name) => /\.opf$/i.test(name));
  if (found === undefined) throw invalid(label, 'it has no package document, so nothing says what the book is');
  issues.push({ type: 'epub_container', message: `${label}: the container does not name the package; ${found} was taken` });
  return found;
}

function itemsOf(root: Element, base: string, archive: Archive, issues: SourceIssue[]): Map<string, Item> {
  const items = new Map<string, Item>();
  for (const { attributes } of elementsOf(childOf(root, 'manifest') ?? root, 'item')) {
    const path = resolvePath(base, attributes['href'] ?? '')?.path;
    const id = attributes['id'];
    if (path === undefined || id === undefined) continue;
    if (items.has(id)) issues.push({ type: 'epub_manifest', message: `two files of the manifest have the id “${id}”; the first counts` });
    else
      items.set(id, {
        id,
        path: presentPath(archive, path),
        type: (attributes['media-type'] ?? '').toLowerCase(),
        properties: (attributes['properties'] ?? '').split(/\s+/),
        fallback: attributes['fallback'] ?? null,
      });
  }
  return items;
}

/** Names in packages made on other systems differ from those in the archive by case. */
function presentPath(archive: Archive, path: string): string {
  if (archive.has(path)) return path;
  const key = path.toLowerCase();
  return archive.names.find((name) => name.toLowerCase() === key) ?? path;
}

function spineOf(
  spine: Element | undefined,
  items: ReadonlyMap<string, Item>,
  archive: Archive,
  label: string,
  issues: SourceIssue[],
): Omit<SpineDocument, 'isNavigation'>[] {
  const documents = new Map<string, Omit<SpineDocument, 'isNavigation'>>();
  const references = spine === undefined ? [] : [...elementsOf(spine, 'itemref')];
  if (references.length > maxDocuments)
    throw invalid(label, `its reading order has ${String(references.length)} files; at most ${String(maxDocuments)} are read`);
  for (const { attributes } of references) {
    const item = items.get(attributes['idref'] ?? '');
    const readable = item === undefined ? undefined : readableOf(item, items, archive, issues);
    if (readable === undefined) {
      issues.push({
        type: 'epub_spine',
        message: `the reading order names “${attributes['idref'] ?? ''}”, ${item === undefined ? 'which is no file of the book' : 'which is not there or no text'}`,
      });
      continue;
    }
    if (!documents.has(readable)) documents.set(readable, { path: readable, linear: attributes['linear'] !== 'no' });
  }
  if (documents.size > 0) return [...documents.values()];
  const every = [...items.values()].filter((item) => isDocument(item.path, item.type) && archive.has(item.path));
  if (every.length === 0) throw invalid(label, 'it has no readable text: no file of its reading order is there');
  issues.push({ type: 'epub_spine', message: 'there is no reading order; the files were taken as they are listed' });
  return every.map((item) => ({ path: item.path, linear: true }));
}

/** The item's document, or that of its fallback. */
function readableOf(item: Item, items: ReadonlyMap<string, Item>, archive: Archive, issues: SourceIssue[]): string | undefined {
  let candidate: Item | undefined = item;
  for (let hops = 0; candidate !== undefined && hops < 8; hops += 1) {
    if (archive.has(candidate.path) && isDocument(candidate.path, candidate.type)) {
      if (candidate.type !== 'application/xhtml+xml' && candidate.type !== 'application/x-dtbook+xml')
        issues.push({ type: 'epub_media_type', message: `${candidate.path} is a text, but is called “${candidate.type}”` });
      return candidate.path;
    }
    candidate = candidate.fallback === null ? undefined : items.get(candidate.fallback);
  }
  return undefined;
}

/** What `META-INF/encryption.xml` locks. Fonts that are only garbled stand there too, and do not matter. */
function lockedPaths(archive: Archive, label: string): Set<string> {
  const path = 'META-INF/encryption.xml';
  if (!archive.has(path)) return new Set();
  return new Set(
    [...elementsOf(parseXml(archive.read(path), `${label}/${path}`), 'cipherreference')].flatMap(
      ({ attributes }) => resolvePath('', attributes['uri'] ?? '')?.path ?? [],
    ),
  );
}

function metaOf(metadata: Element | undefined): SourceMeta {
  const every = metadata === undefined ? [] : [...elementsOf(metadata)];
  const all = (name: string): Element[] => every.filter((element) => element.name === name && element.text !== '');
  const refined = (id: string | undefined, property: string): string | undefined =>
    id === undefined
      ? undefined
      : every.find((element) => element.attributes['refines'] === `#${id}` && element.attributes['property'] === property)?.text;
  const roleOf = (element: Element): string | undefined =>
    element.attributes['opf:role'] ?? element.attributes['role'] ?? refined(element.attributes['id'], 'role');
  const people = (role: string): string[] => [
    ...new Set([...all('creator'), ...all('contributor')].filter((person) => roleOf(person) === role).map((person) => person.text)),
  ];
  const creators = [
    ...new Set(
      all('creator')
        .filter((person) => ['aut', undefined].includes(roleOf(person)))
        .map((person) => person.text),
    ),
  ];
  const authors = creators.length > 0 ? creators : all('creator').map((person) => person.text);
  const title = titleOf(all('title'), (element) => refined(element.attributes['id'], 'title-type'));
  const language = all('language')[0]?.text;
  const number = numberOf([...all('identifier'), ...all('source')].map((element) => element.text));
  const series = seriesOf(every, refined);
  const extra = {
    ...(people('trl').length > 0 ? { translator: people('trl').join('; ') } : {}),
    ...(people('ill').length > 0 ? { illustrator: people('ill').join('; ') } : {}),
    ...textOf('publisher', all('publisher')[0]),
    ...textOf('date', all('date')[0]),
    ...textOf('identifier', all('identifier')[0]),
    ...textOf('rights', all('rights')[0]),
    ...(all('subject').length > 0
      ? {
          subjects: all('subject')
            .map((subject) => subject.text)
            .join('; '),
        }
      : {}),
    ...(series === null ? {} : { series: series.name }),
  };
  return {
    ...(title === undefined ? {} : { title }),
    ...(authors.length === 0 ? {} : { author: authors.join('; ') }),
    ...(language === undefined || unsaid.test(language) ? {} : { language: languageCode(language) }),
    ...(number === null ? {} : { workNumber: number }),
    ...(series?.position === undefined ? {} : { volume: series.position }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** Undetermined, several, none: words of the standard for what is not said. */
const unsaid = /^(?:und|mul|zxx)(?:-|$)/i;

function textOf(name: string, element: Element | undefined): { readonly [name: string]: string } {
  return element === undefined ? {} : { [name]: element.text.slice(0, 1000) };
}

/** The main title, with its subtitle where that is a title of its own. */
function titleOf(titles: readonly Element[], typeOf: (title: Element) => string | undefined): string | undefined {
  const main = titles.find((title) => typeOf(title) === 'main') ?? titles.find((title) => typeOf(title) === undefined) ?? titles[0];
  const subtitle = titles.find((title) => typeOf(title) === 'subtitle');
  return main === undefined || subtitle === undefined ? main?.text : `${main.text}; ${subtitle.text}`;
}

/** Project Gutenberg's number, where the book is theirs or made from theirs. */
function numberOf(identifiers: readonly string[]): string | null {
  for (const identifier of identifiers) {
    const found = /gutenberg\.org\/(?:ebooks\/)?(\d{1,7})\b/i.exec(identifier)?.[1];
    if (found !== undefined) return String(Number(found));
  }
  return null;
}

/** EPUB 3 collections and what calibre writes into EPUB 2. */
function seriesOf(
  every: readonly Element[],
  refined: (id: string | undefined, property: string) => string | undefined,
): { readonly name: string; readonly position?: string } | null {
  const collection = every.find((element) => element.attributes['property'] === 'belongs-to-collection');
  if (collection !== undefined) {
    const position = refined(collection.attributes['id'], 'group-position');
    return { name: collection.text, ...(position === undefined ? {} : { position }) };
  }
  const named = (name: string): string | undefined => every.find((element) => element.attributes['name'] === name)?.attributes['content'];
  const name = named('calibre:series');
  const position = named('calibre:series_index')?.replace(/\.0+$/, '');
  return name === undefined ? null : { name, ...(position === undefined ? {} : { position }) };
}
