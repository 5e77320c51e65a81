/** The contents of an EPUB as its navigation tells them: the nav document of EPUB 3, the NCX of EPUB 2. */

import type { SourceIssue } from '../source.ts';
import type { Archive } from './archive.ts';
import type { Package } from './package.ts';
import { resolvePath, type Target } from './paths.ts';
import { childOf, elementsOf, parseXml, type Element } from './xml.ts';

/** An entry of the contents, in their order, with its depth from 0. */
export interface NavEntry {
  readonly title: string;
  /** Null where an entry only groups others, or leads nowhere. */
  readonly target: Target | null;
  readonly depth: number;
  /** Entries below it. */
  readonly children: number;
}

export interface Navigation {
  readonly entries: readonly NavEntry[];
  /** What publishers name beside the contents: cover, beginning of the text, notes. */
  readonly landmarks: readonly { readonly type: string; readonly target: Target }[];
}

/** More entries than this, or deeper ones, are left out and told. */
const maxEntries = 20_000;
const maxDepth = 12;

/** The contents that have more entries: where both are there, the nav document is usually as good. */
export function readNavigation(archive: Archive, found: Package, label: string, issues: SourceIssue[]): Navigation {
  const nav = partOf(archive, found.navigation, label, issues, (root, path) => navEntries(root, path));
  const ncx = partOf(archive, found.ncx, label, issues, (root, path) => ncxEntries(root, path));
  const entries = (nav?.entries.length ?? 0) >= (ncx?.length ?? 0) ? (nav?.entries ?? []) : (ncx ?? []);
  if (entries.length === 0)
    issues.push({ type: 'epub_navigation', message: `${label} has no contents to be navigated by; they are made from its headings` });
  if (entries.length > maxEntries)
    issues.push({
      type: 'epub_navigation',
      message: `${label} has ${String(entries.length)} entries in its contents; ${String(maxEntries)} are used`,
    });
  const guide = found.guide.flatMap(({ type, href }) => {
    const target = resolvePath(found.base, href);
    return target === null ? [] : [{ type: guideTypes[type.toLowerCase()] ?? type, target }];
  });
  return { entries: entries.slice(0, maxEntries), landmarks: [...(nav?.landmarks ?? []), ...guide] };
}

/** What the guide of EPUB 2 calls them, in the words of EPUB 3. */
const guideTypes: { readonly [type: string]: string } = {
  text: 'bodymatter',
  start: 'bodymatter',
  'title-page': 'titlepage',
  'copyright-page': 'copyright-page',
  notes: 'endnotes',
  acknowledgements: 'acknowledgments',
};

/** Reads one of the two, unless it is broken: that is an issue, and the other may do. */
function partOf<T>(
  archive: Archive,
  path: string | null,
  label: string,
  issues: SourceIssue[],
  read: (root: Element, path: string) => T,
): T | null {
  if (path === null) return null;
  if (!archive.has(path)) {
    issues.push({ type: 'epub_navigation', message: `${label}: the contents are said to be in ${path}, which is not there` });
    return null;
  }
  return read(parseXml(archive.read(path), `${label}/${path}`), path);
}

function navEntries(root: Element, path: string): Navigation {
  const navs = [...elementsOf(root, 'nav')];
  const typed = (type: string): Element | undefined => navs.find((nav) => typesOf(nav).includes(type));
  const toc = typed('toc') ?? navs.find((nav) => typesOf(nav).length === 0);
  const entries: NavEntry[] = [];
  const list = toc === undefined ? undefined : childList(toc);
  if (list !== undefined) addItems(list, path, 0, entries);
  const landmarks = [...elementsOf(typed('landmarks') ?? emptyElement, 'a')].flatMap((link) => {
    const target = resolvePath(path, link.attributes['href'] ?? '');
    return target === null ? [] : typesOf(link).map((type) => ({ type, target }));
  });
  return { entries, landmarks };
}

const emptyElement: Element = { name: '', attributes: {}, children: [], text: '' };

function typesOf(element: Element): string[] {
  return (element.attributes['epub:type'] ?? element.attributes['type'] ?? '').split(/\s+/).filter((type) => type !== '');
}

function childList(element: Element): Element | undefined {
  return (
    element.children.find((child) => child.name === 'ol' || child.name === 'ul') ??
    element.children.map(childList).find((list) => list !== undefined)
  );
}

function addItems(list: Element, path: string, depth: number, entries: NavEntry[]): void {
  if (depth > maxDepth) return;
  for (const item of list.children) {
    if (item.name !== 'li') continue;
    const inner = item.children.find((child) => child.name === 'ol' || child.name === 'ul');
    const label = item.children.find((child) => child !== inner);
    const link = label === undefined ? undefined : [...elementsOf(label, 'a')][0];
    const href = link?.attributes['href'];
    entries.push({
      title: (link ?? label)?.text ?? '',
      target: href === undefined ? null : resolvePath(path, href),
      depth,
      children: inner?.children.filter((child) => child.name === 'li').length ?? 0,
    });
    if (inner !== undefined) addItems(inner, path, depth + 1, entries);
  }
}

function ncxEntries(root: Element, path: string): NavEntry[] {
  const entries: NavEntry[] = [];
  const add = (parent: Element, depth: number): void => {
    if (depth > maxDepth) return;
    for (const point of parent.children) {
      if (point.name !== 'navpoint') continue;
      const href = childOf(point, 'content')?.attributes['src'];
      entries.push({
        title: childOf(point, 'navlabel')?.text ?? '',
        target: href === undefined ? null : resolvePath(path, href),
        depth,
        children: point.children.filter((child) => child.name === 'navpoint').length,
      });
      add(point, depth + 1);
    }
  };
  for (const map of elementsOf(root, 'navmap')) add(map, 0);
  return entries;
}
