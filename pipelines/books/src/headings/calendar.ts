/**
 * What counts without being a number: letters of the alphabet, months, years and dates alone on their lines. They order a
 * dictionary, a chronicle or a diary as numbers order chapters, and are titles all the same.
 */

import { stripMarkup } from './read-label.ts';
import type { Label, NameScheme } from './label.ts';

const list = (text: string): readonly string[] => text.split(' ');

/** By language: English, French, German, Spanish, Italian, Portuguese, Dutch, Swedish. */
const months: ReadonlyMap<string, number> = new Map(
  [
    'january february march april may june july august september october november december',
    'janvier février mars avril mai juin juillet août septembre octobre novembre décembre',
    'januar februar märz april mai juni juli august september oktober november dezember',
    'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre',
    'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre',
    'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro',
    'januari februari maart april mei juni juli augustus september oktober november december',
    'januari februari mars april maj juni juli augusti september oktober november december',
  ].flatMap((names) => list(names).map((name, index) => [name, index + 1] as const)),
);

const weekdays: ReadonlySet<string> = new Set(
  list(
    'monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi dimanche ' +
      'montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag lunes martes miércoles jueves viernes sábado domingo ' +
      'lunedì martedì mercoledì giovedì venerdì sabato domenica maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ' +
      'måndag tisdag onsdag torsdag fredag lördag söndag',
  ),
);

/** Words between the parts of a date, and those before a year. */
const small: ReadonlySet<string> = new Set(list('the of de der den le el il di ad anno st nd rd th er'));

/** Months in capitals only. */
const verbs: ReadonlySet<string> = new Set(['may', 'march']);

const longest = 48;

/** The text as something that counts, its `title` being the whole; null where it is more than that, or less. */
export function countingName(row: string): Label | null {
  const text = stripMarkup(row);
  if (text.length > longest || !/^[\p{Lu}\d]/u.test(text)) return null;
  if (/^[A-Z]\.?$/.test(text)) return named('letters', text, text.charCodeAt(0) - 0x40);
  const date = dateIn(text);
  if (date === null || date.rest) return null;
  const { year, month, day } = date;
  if (day !== null && month !== null) return named('dates', text, (year ?? 0) * 372 + month * 31 + day);
  if (month !== null) return named('months', text, (year ?? 0) * 12 + month);
  return year === null ? null : named('years', text, year);
}

/** Whether a row says when: it ends with a month and a day or a year, whatever stands before. */
export function isDated(text: string): boolean {
  const date = text.length > 100 ? null : dateIn(stripMarkup(text));
  return date !== null && date.month !== null && (date.day !== null || date.year !== null);
}

interface DateIn {
  readonly year: number | null;
  readonly month: number | null;
  readonly day: number | null;
  /** Whether there are words beside. */
  readonly rest: boolean;
}

function dateIn(text: string): DateIn | null {
  let [year, month, day]: [number | null, number | null, number | null] = [null, null, null];
  let rest = false;
  for (const part of text.match(/\p{L}+|\d+/gu) ?? []) {
    const name = part.toLowerCase();
    const number = /^\d/.test(part) ? Number(part) : null;
    const monthly = months.get(name);
    if (monthly !== undefined && month === null && !verbs.has(part)) month = monthly;
    else if (number !== null && number >= 1000 && number < 2100 && year === null) year = number;
    else if (number !== null && number >= 1 && number <= 31 && day === null) day = number;
    else if (number !== null || !(weekdays.has(name) || small.has(name) || name.length === 1)) rest = true;
  }
  return year === null && month === null ? null : { year, month, day, rest };
}

/** How far one may be from the one before: some letters begin no words, and nobody writes every day. */
const reach: { readonly [scheme in NameScheme]: number } = { letters: 4, months: 3, years: 100, dates: 372 };

/** Whether `label` counts on from `last`; null where it is a number, which has rules of its own. */
export function countsOn({ scheme, value }: Label, last: number): boolean | null {
  if (!isCounting(scheme)) return null;
  return value! > last && value! - last <= reach[scheme];
}

export function isCounting(scheme: Label['scheme']): scheme is NameScheme {
  return scheme in reach;
}

function named(scheme: NameScheme, text: string, value: number): Label {
  return { keyword: null, number: text, value, scheme, title: text, apart: true };
}
