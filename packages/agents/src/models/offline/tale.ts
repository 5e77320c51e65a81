/**
 * Tales as the offline writer tells them: somebody with a question goes from one who knows something to the next, and pays
 * each with the thing that the one before gave. What happens follows from the outline, so that chapters which are written
 * at the same time, and drafts that are revised, go together; only with what sentences it is told is chance.
 */

import { chanceOf } from './chance.ts';
import type { Chance } from './chance.ts';
import { asList, asObject } from './material.ts';
import type { Material } from './material.ts';
import * as sentences from './tale-sentences.ts';
import * as words from './words.ts';

/** What an outline says of its chapter of that number, of so many: what it brings, what it leaves with, and for where. */
export function plannedOf(name: string, index: number, count: number, material: Material): string | null {
  const book = bookOf(material);
  const [place, next] = [book.places(index + 1), book.places(index + 2)];
  const [thing, gift] = [book.objects(index), book.objects(index + 1)];
  const isLast = index + 1 === count;
  switch (name) {
    case 'title':
      return isLast ? `What the ${capitals(thing)} Was For` : `A ${capitals(thing)} for a ${capitals(gift)}`;
    case 'purpose':
      return `${book.cast.hero} brings a ${thing} to ${place}, and ${isLast ? LAST : `leaves with a ${gift} for ${next}.`}`;
    case 'place':
      return place;
    default:
      return null;
  }
}

/** As {@link plannedOf} says it. */
const LAST = 'learns how it ends.';
const PLANNED = /brings a (.+?) to (.+?), and (?:leaves with a (.+?) for (.+?)\.|learns how it ends\.)/;

export interface Chapter {
  /** From 1. */
  readonly n: number;
  readonly place: string | undefined;
  /** What it brings, what it leaves with, and for where, as far as the outline says so. */
  readonly thing: string | undefined;
  readonly gift: string | undefined;
  readonly next: string | undefined;
  readonly isLast: boolean;
}

/** What the outline says of the chapter that is asked for; what is asked for without one is all of a tale. */
export function chapterIn({ sections, place }: Material): Chapter {
  const { purpose, n = 1 } = asObject(sections['scene']);
  const [, thing, , gift, next] = PLANNED.exec(String(purpose)) ?? [];
  const isLast = purpose === undefined || (thing !== undefined && gift === undefined);
  return { n: Number.isSafeInteger(n) ? Math.max(1, Number(n)) : 1, thing, gift, next, place: place ?? undefined, isLast };
}

/** Of what has a length of its own, about so many words. */
const LENGTHS = { opening: 58, reopening: 30, closing: 82, parting: 24, errand: 142, crossing: 22 } as const;

/**
 * Its paragraphs. What happens, and in how many of them, follows from the outline alone; `draft` is how it was told before,
 * and `chance` how else it may be.
 */
export function taleOf(material: Material, draft: string, chance: Chance): readonly string[] {
  const chapter = chapterIn(material);
  const isFirst = chapter.n === 1;
  const frame = LENGTHS[isFirst ? 'opening' : 'reopening'] + LENGTHS[chapter.isLast ? 'closing' : 'parting'];
  const room = material.words - frame;
  const errands = Math.max(0, Math.floor(room / LENGTHS.errand));
  const crossings = Math.max(0, Math.round((room - errands * LENGTHS.errand) / LENGTHS.crossing));
  const book = bookOf(material);
  const order = (kind: readonly string[]): Order =>
    draft === '' ? book.order(kind) : orderOf(kind, chance, (template) => draft.includes(longestPieceOf(template)));
  const tell = tellerOf(order, draft === '' ? (chapter.n - 1) * errands : 0);
  const slots = wayOf(material, book, chapter, errands);
  const [begin, end] = [slots(-1), slots(errands)];
  const isNewCompany = isFirst || asList(material.sections['people']).length > 2;
  const company = isNewCompany ? [tell(begin, sentences.companions)] : [];
  const middle = Array.from({ length: errands }, (_, errand) => [
    tell(slots(errand), sentences.arrivals),
    tell(slots(errand), sentences.questions, sentences.answers),
    tell(slots(errand), sentences.wants, sentences.chores),
    tell(slots(errand), sentences.gifts, ...(errand % 2 === 0 ? [sentences.remarks] : [])),
  ]);
  const opening = isFirst ? [tell(begin, sentences.openings), ...company] : [[...company, tell(begin, sentences.reopenings)].join(' ')];
  for (let at = 0; at < crossings; at += 1) {
    const errand = at % Math.max(errands, 1);
    (middle[errand] ?? opening).push(tell(slots(errand), sentences.crossings));
  }
  const closing = chapter.isLast ? [tell(end, sentences.truths), tell(end, sentences.endings)] : [tell(end, sentences.partings)];
  return [...opening, ...middle.flat(), ...(room < 0 ? [] : closing)];
}

/** What is in a list at a number, which may be larger than the list is long. */
type Order = (index: number) => string;

/** One sentence of each kind, as often as it is asked none twice before all were there. */
function tellerOf(
  order: (kind: readonly string[]) => Order,
  first: number,
): (slots: Slots, ...kinds: readonly (readonly string[])[]) => string {
  const orders = new Map<readonly string[], Order>();
  const used = new Map<readonly string[], number>();
  return (slots, ...kinds) =>
    kinds
      .map((kind) => {
        const own = orders.get(kind) ?? order(kind);
        const at = used.get(kind) ?? first;
        orders.set(kind, own);
        used.set(kind, at + 1);
        return filled(own(at), slots);
      })
      .join(' ');
}

/** Of each errand from 0 what is brought, where, to whom, for what, and where it leads; before the first, and after the last. */
function wayOf({ telling }: Material, book: Book, chapter: Chapter, errands: number): (errand: number) => Slots {
  const { n, thing = book.objects(0), gift, place = book.places(1), next } = chapter;
  const first = (n - 1) * errands;
  const thingAt = (errand: number): string =>
    errand <= 0 ? thing : errand === errands && gift !== undefined ? gift : book.objects(first + errand, true);
  const placeAt = (errand: number): string =>
    errand <= 0 ? place : errand === errands && next !== undefined ? next : book.places(first + errand, true);
  return (errand) => ({
    ...book.cast,
    ...book.details(first + errand + 1),
    tale: telling,
    home: book.places(0),
    thing: thingAt(errand),
    gift: thingAt(errand + 1),
    place: placeAt(errand),
    next: placeAt(Math.min(errand + 1, errands)),
  });
}

type Slots = { readonly [slot: string]: string };

/** What all chapters of a tale have in common, since all of them know its concept. */
interface Book {
  readonly cast: { readonly hero: string; readonly other: string };
  readonly order: (list: readonly string[]) => Order;
  /** At the border of two chapters; the first is home. Or those that a chapter comes by. */
  readonly places: (index: number, isWithin?: boolean) => string;
  readonly objects: (index: number, isWithin?: boolean) => string;
  readonly details: (index: number) => Slots;
}

/** So many places and things are kept for where chapters begin and end. */
const BORDERS = 10;

function bookOf(material: Material): Book {
  const { sections, source, topics, setting } = material;
  const key = JSON.stringify(sections['concept'] ?? source);
  const chance = (about: string): Chance => chanceOf(`${about}\n${key}`);
  const order = (list: readonly string[]): Order => orderOf(list, chance(list[0] ?? ''));
  const divided = (list: readonly string[]): ((index: number, isWithin?: boolean) => string) => {
    const at = order(list);
    return (index, isWithin = false) => at(isWithin ? BORDERS + (index % (list.length - BORDERS)) : index % BORDERS);
  };
  const places = divided(words.places.filter((place) => place !== setting));
  const details = Object.entries({ ...words.details, topic: topics.length > 0 ? topics : words.themes });
  const orders = details.map(([slot, list]) => [slot, order(list)] as const);
  return {
    cast: castOf(material, chance('cast')),
    order,
    places: (index, isWithin) => (index === 0 && setting !== null ? setting : places(index, isWithin)),
    objects: divided(words.objects),
    details: (index) => Object.fromEntries(orders.map(([slot, at]) => [slot, at(index)])),
  };
}

export function personOf(chance: Chance): string {
  return `${chance.pick(words.firstNames)} ${chance.pick(words.lastNames)}`;
}

export function castOf({ people }: Material, chance: Chance): Book['cast'] {
  const [hero = personOf(chance), other = personOf(chance)] = people;
  return { hero: firstNameOf(hero), other: firstNameOf(other) };
}

/** The list in an order of its own, again and again, with what comes late at the end of it. */
function orderOf(list: readonly string[], chance: Chance, isLate: (one: string) => boolean = () => false): Order {
  const order = list.map((one) => ({ one, at: chance.next() + (isLate(one) ? 1 : 0) })).toSorted((a, b) => a.at - b.at);
  return (index) => order[index % order.length]?.one ?? '';
}

/** By which a template is known in a text. */
function longestPieceOf(template: string): string {
  return template.split(/\{\w+\}/).toSorted((a, b) => b.length - a.length)[0] ?? template;
}

export function filled(template: string, slots: Slots): string {
  return template.replaceAll(/\{(\w+)\}/g, (_all, slot: string) => {
    const value = slots[slot.toLowerCase()] ?? '';
    return /^[A-Z]/.test(slot) ? upper(value) : value;
  });
}

/** By which people go. */
function firstNameOf(name: string): string {
  return name.split(' ')[0] ?? name;
}

export function upper(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** As in a title. */
function capitals(text: string): string {
  return text.replaceAll(/(?<![\p{L}'])(?!(?:of|in|a|with)\b)\p{L}+/gu, upper);
}
