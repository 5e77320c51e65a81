/**
 * The toolkit's JSON as lines: `{ metadata: { title, creator }, chapters | sections: [ { title, content } ] }`, where
 * content is text or a list of nodes, and a node is text or `{ tag, content }`. A scanner of our own, because
 * `JSON.parse` forgets where a text stood.
 */

import { StepError } from '@scriptorium/core';
import { lineBuilder, type LineBuilder } from './builder.ts';
import { languageCode } from './header.ts';
import type { SourceLine, SourceMeta, SourceSection } from './source.ts';
import { offsetMap } from './text.ts';

/** Strings keep their place: [from, to) between the quotes. */
type Node =
  | { readonly type: 'string'; readonly from: number; readonly to: number }
  | { readonly type: 'list'; readonly items: readonly Node[] }
  | { readonly type: 'object'; readonly fields: ReadonlyMap<string, Node> }
  | { readonly type: 'other' };

export function jsonLines(
  text: string,
  name: string,
  file: number,
  lines: SourceLine[],
  sections: SourceSection[],
): { readonly meta: SourceMeta; readonly codePoints: number } {
  const root = scan(text, name);
  const offsets = offsetMap(text);
  const chapters = fieldOf(root, 'chapters') ?? fieldOf(root, 'sections');
  if (chapters?.type !== 'list') {
    throw new StepError('unreadable', `${name}: JSON without a list of chapters`, {
      fix: 'A book in JSON is { metadata, chapters: [ { title, content } ] }.',
    });
  }
  for (const chapter of chapters.items) {
    const builder = lineBuilder(file, offsets, lines);
    const from = lines.length;
    const content = chapter.type === 'object' ? chapter.fields.get('content') : chapter;
    if (content !== undefined) addNode(text, builder, content, 'block');
    builder.end();
    sections.push({ title: stringOf(text, fieldOf(chapter, 'title')) ?? '', file, from, to: lines.length });
  }
  return { meta: metaOf(text, fieldOf(root, 'metadata')), codePoints: offsets.at(text.length) };
}

function metaOf(text: string, metadata: Node | undefined): SourceMeta {
  const read = (...names: readonly string[]): string | undefined =>
    names.map((name) => stringOf(text, fieldOf(metadata, name))).find((value) => value !== null && value !== '') ?? undefined;
  const title = read('title', 'name');
  const author = read('creator', 'author');
  const language = read('language');
  const workNumber = read('work_number', 'workNumber');
  const volume = read('volume');
  return {
    ...(title === undefined ? {} : { title }),
    ...(author === undefined ? {} : { author }),
    ...(language === undefined ? {} : { language: languageCode(language) }),
    ...(workNumber === undefined ? {} : { workNumber }),
    ...(volume === undefined ? {} : { volume }),
  };
}

const inlineTags: ReadonlySet<string> = new Set([
  'a',
  'abbr',
  'b',
  'cite',
  'em',
  'font',
  'i',
  'q',
  'ruby',
  's',
  'small',
  'span',
  'strong',
  'sub',
  'sup',
  'u',
]);

/** `place` tells whether a text here is a paragraph of its own or part of the line being built. */
function addNode(text: string, builder: LineBuilder, node: Node, place: 'block' | 'inline'): void {
  if (node.type === 'string') {
    if (place === 'block') builder.paragraph();
    addString(text, builder, node.from, node.to);
    if (place === 'block') builder.paragraph();
  } else if (node.type === 'list') for (const item of node.items) addNode(text, builder, item, place);
  else if (node.type === 'object') addElement(text, builder, node.fields);
}

function addElement(text: string, builder: LineBuilder, fields: ReadonlyMap<string, Node>): void {
  const tag = (stringOf(text, fields.get('tag')) ?? 'p').toLowerCase();
  const content = fields.get('content') ?? fields.get('text');
  if (tag === 'br') builder.lineBreak();
  if (content === undefined) return;
  if (inlineTags.has(tag)) return addNode(text, builder, content, 'inline');
  builder.paragraph();
  addNode(text, builder, content, 'inline');
  builder.paragraph(/^h[1-6]$/.test(tag) ? Number(tag[1]) : undefined);
}

/** A text, split at its escaped line breaks. */
function addString(text: string, builder: LineBuilder, from: number, to: number): void {
  const raw = text.slice(from, to);
  let at = 0;
  for (let slash = raw.indexOf('\\'); slash >= 0;) {
    const length = breakLength(raw, slash);
    if (length > 0) {
      addPiece(raw.slice(at, slash), builder, from + at);
      builder.lineBreak();
      at = slash + length;
    }
    slash = raw.indexOf('\\', slash + (length > 0 ? length : 2));
  }
  addPiece(raw.slice(at), builder, from + at);
}

/** Length of the escaped line break at a backslash, 0 for another escape. */
function breakLength(raw: string, slash: number): number {
  escapedBreak.lastIndex = slash;
  return escapedBreak.test(raw) ? escapedBreak.lastIndex - slash : 0;
}

const escapedBreak: RegExp = /(?:\\r|\\u000[dD])(?:\\n|\\u000[aA])?|\\n|\\u000[aA]/y;

function addPiece(raw: string, builder: LineBuilder, from: number): void {
  const indent = /^(?:\\t)*/.exec(raw)?.[0].length ?? 0;
  if (indent < raw.length) builder.add(unescape(raw.slice(indent)), from + indent, from + raw.length);
}

function unescape(raw: string): string {
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}

function fieldOf(node: Node | undefined, name: string): Node | undefined {
  return node?.type === 'object' ? node.fields.get(name) : undefined;
}

function stringOf(text: string, node: Node | undefined): string | null {
  return node?.type === 'string' ? unescape(text.slice(node.from, node.to)).trim() : null;
}

const maxDepth = 200;

/** Validity is left to `JSON.parse`, whose messages are good; places come from a second, trusting pass. */
function scan(text: string, name: string): Node {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new StepError('unreadable', `${name}: broken JSON: ${error instanceof Error ? error.message : String(error)}`, {
      fix: 'Repair the file; an interrupted download is often the cause.',
    });
  }
  let at = 0;
  const space = /\s*/y;
  const skip = (): void => {
    space.lastIndex = at;
    space.exec(text);
    at = space.lastIndex;
  };
  const string = (): Node & { readonly type: 'string' } => {
    const from = at + 1;
    let to = text.indexOf('"', from);
    while (isEscaped(text, to)) to = text.indexOf('"', to + 1);
    at = to + 1;
    return { type: 'string', from, to };
  };
  const value = (depth: number): Node => {
    if (depth > maxDepth)
      throw new StepError('unreadable', `${name}: JSON nested deeper than ${String(maxDepth)}`, {
        fix: 'A book in JSON is { metadata, chapters: [ { title, content } ] }.',
      });
    skip();
    const sign = text[at];
    if (sign === '"') return string();
    if (sign !== '[' && sign !== '{') {
      while (at < text.length && !',]}'.includes(text[at] ?? '')) at += 1;
      return { type: 'other' };
    }
    at += 1;
    const items: Node[] = [];
    const fields = new Map<string, Node>();
    for (skip(); text[at] !== ']' && text[at] !== '}'; skip()) {
      if (text[at] === ',') at += 1;
      else if (sign === '[') items.push(value(depth + 1));
      else {
        const key = string();
        skip();
        at += 1;
        fields.set(unescape(text.slice(key.from, key.to)), value(depth + 1));
      }
    }
    at += 1;
    return sign === '[' ? { type: 'list', items } : { type: 'object', fields };
  };
  return value(0);
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes += 1;
  return slashes % 2 === 1;
}
