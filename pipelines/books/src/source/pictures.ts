/**
 * Pictures of marked-up text: noticed while its lines are made, and placed among them afterwards. What they are made of
 * is read elsewhere (`picture-files.ts`), where it is wanted.
 *
 * 1. A picture never adds a letter to the text and takes none away.
 * 2. What is printed with a picture is its caption: the lines of the figure around it, or of a caption right behind it.
 * 3. A picture leads where something begins with it that has a heading: it belongs to what follows.
 */

import { decodeHTML } from 'entities';
import { countLetters } from '../document.ts';
import { drawingOf } from './drawing.ts';
import type { LineBuilder, TextPlace } from './builder.ts';
import type { SourceIssue, SourceLine, SourcePicture } from './source.ts';
import { attributesOf, isAfter, typesOf } from './watch.ts';

/** From the place of its first letter to that after its last one. */
interface Extent {
  readonly from: TextPlace;
  to: TextPlace;
}

export interface NoticedPicture {
  readonly href: string;
  /** Null where the markup says nothing of what it shows; empty where it says that it shows nothing. */
  readonly alt: string | null;
  readonly at: TextPlace;
  /** The element that holds it together with its caption. */
  readonly figure: Extent | null;
  /** A caption that begins behind it. */
  below: Extent | null;
  /** The elements around it. */
  readonly around: readonly Extent[];
}

export interface PictureWatch {
  readonly noticed: NoticedPicture[];
  /** Drawings in the markup itself that show what stands elsewhere in their page. */
  drawings: number;
  readonly start: (name: string, tag: string) => void;
  readonly end: (name: string) => void;
  /** An `svg` element as a whole. */
  readonly drawing: (markup: string) => void;
  /** After the last line of the file. */
  readonly close: () => void;
}

const holders: ReadonlySet<string> = new Set('article body center div figcaption figure header p section span td'.split(' '));
/** What publishers and Project Gutenberg call the element around a picture, and the one below it. */
const figureType: RegExp = /^(?:fig|ill[ou]|image|img|picture|plate|photo)/;
const captionType: RegExp = /^(?:fig)?(?:caption|legend)/;
const pictureName: RegExp = /\.(?:jpe?g|png|gif|webp|svg)(?:[?#].*)?$/i;
/** Deeper elements are not watched. */
const maxOpen = 400;

export function pictureWatch(builder: LineBuilder): PictureWatch {
  const noticed: NoticedPicture[] = [];
  const open: { readonly name: string; readonly extent: Extent; readonly isFigure: boolean }[] = [];
  const objects: { readonly attributes: ReadonlyMap<string, string>; readonly before: number }[] = [];
  const add = (href: string, alt: string | null): void => {
    const around = open.map(({ extent }) => extent);
    const figure = open.findLast(({ isFigure }) => isFigure)?.extent ?? null;
    noticed.push({ href: href.trim(), alt: plainAlt(alt), at: builder.place(), figure, below: null, around });
  };
  /** A page shows what is inside of an object where it cannot show the object itself: a picture there is the same one. */
  const addObject = (attributes: ReadonlyMap<string, string>, before: number): void => {
    const href = attributes.get('data') ?? attributes.get('src') ?? '';
    const type = attributes.get('type') ?? '';
    const isPicture = type === '' ? pictureName.test(href) : type.startsWith('image/');
    if (isPicture && href !== '' && noticed.length === before) add(href, attributes.get('aria-label') ?? attributes.get('title') ?? null);
  };
  const watch: PictureWatch = {
    noticed,
    drawings: 0,
    start: (name, tag) => {
      if (name === 'img') {
        const attributes = attributesOf(tag);
        const href = attributes.get('src') ?? '';
        const alt = attributes.get('alt') ?? null;
        if (href !== '' && drawnLetter(alt) === null) add(href, alt);
      } else if (name === 'embed') addObject(attributesOf(tag), noticed.length);
      else if (name === 'object' && objects.length < maxOpen) objects.push({ attributes: attributesOf(tag), before: noticed.length });
      else if (holders.has(name) && !tag.endsWith('/>') && open.length < maxOpen) {
        const types = typesOf(attributesOf(tag));
        const from = builder.place();
        const extent: Extent = { from, to: from };
        const last = noticed.at(-1);
        if (last?.below === null && types.some((type) => captionType.test(type))) last.below = extent;
        open.push({ name, extent, isFigure: name === 'figure' || types.some((type) => figureType.test(type)) });
      }
    },
    end: (name) => {
      const object = name === 'object' ? objects.pop() : undefined;
      if (object !== undefined) addObject(object.attributes, object.before);
      if (!holders.has(name)) return;
      const index = open.findLastIndex((one) => one.name === name);
      if (index < 0) return;
      const to = builder.place();
      for (const { extent } of open.splice(index)) extent.to = to;
    },
    drawing: (markup) => {
      const tag = /<(?:\w+:)?image\b[^>]*>/i.exec(markup)?.[0];
      const attributes = attributesOf(tag ?? '');
      const href = attributes.get('xlink:href') ?? attributes.get('href');
      const drawing = href === undefined ? drawingOf(markup) : null;
      if (href !== undefined) add(href, titleOf(markup) ?? attributesOf(/^[^>]*>/.exec(markup)![0]).get('aria-label') ?? null);
      else if (drawing?.href === null) watch.drawings += 1;
      else if (drawing !== null) add(drawing.href, drawing.alt);
    },
    close: () => {
      for (const { attributes, before } of objects.splice(0).toReversed()) addObject(attributes, before);
      const to = builder.place();
      for (const { extent } of open) extent.to = to;
    },
  };
  return watch;
}

/** Of a drawing, as SVG has it. */
function titleOf(markup: string): string | undefined {
  const title = /<title>([^<]*)<\/title>/i.exec(markup)?.[1];
  return title === undefined ? undefined : decodeHTML(title);
}

/** A picture of one letter is that letter: the first of a chapter, drawn. */
export function drawnLetter(alt: string | null): string | null {
  return /^\s*(\p{L})\s*$/u.exec(alt ?? '')?.[1] ?? null;
}

/** Without the words that only say that it is a picture; they alone say nothing. */
function plainAlt(alt: string | null): string | null {
  const whole = (alt ?? '').replace(/\s+/g, ' ').trim();
  const plain = /^\[?\s*(?:illustration|image|picture)\b\s*[:.—–-]*\s*(.*?)\s*\]?$/i.exec(whole)?.[1] ?? whole;
  return plain === '' && (alt === null || whole !== '') ? null : plain.slice(0, maxAltLength);
}

/** What a screen reader reads out before anybody loses patience. */
const maxAltLength = 1_000;

interface PicturedFile {
  /** Index into the source's files. */
  readonly file: number;
  /** Its lines, [from, to). */
  readonly from: number;
  readonly to: number;
  readonly codePoints: number;
  /** What an address in the file names. */
  readonly locate: (href: string) => Pick<SourcePicture, 'archive' | 'path'>;
}

/** More lines, or more letters, are no caption. */
const maxCaptionLines = 12;
const maxCaptionLetters = 2_000;
/** A heading comes soon, or the picture does not lead it. */
const maxLinesToHeading = 16;

/** Marks the lines of captions as such. */
export function placedPictures(noticed: readonly NoticedPicture[], lines: SourceLine[], of: PicturedFile): SourcePicture[] {
  return noticed.map((picture, index) => {
    const caption = captionOf(picture, noticed[index - 1], noticed[index + 1], lines);
    for (const line of caption) lines[line] = { ...lines[line]!, markup: { ...lines[line]!.markup, within: 'illustration' } };
    const first = lines[caption[0] ?? -1];
    const line = picture.at.line < of.to ? lines[picture.at.line] : undefined;
    return {
      ...of.locate(picture.href),
      alt: picture.alt,
      file: of.file,
      at: first?.start ?? (line === undefined ? of.codePoints : picture.at.at > 0 ? line.end : line.start),
      captioned: first !== undefined,
      leads: leads(picture, caption, lines),
    };
  });
}

export function drawingsIssue(drawings: number): SourceIssue[] {
  const [count, show, are] = drawings === 1 ? ['1 drawing', 'shows', 'is'] : [`${String(drawings)} drawings`, 'show', 'are'];
  const message = `${count} in the markup (svg) ${show} what stands elsewhere in the page, and ${are} not carried over`;
  return drawings === 0 ? [] : [{ type: 'picture_drawn', message }];
}

/** Lines that are printed with the picture and with no other one. */
function captionOf(
  { figure, below, at }: NoticedPicture,
  before: NoticedPicture | undefined,
  after: NoticedPicture | undefined,
  lines: readonly SourceLine[],
): number[] {
  const extent = figure ?? (below !== null && isSame(below.from, at) ? below : null);
  if (extent === null) return [];
  const within = printedIn(extent, lines);
  const own = (line: number): boolean => line >= at.line && !(after !== undefined && after.figure === figure && line >= after.at.line);
  const behind = within.filter(own);
  const found = behind.length > 0 || before?.figure === figure || after?.figure === figure ? behind : within;
  const letters = found.reduce((sum, line) => sum + countLetters(lines[line]!.text), 0);
  const isCaption = found.length <= maxCaptionLines && letters <= maxCaptionLetters;
  return isCaption && found.every((line) => lines[line]!.level === undefined) ? found : [];
}

function printedIn({ from, to }: Extent, lines: readonly SourceLine[]): number[] {
  const found: number[] = [];
  const end = Math.min(to.at > 0 ? to.line + 1 : to.line, lines.length);
  for (let line = from.line; line < end && found.length <= maxCaptionLines; line += 1) if (lines[line]!.text !== '') found.push(line);
  return found;
}

function leads({ at, around }: NoticedPicture, caption: readonly number[], lines: readonly SourceLine[]): boolean {
  for (const extent of around) {
    if (!isSame(extent.from, at)) continue;
    const end = Math.min(extent.to.line + 1, at.line + maxLinesToHeading, lines.length);
    for (let line = at.line; line < end; line += 1) {
      if (lines[line]!.level !== undefined) return true;
      if (lines[line]!.text !== '' && !caption.includes(line)) break;
    }
  }
  return false;
}

function isSame(one: TextPlace, other: TextPlace): boolean {
  return !isAfter(one, other) && !isAfter(other, one);
}
