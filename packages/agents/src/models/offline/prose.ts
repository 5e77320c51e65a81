/** Sentences and paragraphs from the grammar, about the people, places and words of a request. */

import type { Chance } from './chance.ts';
import type { Material } from './material.ts';
import * as words from './words.ts';

export function personOf(chance: Chance): string {
  return `${chance.pick(words.firstNames)} ${chance.pick(words.lastNames)}`;
}

export function titleOf(chance: Chance, { topics }: Material): string {
  const first = chance.pick(words.titleFirsts);
  if (topics.length === 0 || chance.next() < 0.4) return `${first} ${chance.pick(words.titleLasts)}`;
  return `${first} ${first.endsWith(' of') ? 'the ' : ''}${upper(chance.pick(topics))}`;
}

export function placeOf(chance: Chance): string {
  return chance.pick(words.places);
}

/** A sentence of the kind, where the grammar has such; else of any. */
export function sentenceOf(kind: string, chance: Chance, material: Material): string {
  const known = Object.hasOwn(words.sentences, kind) ? words.sentences[kind] : undefined;
  return filled(chance.pick(known ?? words.thoughts), sceneOf(chance, material), chance);
}

/** A sentence about nobody in particular, which the text does not have yet. */
export function remarkOf(chance: Chance, text: string): string {
  const remarks = words.thoughts.filter((template) => !template.includes('{'));
  const fresh = remarks.filter((remark) => !text.includes(remark));
  return chance.pick(fresh.length > 0 ? fresh : remarks);
}

/**
 * Paragraphs of about so many words, from an opening to an end. A draft that is revised keeps both, and most of what is
 * between them, as they are; what is new there is about what the rest is about.
 */
export function proseOf(chance: Chance, material: Material): string {
  const draft = material.sections['draft'];
  const scene = sceneOf(chance, material);
  if (typeof draft === 'string' && draft !== '') {
    const standing = usedIn(draft);
    const paragraphs = draft.split('\n\n');
    return paragraphs
      .map((paragraph, index) => {
        const isInner = index > 0 && index < paragraphs.length - 1;
        return isInner && chance.next() < 0.4 ? paragraphOf(scene, chance, countWords(paragraph), standing) : paragraph;
      })
      .join('\n\n');
  }
  const used: string[] = [];
  const paragraphs: string[] = [];
  for (let left = material.words; left > 0;) {
    const opening = paragraphs.length === 0 ? [sentenceFrom(words.openings, scene, chance, used)] : [];
    const atLeast = Math.min(left, chance.between(35, 80));
    const body = paragraphOf(scene, chance, atLeast - countWords(opening.join(' ')), used);
    const closing = left - atLeast < 20 ? [sentenceFrom(words.closings, scene, chance, used)] : [];
    const made = [...opening, body, ...closing].join(' ');
    paragraphs.push(made);
    left -= countWords(made);
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

function sceneOf(chance: Chance, { people, place, topics, sections }: Material): Scene {
  const draft = typeof sections['draft'] === 'string' ? sections['draft'] : '';
  const known = (names: readonly string[], asTold: (name: string) => string = (name) => name): readonly string[] => {
    const there = names.filter((name) => draft.includes(asTold(name)));
    return there.length > 0 ? there : names;
  };
  const hero = people[0] ?? personOf(chance);
  return {
    hero,
    other: people.length > 1 ? chance.pick(known(people.slice(1), firstNameOf)) : personOf(chance),
    place: place ?? placeOf(chance),
    object: chance.pick(known(words.objects)),
    topics: topics.length > 0 ? topics : words.themes,
  };
}

/** What kinds of sentences follow one another in a paragraph. */
const forms: readonly (readonly (readonly string[])[])[] = [
  [words.actions, words.thoughts, words.actions],
  [words.speeches, words.actions],
  [words.actions, words.actions, words.turns],
  [words.thoughts, words.actions],
  [words.speeches, words.thoughts],
];

function paragraphOf(scene: Scene, chance: Chance, atLeast: number, used: string[]): string {
  const form = chance.pick(forms);
  const made: string[] = [];
  for (let next = 0; made.length === 0 || countWords(made.join(' ')) < atLeast; next += 1)
    made.push(sentenceFrom(form[next % form.length] ?? words.actions, scene, chance, used));
  return made.join(' ');
}

/** One comes again when all of its kind were there, and not before half of the others have come again; `used` takes it. */
function sentenceFrom(kind: readonly string[], scene: Scene, chance: Chance, used: string[]): string {
  const uses = kind.map((template) => used.filter((one) => one === template).length);
  const fewest = Math.min(...uses);
  const candidates = kind.filter((_, index) => uses[index] === fewest);
  const oldest = candidates.toSorted((a, b) => used.lastIndexOf(a) - used.lastIndexOf(b));
  const template = chance.pick(fewest === 0 ? candidates : oldest.slice(0, Math.ceil(oldest.length / 2)));
  used.push(template);
  return filled(template, scene, chance);
}

/** The templates that a text was made of, known by the longest piece of each that no slot fills. */
function usedIn(text: string): string[] {
  const all = [words.openings, words.actions, words.thoughts, words.speeches, words.turns, words.closings].flat();
  const pieceOf = (template: string): string => template.split(/\{\w+\}/).toSorted((a, b) => b.length - a.length)[0] ?? template;
  return all.filter((template) => text.includes(pieceOf(template)));
}

function filled(template: string, scene: Scene, chance: Chance): string {
  return template.replaceAll(/\{(\w+)\}/g, (_all, slot: string) => {
    const value = valueOf(slot.toLowerCase(), scene, chance);
    return /^[A-Z]/.test(slot) ? upper(value) : value;
  });
}

/** By which people go. */
function firstNameOf(name: string): string {
  return name.split(' ')[0] ?? name;
}

function valueOf(slot: string, { hero, other, place, object, topics }: Scene, chance: Chance): string {
  switch (slot) {
    case 'hero':
      return firstNameOf(hero);
    case 'other':
      return firstNameOf(other);
    case 'place':
      return place;
    case 'object':
      return object;
    case 'topic':
      return chance.pick(topics);
    default:
      return chance.pick(details[slot] ?? words.weathers);
  }
}

const details: { readonly [slot: string]: readonly string[] } = {
  weather: words.weathers,
  hour: words.hours,
  sound: words.sounds,
  gesture: words.gestures,
  trifle: words.trifles,
};

function upper(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
