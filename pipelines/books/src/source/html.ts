/**
 * Lines of an HTML file, with their places in it. Our own tokenizer and no parser: a tree is not needed, broken markup
 * must lose no text, and places are wanted for text, not for nodes.
 */

import { decodeHTML } from 'entities';
import { lineBuilder, type LineBuilder } from './builder.ts';
import { languageCode } from './header.ts';
import { drawnLetter, pictureWatch, type PictureWatch } from './pictures.ts';
import type { SourceLine, SourceMeta } from './source.ts';
import { offsetMap } from './text.ts';
import { attributesOf, watch, type Watch, type Watched } from './watch.ts';

export interface HtmlPart {
  readonly codePoints: number;
  /** Of the `title` element, without what Project Gutenberg puts around it. */
  readonly title: string | null;
  /** The first heading. */
  readonly heading: string | null;
  readonly meta: SourceMeta;
  /** What the markup says beside its text; null unless it was asked for. */
  readonly watched: Watched | null;
  readonly pictures: Pick<PictureWatch, 'noticed' | 'drawings'>;
}

const blocks: ReadonlySet<string> = new Set(
  (
    'address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html ' +
    'li main menu nav ol p pre search section summary table tbody tfoot thead tr ul'
  ).split(' '),
);
const inline: ReadonlySet<string> = new Set(
  (
    'a abbr acronym applet area audio b base basefont bdi bdo big blink br button canvas caption cite code col colgroup data datalist del dfn em embed font frame ' +
    'frameset i iframe img input ins kbd label legend link map mark meta meter nobr object optgroup option output param picture progress q rb rp rt ruby s samp select ' +
    'slot small source span strike strong sub summary sup td textarea th time title track tt u var video wbr'
  ).split(' '),
);
/** Their contents are no text of the book. */
const dropped: ReadonlySet<string> = new Set(['script', 'style', 'template', 'noscript', 'svg', 'svg:svg', 'math']);

interface Reading {
  readonly html: string;
  readonly builder: LineBuilder;
  /** Inside `pre`, line breaks count. */
  pre: boolean;
  heading: number | undefined;
  title: string | null;
  readonly meta: { author?: string; language?: string };
  readonly watch: Watch | null;
  readonly pictures: PictureWatch;
  /** Elements whose end is missing from here on: looking again for each of them would take for ever. */
  readonly endless: Set<string>;
}

/** With `watching`, rules between paragraphs become text too. */
export function htmlLines(html: string, file: number, lines: SourceLine[], watching: boolean = false): HtmlPart {
  const offsets = offsetMap(html);
  const builder = lineBuilder(file, offsets, lines);
  const reading: Reading = {
    html,
    builder,
    pre: false,
    heading: undefined,
    title: null,
    meta: {},
    watch: watching ? watch(builder) : null,
    pictures: pictureWatch(builder),
    endless: new Set(),
  };
  const first = lines.length;
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open < 0) break;
    if (open > at) addText(reading, at, open);
    at = markup(reading, open);
  }
  if (at < html.length) addText(reading, at, html.length);
  builder.end(reading.heading);
  reading.watch?.close();
  reading.pictures.close();
  const heading = lines.slice(first).find((line) => line.level !== undefined)?.text ?? null;
  return {
    codePoints: offsets.at(html.length),
    title: reading.title,
    heading,
    meta: { ...(reading.title === null ? {} : { title: reading.title }), ...reading.meta },
    watched: reading.watch?.watched ?? null,
    pictures: reading.pictures,
  };
}

/** Consumes what begins with `<` and returns where it ends. */
function markup(reading: Reading, open: number): number {
  const { html } = reading;
  if (html.startsWith('<!--', open)) return after(html, '-->', open + 4);
  const next = html.charCodeAt(open + 1);
  if (next === 33 || next === 63) return after(html, '>', open);
  tagName.lastIndex = open;
  const match = tagName.exec(html);
  const name = (match?.[2] ?? '').toLowerCase();
  // What only looks like a tag is text of the book: `<unknown>`, `a <b`.
  if (match === null || !isElement(name)) {
    addText(reading, open, open + 1);
    return open + 1;
  }
  const close = tagEnd(html, tagName.lastIndex);
  if (match[1] === '/') return endTag(reading, name, close);
  return startTag(reading, name, open, close);
}

const tagName: RegExp = /<(\/?)([a-zA-Z][a-zA-Z0-9:-]*)/y;

/** Elements of HTML, and those of its embedded dialects, which carry a colon or a hyphen. */
function isElement(name: string): boolean {
  return blocks.has(name) || inline.has(name) || dropped.has(name) || /[:-]/.test(name);
}

function startTag(reading: Reading, name: string, open: number, close: number): number {
  const { html, builder } = reading;
  if (dropped.has(name)) {
    const end = afterElement(reading, name, close);
    if (name.endsWith('svg')) reading.pictures.drawing(html.slice(open, end));
    return end;
  }
  if (name === 'title') {
    const end = afterElement(reading, name, close);
    reading.title ??= titleOf(html.slice(close, end));
    return end;
  }
  if (name === 'meta' || name === 'html') readAttributes(reading, html.slice(open, close));
  if (name === 'br') builder.lineBreak();
  else if (name === 'td' || name === 'th') builder.add(' ', open, open + 1);
  else if (blocks.has(name)) {
    builder.paragraph(reading.heading);
    reading.heading = headingLevel(name);
    if (name === 'pre') reading.pre = true;
  }
  const tag = html.slice(open, close);
  reading.pictures.start(name, tag);
  if (reading.watch !== null) watchTag(reading, reading.watch, name, open, close);
  if (name === 'img') {
    const letter = drawnLetter(attributesOf(tag).get('alt') ?? null);
    if (letter !== null) builder.add(letter, open, close);
  }
  return close;
}

/** A rule that does not merely close a chapter parts two scenes. */
function watchTag({ html, builder }: Reading, watch: Watch, name: string, open: number, close: number): void {
  const tag = html.slice(open, close);
  watch.start(name, tag);
  if (name === 'hr' && !/\bclass\s*=\s*["'][^"']*(?:chap|full|page|double)/i.test(tag)) {
    builder.add('* * *', open, close);
    builder.paragraph();
  }
}

function endTag(reading: Reading, name: string, close: number): number {
  if (blocks.has(name)) {
    reading.builder.paragraph(reading.heading);
    reading.heading = undefined;
    if (name === 'pre') reading.pre = false;
  }
  reading.watch?.end(name);
  reading.pictures.end(name);
  return close;
}

function headingLevel(name: string): number | undefined {
  return /^h[1-6]$/.test(name) ? Number(name[1]) : undefined;
}

function addText(reading: Reading, from: number, to: number): void {
  const { html, builder } = reading;
  if (!reading.pre) {
    const raw = html.slice(from, to);
    builder.add(raw.includes('&') ? decodeHTML(raw) : raw, from, to);
    return;
  }
  for (let at = from; at < to;) {
    const end = html.indexOf('\n', at);
    const stop = end < 0 || end >= to ? to : end;
    builder.add(decodeHTML(html.slice(at, stop)), at, stop);
    if (stop < to) builder.lineBreak();
    at = stop + 1;
  }
}

function readAttributes(reading: Reading, tag: string): void {
  const language = /^<html[^>]*?\slang\s*=\s*["']?([a-zA-Z-]+)/i.exec(tag)?.[1];
  if (language !== undefined) reading.meta.language = languageCode(language);
  if (!/\sname\s*=\s*["']?(author|dc\.creator)\b/i.test(tag)) return;
  const author = /\scontent\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(tag);
  const name = author?.[1] ?? author?.[2];
  if (name !== undefined) reading.meta.author = decodeHTML(name).trim();
}

function titleOf(raw: string): string | null {
  const title = decodeHTML(raw.replace(/<[^>]*>/g, ''))
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^The Project Gutenberg e-?book (?:of|,)\s*/i, '')
    .replace(/\s*[|—-]\s*Project Gutenberg$/i, '');
  return title === '' ? null : title;
}

function after(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from);
  return found < 0 ? html.length : found + mark.length;
}

function afterElement({ html, endless }: Reading, name: string, from: number): number {
  if (html.endsWith('/>', from) || endless.has(name)) return from;
  const end = new RegExp(`</${name}\\b[^>]*>`, 'gi');
  end.lastIndex = from;
  if (end.exec(html) !== null) return end.lastIndex;
  endless.add(name);
  return from;
}

/** Where a tag ends; a `>` inside a quoted attribute does not end it, unless the quote is never closed. */
function tagEnd(html: string, from: number): number {
  for (let at = from; at < html.length; at += 1) {
    const code = html.charCodeAt(at);
    if (code === 62) return at + 1;
    if (code === 60) return at;
    if ((code === 34 || code === 39) && html[at - 1] === '=') {
      const quote = html.indexOf(html[at] ?? '', at + 1);
      if (quote < 0) return after(html, '>', at);
      at = quote;
    }
  }
  return html.length;
}
