/** Sentences and paragraphs from the grammar, about the people, places and words of a request. */

import type { Chance } from './chance.ts';
import type { Material } from './material.ts';
import * as words from './words.ts';

export function personOf(chance: Chance): string {
  return `${chance.pick(words.firstNames)} ${chance.pick(words.lastNames)}`;
}

export function titleOf(chance: Chance, { topics }: Material): string {
  const topic = topics.length > 0 && chance.next() < 0.6 ? upper(chance.pick(topics)) : chance.pick(words.titleLasts);
  return `${chance.pick(words.titleFirsts)} ${topic}`;
}

export function placeOf(chance: Chance): string {
  return chance.pick(words.places);
}

/** A sentence of the kind, where the grammar has such; else of any. */
export function sentenceOf(kind: string, chance: Chance, material: Material): string {
  const known = Object.hasOwn(words.sentences, kind) ? words.sentences[kind] : undefined;
  return filled(chance.pick(known ?? words.thoughts), sceneOf(chance, material), chance);
}

/**
 * Paragraphs of about so many words, from an opening to an end. A draft that is revised keeps two of three of its
 * paragraphs as they are.
 */
export function proseOf(chance: Chance, material: Material): string {
  const draft = material.sections['draft'];
  const scene = sceneOf(chance, material);
  if (typeof draft === 'string' && draft !== '')
    return draft
      .split('\n\n')
      .map((paragraph) => (chance.next() < 0.34 ? paragraphOf(scene, chance, countWords(paragraph), []).text : paragraph))
      .join('\n\n');
  const paragraphs: string[] = [];
  let used: readonly string[] = [];
  for (let left = material.words; left > 0;) {
    const lead = paragraphs.length === 0 ? words.openings : left < 70 ? words.closings : undefined;
    const made = paragraphOf(scene, chance, Math.min(left, chance.between(35, 80)), used, lead);
    paragraphs.push(made.text);
    used = made.used;
    left -= countWords(made.text);
  }
  return paragraphs.join('\n\n');
}

/** What a reader counts. */
export function countWords(text: string): number {
  return text.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu)?.length ?? 0;
}

interface Scene {
  readonly hero: string;
  readonly other: string;
  readonly place: string;
  readonly object: string;
  readonly topics: readonly string[];
}

function sceneOf(chance: Chance, { people, place, topics }: Material): Scene {
  const hero = people[0] ?? personOf(chance);
  return {
    hero,
    other: people.length > 1 ? chance.pick(people.slice(1)) : personOf(chance),
    place: place ?? placeOf(chance),
    object: chance.pick(words.objects),
    topics: topics.length > 0 ? topics : words.themes,
  };
}

/** Templates used lately are not used again. */
function paragraphOf(
  scene: Scene,
  chance: Chance,
  atLeast: number,
  used: readonly string[],
  lead?: readonly string[],
): { readonly text: string; readonly used: readonly string[] } {
  const kinds = [words.actions, words.actions, words.thoughts, words.speeches, words.speeches, words.turns];
  const recent = [...used].slice(-18);
  const made: string[] = [];
  for (let kind = lead ?? chance.pick(kinds); made.length === 0 || countWords(made.join(' ')) < atLeast; kind = chance.pick(kinds)) {
    const fresh = kind.filter((template) => !recent.includes(template));
    const template = chance.pick(fresh.length > 0 ? fresh : kind);
    recent.push(template);
    made.push(filled(template, scene, chance));
  }
  return { text: made.join(' '), used: recent };
}

function filled(template: string, scene: Scene, chance: Chance): string {
  return template.replaceAll(/\{(\w+)\}/g, (_all, slot: string) => {
    const value = valueOf(slot.toLowerCase(), scene, chance);
    return /^[A-Z]/.test(slot) ? upper(value) : value;
  });
}

/** After the first time, people go by their first names mostly. */
function valueOf(slot: string, { hero, other, place, object, topics }: Scene, chance: Chance): string {
  switch (slot) {
    case 'hero':
      return hero.split(' ')[0] ?? hero;
    case 'other':
      return other.split(' ')[0] ?? other;
    case 'place':
      return place;
    case 'object':
      return object;
    case 'topic':
      return chance.pick(topics);
    default:
      return chance.pick(words.weathers);
  }
}

function upper(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
