/** What shapes are made with: chance, prose, and units printed with the gaps of one book. */

import { chanceOf, type Chance } from '@scriptorium/books/chance';
import { printNumber, type PrintedNumber } from '@scriptorium/books/numerals';
import { chineseProse } from './chinese-prose.ts';
import { withDecoys } from './decoys.ts';
import { proseOf, type Language, type Prose } from './prose.ts';
import type { ContentsStyle, Unit, Work } from './work.ts';

export interface Make {
  readonly chance: Chance;
  readonly prose: Prose;
  /** A unit with what is usual where nothing is given. */
  readonly unit: (given: Partial<Unit> & Pick<Unit, 'heading'>) => Unit;
  /** Prose with some decoys, `scale` times as long as a usual chapter. */
  readonly text: (scale?: number) => string[];
  /** `from` to a number of chapters. */
  readonly count: (least: number, most: number) => readonly number[];
  readonly work: (units: readonly Unit[], contents: boolean | 'maybe', given?: Partial<Work>) => Work;
}

export type Shape = (make: Make) => Work;

export const roman = (value: number): string => printNumber({ value, scheme: 'roman' });
export const number = (value: number, scheme: PrintedNumber['scheme']): string => printNumber({ value, scheme });
export const upper = (text: string): string => text.toUpperCase();

const languageNames: { readonly [language in Language]: string } = {
  en: 'English',
  fr: 'French',
  de: 'German',
  es: 'Spanish',
  it: 'Italian',
  la: 'Latin',
  pt: 'Portuguese',
  nl: 'Dutch',
  sv: 'Swedish',
  fi: 'Finnish',
  zh: 'Chinese',
};

const contentsTitles: { readonly [language in Language]: string } = {
  en: 'CONTENTS',
  fr: 'TABLE DES MATIÈRES',
  de: 'INHALT',
  es: 'ÍNDICE',
  it: 'INDICE',
  la: 'INDEX CAPITUM',
  pt: 'ÍNDICE',
  nl: 'INHOUD',
  sv: 'INNEHÅLL',
  fi: 'SISÄLLYS',
  zh: '目录',
};

export function makeWith(seed: number, language: Language): Make {
  const chance = chanceOf(seed);
  const prose = language === 'zh' ? chineseProse(chance) : proseOf(language, chance);
  const above = chance.between(2, 5);
  const below = chance.between(1, Math.min(2, above - 1));
  const share = chance.pick([0, 0.03, 0.1]);
  const uneven = chance.happens(0.3);
  return {
    chance,
    prose,
    unit: (given) => ({
      matter: 'body',
      level: 1,
      value: null,
      title: '',
      entry:
        given.heading
          .filter((row) => row.trim() !== '')
          .map((row) => row.trim())
          .join(' ') || null,
      above: uneven ? Math.max(2, above + chance.between(-2, 1)) : above,
      below,
      text: [],
      ...given,
    }),
    text: (scale = 1) =>
      withDecoys(
        prose.paragraphs(Math.max(3, Math.round(8 * scale)), Math.max(4, Math.round(26 * scale))),
        language === 'en' ? share : 0,
        prose,
        chance,
      ),
    count: (least, most) => Array.from({ length: chance.between(least, most) }, (_, index) => index + 1),
    work: (units, contents, given = {}) => ({
      title: prose.title(),
      author: prose.name(),
      language: languageNames[language],
      preliminary: chance.happens(0.2) ? ['', '', '', dedication(prose, chance), '', ''] : [],
      halfTitle: chance.happens(0.4),
      setting: { distributor: 'early', indented: false, width: 72 },
      contents: contents === true || (contents === 'maybe' && chance.happens(0.5)) ? contentsStyle(chance, language) : null,
      units,
      ...given,
    }),
  };
}

function dedication(prose: Prose, chance: Chance): string {
  return chance.pick([`TO ${upper(prose.name())}`, `To my friend ${prose.name()}, who read it first.`, `_For ${prose.name()}_`]);
}

function contentsStyle(chance: Chance, language: Language): ContentsStyle {
  return {
    title: contentsTitles[language],
    pages: chance.pick(['none', 'spaces', 'leaders']),
    indent: chance.pick([0, 1, 4]),
    gap: chance.happens(0.2) ? 1 : 0,
    wrong: chance.happens(0.15),
    topics: chance.happens(0.1),
  };
}
