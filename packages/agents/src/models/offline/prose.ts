/** Titles, sentences and texts from the grammar, about the people, places and words of a request. */

import type { Chance } from './chance.ts';
import type { Material } from './material.ts';
import { castOf, chapterIn, filled, taleOf, upper } from './tale.ts';
import { remarks } from './tale-sentences.ts';
import * as words from './words.ts';

export function titleOf(chance: Chance, { topics }: Material): string {
  const first = chance.pick(words.titleFirsts);
  if (topics.length === 0) return `${first} ${chance.pick(words.titleLasts)}`;
  return `${first} ${first.endsWith(' of') ? 'the ' : ''}${upper(chance.pick(topics))}`;
}

export function placeOf(chance: Chance): string {
  return chance.pick(words.places);
}

/** A sentence of the kind, where the grammar has such; else any. */
export function sentenceOf(kind: string, chance: Chance, material: Material): string {
  const known = Object.hasOwn(words.sentences, kind) ? words.sentences[kind] : undefined;
  const { thing, gift = thing, place } = chapterIn(material);
  return filled(chance.pick(known ?? remarks), {
    ...castOf(material, chance),
    object: gift ?? chance.pick(words.objects),
    place: place ?? placeOf(chance),
    topic: chance.pick(material.topics.length > 0 ? material.topics : words.themes),
  });
}

/** Remarks of the grammar that the text has. */
export function remarksIn(text: string): readonly string[] {
  return remarks.filter((remark) => text.includes(remark));
}

/** A remark that the text does not have yet. */
export function remarkOf(chance: Chance, text: string): string {
  const fresh = remarks.filter((remark) => !text.includes(remark));
  return chance.pick(fresh.length > 0 ? fresh : remarks);
}

/**
 * A tale, or a chapter of one, of about so many words. Of a draft that is revised the opening, the end and most of what is
 * between them stay as they are; what is new there tells the same with other words.
 */
export function proseOf(chance: Chance, material: Material): string {
  const { draft } = material.sections;
  if (typeof draft !== 'string' || draft === '') return taleOf(material, '', chance).join('\n\n');
  const other = taleOf(material, draft, chance);
  const paragraphs = draft.split('\n\n');
  const newOr = (paragraph: string, told = ''): string => (draft.includes(told) ? paragraph : told);
  const isKept = (index: number): boolean => index === 0 || index >= paragraphs.length - 2 || chance.next() < 0.6;
  return paragraphs.map((paragraph, index) => (isKept(index) ? paragraph : newOr(paragraph, other[index]))).join('\n\n');
}
