/** Every shape by its name; a shape and a seed make one book, always the same. */

import { chinese } from './chinese.ts';
import { collections } from './collections.ts';
import { editions } from './editions.ts';
import { languages } from './languages.ts';
import { makeWith, type Shape } from './make.ts';
import { manners } from './manners.ts';
import { mixed } from './mixed.ts';
import { narratives } from './narratives.ts';
import { novels } from './novels.ts';
import { pieces } from './pieces.ts';
import { print, type PrintedWork } from './press.ts';
import type { Language } from './prose.ts';
import { reference } from './reference.ts';
import { settings } from './settings.ts';

interface NamedShape {
  readonly name: string;
  readonly language: Language;
  readonly make: Shape;
}

const named = (shapes: { readonly [name: string]: Shape }, language: Language = 'en'): NamedShape[] =>
  Object.entries(shapes).map(([name, make]) => ({ name, language, make }));

/** Books of the random shape for each one of another. */
export const mixedShare = 8;

export const shapes: readonly NamedShape[] = [
  ...named(novels),
  ...named(pieces),
  ...named(editions),
  ...named(manners),
  ...named(collections),
  ...named(narratives),
  ...named(reference),
  ...named(settings),
  ...named(chinese, 'zh'),
  ...Object.entries(languages).map(([name, { language, make }]) => ({ name, language, make })),
  { name: 'mixed', language: 'en', make: mixed },
];

export function printShape({ name, language, make: shape }: NamedShape, seed: number): PrintedWork {
  const make = makeWith(
    seed * 7919 + [...name].reduce((sum, character) => (sum * 31 + character.codePointAt(0)!) % 1_000_003, 7),
    language,
  );
  return print(`${name}, ${String(seed)}`, shape(make), make.chance);
}
