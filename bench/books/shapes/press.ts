/** Prints a work as transcribers of old books do, and says where each unit's first words came to stand. */

import type { Chance } from '@scriptorium/books/chance';
import type { GoldBook, GoldUnit } from '../score/gold.ts';
import { keyOf } from '../score/key.ts';
import { footerOf, headerOf } from './distributor.ts';
import type { Unit, Work } from './work.ts';

export interface PrintedWork {
  readonly text: string;
  readonly gold: GoldBook;
}

export function print(id: string, work: Work, chance: Chance): PrintedWork {
  const { distributor, indented, width } = work.setting;
  let text = '';
  let points = 0;
  const row = (line: string): void => {
    text += `${line}\n`;
    points += [...line].length + 1;
  };
  const blank = (count: number): void => {
    for (let index = 0; index < count; index += 1) row('');
  };
  for (const line of headerOf(distributor, work)) row(line);
  for (const line of titlePage(work)) row(line);
  for (const line of work.preliminary) row(line);
  if (work.contents !== null) for (const line of contentsRows(work, chance)) row(line);
  if (work.halfTitle) for (const line of ['', '', '', work.title.toUpperCase(), '']) row(line);
  const offsets: number[] = [];
  for (const unit of work.units) {
    blank(unit.above);
    for (const line of unit.heading) row(line);
    if (unit.text.length > 0) blank(unit.heading.length === 0 ? 0 : unit.below);
    offsets.push(points);
    for (const [index, paragraph] of unit.text.entries()) {
      const whole = paragraph.includes('\n');
      if (index > 0 && (!indented || whole || unit.text[index - 1]!.includes('\n'))) row('');
      for (const line of whole ? paragraph.split('\n') : wrapped(paragraph, width, indented ? '  ' : '')) row(line);
    }
  }
  if (chance.happens(0.6))
    for (const line of ['', '', chance.pick(['THE END', '                              THE END.', 'FINIS', '_The End._'])]) row(line);
  blank(4);
  for (const line of footerOf(distributor, work)) row(line);
  return { text, gold: { id, contents: null, units: goldOf(work.units, offsets) } };
}

function goldOf(units: readonly Unit[], offsets: readonly number[]): GoldUnit[] {
  const open: { readonly index: number; readonly level: number }[] = [];
  return units.map((unit, index) => {
    while (open.length > 0 && open.at(-1)!.level >= unit.level) open.pop();
    const parent = open.at(-1)?.index ?? null;
    open.push({ index, level: unit.level });
    return {
      offset: unit.text.length === 0 ? null : offsets[index]!,
      matter: unit.matter,
      level: unit.level,
      value: unit.value,
      titles: [...new Set([keyOf(unit.title), keyOf(unit.heading.join(' '))])],
      parent,
      listed: unit.heading.length > 0,
    };
  });
}

function titlePage({ title, author }: Work): string[] {
  return ['', '', title.toUpperCase(), '', '', 'by', '', author.toUpperCase(), '', '', 'LONDON', 'PRINTED FOR THE BOOKSELLERS', '', ''];
}

function contentsRows({ units, contents }: Work, chance: Chance): string[] {
  const { title, pages, indent, gap, wrong, topics } = contents!;
  const rows: string[] = ['', '', `${' '.repeat(indent * 3)}${title}`, ''];
  const listed = units.filter((unit) => unit.entry !== null);
  const left = wrong ? chance.integer(listed.length) : -1;
  let page = 1;
  for (const [index, unit] of listed.entries()) {
    page += 1 + Math.round(unit.text.join(' ').length / 1800);
    if (index === left) continue;
    const entry = `${' '.repeat(indent + 2 * (unit.level - 1))}${unit.entry!}`;
    if (pages === 'none' || unit.text.length === 0) rows.push(entry);
    else if (pages === 'spaces') rows.push(`${entry}${' '.repeat(Math.max(2, 64 - entry.length))}${String(page)}`);
    else rows.push(`${entry} ${' .'.repeat(Math.max(2, (62 - entry.length) >> 1))} ${String(page)}`);
    if (topics && unit.text.length > 0)
      for (const line of wrapped(
        `${' '.repeat(indent + 4)}${units
          .slice(0, 5)
          .map((other) => other.title || 'The quarrel')
          .join('--')}--${unit.title}`,
      ))
        rows.push(line);
    if (gap === 1 || unit.text.length === 0) rows.push('');
  }
  if (wrong) rows.push(`${' '.repeat(indent)}The Chapter That Was Never Written`);
  return [...rows, '', '', ''];
}

function wrapped(text: string, width: number | null = 72, first: string = ''): string[] {
  if (width === null) return [first + text];
  const rows: string[] = [];
  const indent = /^ */.exec(text)![0];
  let row = first;
  for (const word of text.slice(indent.length).split(' ')) {
    if (row !== '' && indent.length + row.length + word.length + 1 > width) {
      rows.push(indent + row);
      row = word;
    } else row += (row === '' || row === first ? '' : ' ') + word;
  }
  return [...rows, indent + row];
}
