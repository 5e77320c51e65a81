/** Reads a printed contents list: rows to entries, second lines joined, page numbers off. */

import type { Block, Section } from '../document.ts';
import { keywordLevel } from '../headings/keywords.ts';
import { parseLabel, stripMarkup } from '../headings/read-label.ts';
import type { Label } from '../headings/label.ts';
import { withoutPage } from '../headings/piece.ts';
import { roleOf } from '../headings/roles.ts';

export interface PrintedEntry {
  readonly label: Label | null;
  readonly title: string;
  readonly full: string;
  /** 1 holds chapters, 2 is a chapter, 3 is inside one; null where the row does not say. */
  readonly rank: number | null;
}

interface Row {
  readonly text: string;
  readonly paged: boolean;
  readonly indent: number;
  readonly gap: number;
  readonly label: Label | null;
}

const columnHead = /^(?:pages?|chapters?|chap\.?|no\.?|vol\.?|seite|kapitel|chapitre|part|book)(?:[\s.]+(?:pages?|seite|title)\.?)?$/i;

/** The entries of a contents section, in the order they are printed. */
export function readEntries(section: Section): PrintedEntry[] {
  const rows = section.blocks.flatMap((block, index) => (index === 0 && isListTitle(block) ? [] : rowOf(block)));
  const style: Style = {
    paged: rows.filter((row) => row.paged).length > rows.length * 0.15,
    labelled: rows.filter((row) => row.label !== null).length > rows.length * 0.15,
    untitled: areUntitled(rows),
    topics: topicIndents(rows),
  };
  const named = withoutSummaries(rows, style);
  const entries: Row[] = [];
  for (const [index, row] of named.entries()) {
    const last = entries.at(-1);
    if (last !== undefined && continues(last, row, style) && !opensPart(last, row, named[index + 1]) && !isOutside(row, last, entries))
      entries[entries.length - 1] = join(last, row);
    else entries.push(row);
  }
  return withNumbers(entries).map((row) => ({
    label: row.label,
    title: row.label === null ? row.text : row.label.title,
    full: row.text,
    rank: row.label?.keyword == null ? null : keywordLevel(row.label.keyword),
  }));
}

/** The first row is an entry whatever it says. */
function withoutSummaries(rows: readonly Row[], style: Style): readonly Row[] {
  const entries: Row[] = [];
  let summary: Row | null = null;
  for (const row of rows) {
    summary = entries.length > 0 && (isSummary(row, style) || goesOn(summary, row)) ? row : null;
    if (summary === null) entries.push(row);
  }
  return entries;
}

/** Numbers that go from one bare entry to the next are labels: `IV Who Has Won` stands between `III …` and `V …`. */
function withNumbers(rows: readonly Row[]): readonly Row[] {
  const labels = rows.map(({ text, label }) => (label === null && numbered.test(text) ? parseLabel(text.replace(' ', '. ')) : null));
  const known = labels.filter((label) => label !== null);
  const steps = known.filter((label, index) => index > 0 && label.value === (known[index - 1]?.value ?? 0) + 1);
  const isRun = steps.length >= 2 && steps.length * 5 >= (known.length - 1) * 4;
  return isRun ? rows.map((row, index) => ({ ...row, label: row.label ?? labels[index] ?? null })) : rows;
}

/** How the list is set: whether its entries have page numbers, and whether they are numbered. */
interface Style {
  readonly paged: boolean;
  readonly labelled: boolean;
  /** Whether numbers stand below one another, without titles between. */
  readonly untitled: boolean;
  /** How far rows of topics are set in. */
  readonly topics: ReadonlySet<number>;
}

function areUntitled(rows: readonly Row[]): boolean {
  const bare = rows.flatMap((row, index) => (row.label?.title === '' ? [rows[index + 1]] : []));
  const below = bare.filter((row) => row !== undefined && row.label !== null);
  return below.length >= 2 && below.length * 2 > bare.length;
}

/** Depths at which most rows are topics between dashes, so that what the others hold goes on with them. */
function topicIndents(rows: readonly Row[]): ReadonlySet<number> {
  const depths = Map.groupBy(rows, (row) => row.indent);
  const topics = new Set(paragraphsOf(rows, depths).flatMap((members) => (areTopics(members) ? members : [])));
  const found = [...depths].filter(
    ([, members]) => members.length >= 6 && members.filter((row) => topics.has(row)).length * 2 >= members.length,
  );
  return new Set(depths.size < 2 ? [] : found.map(([indent]) => indent));
}

/** Rows that go on with the ones above them: as far in, and above them no room for their first words. */
function paragraphsOf(rows: readonly Row[], depths: ReadonlyMap<number, readonly Row[]>): Row[][] {
  const paragraphs: Row[][] = [];
  const widths = new Map([...depths].map(([indent, members]) => [indent, Math.max(...members.map(({ text }) => text.length))]));
  for (const row of rows) {
    const last = paragraphs.at(-1)?.at(-1);
    const first = row.text.split(/ |—|--/, 1)[0]!;
    const isBelow = last !== undefined && row.gap === 0 && row.indent === last.indent && !last.paged && row.label === null;
    if (isBelow && last.text.length + first.length + 1 > widths.get(row.indent)!) paragraphs.at(-1)!.push(row);
    else paragraphs.push([row]);
  }
  return paragraphs;
}

function areTopics(paragraph: readonly Row[]): boolean {
  return paragraph[0]!.label === null && paragraph.reduce((sum, row) => sum + dashesIn(row), 0) >= 2;
}

function dashesIn(row: Row): number {
  return row.text.match(/—|--/g)?.length ?? 0;
}

/**
 * Topics set off by dashes describe the entry above: several of them anywhere, one dash in a list of numbered entries
 * with pages where the row has no page of its own.
 */
function isSummary(row: Row, style: Style): boolean {
  if (row.label !== null) return false;
  const dashes = dashesIn(row);
  return dashes >= 3 || style.topics.has(row.indent) || (dashes >= 1 && style.paged && style.labelled && roleOf(row.text) === null);
}

/** The next line of a summary stands right below it, set in as far. */
function goesOn(summary: Row | null, row: Row): boolean {
  return summary !== null && row.label === null && row.gap === 0 && row.indent >= summary.indent && summary.indent > 0;
}

function isListTitle(block: Block): boolean {
  const role = roleOf(block.text.replace(/^\[\s*\p{L}+\s*:\s*|\]$/gu, ''))?.role;
  return role === 'contents' || role === 'illustrations';
}

function rowOf(block: Block): Row[] {
  const { text, paged } = withoutPage(stripMarkup(block.text));
  const plain = text.trim().replace(/\s+/gu, ' ');
  if (plain === '' || columnHead.test(plain.replace(/[.:]$/, '')) || /^[\d\s.,-]+$/.test(plain) || isListTitle(block)) return [];
  return [{ text: plain, paged, indent: block.layout?.indent ?? 0, gap: block.layout?.gap ?? 0, label: parseLabel(plain) }];
}

/** A row goes on with the entry above when that one lacks its title, or lacks the page number that entries here have. */
function continues(last: Row, row: Row, style: Style): boolean {
  if (row.label !== null && (row.label.keyword !== null || row.label.title !== '')) return false;
  if (roleOf(row.text) !== null) return false;
  if (last.label !== null && last.label.title === '' && !last.paged)
    return row.label === null && !style.untitled && !(isOuter(last.label) && numbered.test(row.text));
  if (row.gap > 0 || row.indent < last.indent) return false;
  if (style.paged)
    return !last.paged && (last.label !== null || row.paged) && last.label?.keyword !== 'part' && last.label?.keyword !== 'book';
  return row.indent > last.indent + 1 && (style.labelled ? last.label !== null : /^\p{Ll}/u.test(row.text));
}

/** Below a part's number: the first of several rows without numbers that are set in alike is a chapter, not the part's title. */
function opensPart(last: Row, row: Row, next: Row | undefined): boolean {
  if (last.label === null || !isOuter(last.label) || row.indent <= last.indent) return false;
  return next !== undefined && next.label === null && next.indent === row.indent;
}

/** Set less far in than the entry above, as others without a number were: what holds chapters, and no title of the last one. */
function isOutside(row: Row, last: Row, entries: readonly Row[]): boolean {
  return row.indent < last.indent && entries.some((entry) => entry.label === null && entry.indent === row.indent);
}

/** `IV The Quay`: prose by itself, an entry in a list. */
const numbered = /^(?:[IVXLC]+|\d{1,3}) \p{Lu}/u;

function isOuter({ keyword }: Label): boolean {
  return keyword !== null && keywordLevel(keyword) === 1;
}

function join(last: Row, row: Row): Row {
  const glued = last.text.endsWith('—')
    ? last.text + row.text
    : `${last.text}${last.label !== null && last.label.title === '' && !/[.:]$/.test(last.text) ? ': ' : ' '}${row.text}`;
  const label =
    last.label === null ? null : { ...last.label, title: last.label.title === '' ? row.text : `${last.label.title} ${row.text}` };
  return { ...last, text: glued, paged: row.paged, label };
}
