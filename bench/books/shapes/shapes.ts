/** Every shape by its name; a shape and a seed make one book, always the same. */

import { languages } from './languages.ts';
import { makeWith, type Shape } from './make.ts';
import { mixed } from './mixed.ts';
import { novels } from './novels.ts';
import { pieces } from './pieces.ts';
import { print, type PrintedWork } from './press.ts';
import type { Language } from './prose.ts';

interface NamedShape {
  readonly name: string;
  readonly language: Language;
  readonly make: Shape;
}

const english = (shapes: { readonly [name: string]: Shape }): NamedShape[] =>
  Object.entries(shapes).map(([name, make]) => ({ name, language: 'en', make }));

/** Books of the random shape for each one of another. */
export const mixedShare = 8;

export const shapes: readonly NamedShape[] = [
  ...english(novels),
  ...english(pieces),
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
