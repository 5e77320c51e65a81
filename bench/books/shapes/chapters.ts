/** Chapters and what holds them, as most shapes are made of them. */

import type { Make } from './make.ts';
import type { Unit } from './work.ts';

export const ordinals: readonly string[] = 'FIRST SECOND THIRD FOURTH FIFTH SIXTH SEVENTH EIGHTH NINTH TENTH ELEVENTH TWELFTH'.split(' ');

export function preface(make: Make, title: string = 'PREFACE'): Unit {
  return make.unit({ matter: 'front', title, heading: [title], text: make.text(0.3) });
}

/** Chapters below parts, the number of which starts anew or runs on. */
export function parted(
  make: Make,
  part: (value: number, title: string) => readonly string[],
  chapter: (value: number, title: string) => readonly string[],
  { restarts, titled = true, partTitled = true }: { readonly restarts: boolean; readonly titled?: boolean; readonly partTitled?: boolean },
): Unit[] {
  let running = 0;
  return make.count(2, 4).flatMap((value) => {
    const title = partTitled ? make.prose.title() : '';
    return [
      make.unit({ value, title, heading: part(value, title), above: 5 }),
      ...make.count(3, 8).map((inner) => {
        running += 1;
        const own = restarts ? inner : running;
        const name = titled ? make.prose.title() : '';
        return make.unit({ level: 2, value: own, title: name, heading: chapter(own, name), text: make.text() });
      }),
    ];
  });
}

export function chapters(
  make: Make,
  heading: (value: number, title: string) => readonly string[],
  titled: boolean = true,
  least: number = 8,
): Unit[] {
  return make.count(least, least + 12).map((value) => {
    const title = titled ? make.prose.title() : '';
    return make.unit({ value, title, heading: heading(value, title), text: make.text() });
  });
}

export const centred = (text: string): string => ' '.repeat(Math.max(0, (72 - text.length) >> 1)) + text;
