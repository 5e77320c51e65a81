/**
 * What markup says beside its text: where its anchors are, what is emphasised, linked, a note, a quotation or verse.
 * Gathered only where somebody asks for it, while the lines are made.
 */

import { decodeHTML } from 'entities';
import type { LineBuilder, TextPlace } from './builder.ts';
import type { SourceLine } from './source.ts';

/** An element that holds lines [from, to), or a stretch of them. */
export interface WatchedElement {
  readonly name: string;
  readonly id: string | null;
  /** Its `epub:type`, `role` and `class` in lower case. */
  readonly types: readonly string[];
  readonly from: TextPlace;
  to: TextPlace;
}

export interface WatchedLink {
  readonly id: string | null;
  readonly href: string | null;
  readonly types: readonly string[];
  readonly from: TextPlace;
  to: TextPlace;
}

export interface Watched {
  readonly anchors: Map<string, TextPlace>;
  readonly links: WatchedLink[];
  readonly emphasis: { readonly from: TextPlace; to: TextPlace }[];
  /** Of elements that may hold blocks, in the order of their beginnings. */
  readonly elements: WatchedElement[];
  readonly pageMarks: WatchedElement[];
}

export interface Watch {
  readonly watched: Watched;
  readonly start: (name: string, tag: string) => void;
  readonly end: (name: string) => void;
  /** After the last line of the file. */
  readonly close: () => void;
}

const holders: ReadonlySet<string> = new Set(
  'article aside blockquote body dd div dl figure figcaption footer header li nav ol p section span td tr ul'.split(' '),
);
const emphasising: ReadonlySet<string> = new Set(['i', 'em', 'cite']);
/** Deeper elements are not watched; their text is read all the same. */
const maxOpen = 400;

export function watch(builder: LineBuilder): Watch {
  const watched: Watched = { anchors: new Map(), links: [], emphasis: [], elements: [], pageMarks: [] };
  const open: { readonly name: string; readonly element: { to: TextPlace } | null }[] = [];
  const start = (name: string, tag: string): void => {
    const attributes = attributesOf(tag);
    const id = attributes.get('id') ?? (name === 'a' ? attributes.get('name') : undefined) ?? null;
    const place = builder.place();
    if (id !== null && !watched.anchors.has(id)) watched.anchors.set(id, place);
    const types = typesOf(attributes);
    const element = opened(watched, name, id, types, attributes.get('href') ?? null, place);
    if (element !== null && !tag.endsWith('/>') && open.length < maxOpen) open.push({ name, element });
  };
  const close = (name: string): void => {
    const index = open.findLastIndex((one) => one.name === name);
    if (index < 0) return;
    const place = builder.place();
    for (const { element } of open.splice(index)) if (element !== null) element.to = place;
  };
  return {
    watched,
    start,
    end: close,
    close: () => {
      const place = builder.place();
      for (const { element } of open) if (element !== null) element.to = place;
    },
  };
}

function opened(
  watched: Watched,
  name: string,
  id: string | null,
  types: readonly string[],
  href: string | null,
  from: TextPlace,
): { to: TextPlace } | null {
  if (name === 'a') {
    const link: WatchedLink = { id, href, types, from, to: from };
    watched.links.push(link);
    return link;
  }
  if (emphasising.has(name)) {
    const range = { from, to: from };
    watched.emphasis.push(range);
    return range;
  }
  if (!holders.has(name)) return null;
  const element: WatchedElement = { name, id, types, from, to: from };
  if (types.some((type) => pageTypes.has(type))) watched.pageMarks.push(element);
  else if (name !== 'span') watched.elements.push(element);
  return element;
}

/** What publishers call the mark of a printed page: EPUB 3, its roles, Project Gutenberg's classes. */
const pageTypes: ReadonlySet<string> = new Set(['pagebreak', 'doc-pagebreak', 'pagenum', 'pageno', 'page-number', 'pagenumber']);

const attribute: RegExp = /([^\s"'<>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g;

/** By name in lower case, entities resolved. */
export function attributesOf(tag: string): Map<string, string> {
  const attributes = new Map<string, string>();
  if (!tag.includes('=')) return attributes;
  for (const [, name = '', double, single, bare] of tag.matchAll(attribute)) {
    const value = double ?? single ?? bare ?? '';
    attributes.set(name.toLowerCase(), value.includes('&') ? decodeHTML(value) : value);
  }
  return attributes;
}

/** `epub:type`, `role` and `class`, in lower case. */
export function typesOf(attributes: ReadonlyMap<string, string>): string[] {
  const text = [attributes.get('epub:type'), attributes.get('role'), attributes.get('class')]
    .filter((value) => value !== undefined)
    .join(' ');
  return text === '' ? [] : text.toLowerCase().split(/\s+/);
}

/** Whether a place comes after another. */
export function isAfter(place: TextPlace, other: TextPlace): boolean {
  return place.line > other.line || (place.line === other.line && place.at > other.at);
}

/** The text between two places of one line; null where they stand in different ones. */
export function textBetween(lines: readonly SourceLine[], from: TextPlace, to: TextPlace): string | null {
  return from.line === to.line ? (lines[from.line]?.text.slice(from.at, to.at) ?? '') : null;
}
