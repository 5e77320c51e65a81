/** Books that are looked things up in, or come out by the number: dictionaries, cookbooks, laws, scripture, sermons, papers, travels by the day. */

import { centred } from './chapters.ts';
import { number, roman, upper, type Make, type Shape } from './make.ts';
import type { Unit } from './work.ts';

const months = 'January February March April May June July August September October November December'.split(' ');
const days = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');
const alphabet = 'ABCDEFGHIJKLMNOPRSTUVW';

/** Dates that rise by some days each. */
function dates(make: Make, count: number, print: (day: number, month: number, year: number, weekday: number) => string): string[] {
  let [day, month, year, weekday] = [make.chance.between(1, 20), make.chance.between(0, 8), make.chance.between(1750, 1880), 0];
  return Array.from({ length: count }, () => {
    const printed = print(day, month, year, weekday);
    const step = make.chance.between(1, 4);
    weekday = (weekday + step) % 7;
    day += step;
    if (day > 28) [day, month] = [day - 28, month + 1];
    if (month > 11) [month, year] = [0, year + 1];
    return printed;
  });
}

/** Words and what they mean: `ABASEMENT, n. …`. */
const definitions = (make: Make, letter: string): string[] =>
  Array.from(
    { length: make.chance.between(6, 20) },
    () =>
      `${letter}${upper(make.prose.title())
        .replace(/[^A-Z]/g, '')
        .slice(1, 9)}, _n._ ${make.prose.paragraph()}`,
  );

const recipe = (make: Make): string[] => make.prose.paragraphs(1, 2);
const dishes = ['SOUPS', 'FISH', 'MEATS', 'POULTRY AND GAME', 'VEGETABLES', 'SALADS', 'BREAD', 'PIES AND PASTRY', 'PUDDINGS', 'PRESERVES'];

const verses = (make: Make, chapter: number): string[] =>
  Array.from({ length: make.chance.between(14, 30) }, (_, index) => `${String(chapter)}:${String(index + 1)} ${make.prose.sentence()}`);

/** Headed by `title`, each article below of a paragraph or two. */
function articles(make: Make, from: number, heading: (value: number) => string, level: number): Unit[] {
  return make.count(5, 9).map((index) => {
    const value = from + index;
    return make.unit({
      level,
      value,
      heading: [heading(value)],
      above: 2,
      below: 1,
      text: [make.prose.paragraph(), make.prose.paragraph(), make.prose.paragraph()],
    });
  });
}

export const reference: { readonly [name: string]: Shape } = {
  'dictionary by letters': (make) =>
    make.work(
      [...alphabet].map((letter) => make.unit({ title: letter, heading: [letter], above: 4, text: definitions(make, letter) })),
      false,
    ),
  'dictionary by letters, centred': (make) =>
    make.work(
      [...alphabet].map((letter) =>
        make.unit({ title: letter, heading: [centred(`${letter}.`)], above: 3, text: definitions(make, letter) }),
      ),
      false,
    ),
  'cookbook, recipes in the row': (make) =>
    make.work(
      dishes.map((title) =>
        make.unit({
          title,
          heading: [title],
          text: Array.from({ length: 14 }, () => `${upper(make.prose.title())}.--${make.prose.paragraph()}`),
        }),
      ),
      'maybe',
    ),
  'cookbook, recipes below chapters': (make) =>
    make.work(
      dishes.slice(0, 6).flatMap((name, index) => [
        make.unit({ value: index + 1, title: name, heading: [`CHAPTER ${roman(index + 1)}`, '', name], above: 5, text: make.text(0.3) }),
        ...make.count(6, 12).map(() => {
          const title = make.prose.title();
          return make.unit({ level: 2, title, heading: [`_${title}_`], entry: null, above: 2, below: 1, text: recipe(make) });
        }),
      ]),
      'maybe',
    ),
  'laws, titles and articles': (make) => {
    let running = 0;
    return make.work(
      make.count(3, 5).flatMap((value) => {
        const title = upper(make.prose.title());
        const held = articles(make, running, (own) => `Article ${String(own)}`, 2);
        running += held.length;
        return [make.unit({ value, title, heading: [`TITLE ${roman(value)}`, '', title], above: 4 }), ...held];
      }),
      false,
    );
  },
  'scripture, books of chapters': (make) =>
    make.work(
      make.count(3, 5).flatMap(() => {
        const title = `The Book of ${make.prose.title()}`;
        return [
          make.unit({ title, heading: [title], above: 5 }),
          ...make
            .count(4, 8)
            .map((value) =>
              make.unit({ level: 2, value, heading: [`Chapter ${String(value)}`], above: 3, below: 1, text: verses(make, value) }),
            ),
        ];
      }),
      'maybe',
    ),
  'scripture, verses only': (make) =>
    make.work(
      make.count(5, 8).map(() => {
        const title = `The Book of ${make.prose.title()}`;
        return make.unit({ title, heading: [title], above: 5, text: make.count(3, 6).flatMap((chapter) => verses(make, chapter)) });
      }),
      true,
    ),
  sermons: (make) =>
    make.work(
      make.count(7, 12).map((value) => {
        const title = upper(make.prose.title());
        return make.unit({
          value,
          title,
          heading: [`SERMON ${roman(value)}.`, '', `${title}.`],
          text: [
            `_Preached at ${make.prose.title()}, 18${String(30 + value)}._`,
            `MATT. ${roman(value).toLowerCase()}. ${String(value + 3)}.--"${make.prose.sentence()}"`,
            ...make.text(1.5),
          ],
        });
      }),
      'maybe',
    ),
  'papers by the number': (make) => {
    const printed = dates(make, 30, (day, month, year, weekday) => `${days[weekday]!}, ${months[month]!} ${String(day)}, ${String(year)}.`);
    return make.work(
      make
        .count(14, 28)
        .map((value) =>
          make.unit({ value, title: printed[value]!, heading: [`No. ${String(value)}. ${printed[value]!}`], text: make.text(0.7) }),
        ),
      false,
    );
  },
  'papers, name and number': (make) => {
    const name = upper(make.chance.pick(['Observer', 'Wanderer', 'Lounger']));
    return make.work(
      make.count(12, 24).map((value) => {
        const title = make.prose.title();
        return make.unit({ value, title, heading: [`${name} No. ${String(value)}`, '', title], text: make.text(0.9) });
      }),
      'maybe',
    );
  },
  'magazine, numbers of articles': (make) =>
    make.work(
      make.count(3, 4).flatMap((value) => [
        make.unit({
          value,
          title: `${upper(months[value]!)}, 1888`,
          heading: [`NUMBER ${roman(value)}. ${upper(months[value]!)}, 1888`],
          above: 5,
        }),
        ...make.count(4, 6).map(() => {
          const title = upper(make.prose.title());
          return make.unit({ level: 2, title, heading: [title], above: 4, text: make.text() });
        }),
      ]),
      true,
    ),
  'travels by dates': (make) =>
    make.work(
      dates(make, 24, (day, month, year, weekday) => `${days[weekday]!}, ${months[month]!} ${String(day)}, ${String(year)}.`).map((title) =>
        make.unit({ title, heading: [title], text: make.text(0.5) }),
      ),
      false,
    ),
  'travels by dates, in italics, no year': (make) =>
    make.work(
      dates(make, 30, (day, month) => `_${months[month]!} ${String(day)}._`).map((title) =>
        make.unit({ title, heading: [title], above: 2, below: 1, text: make.text(0.4) }),
      ),
      false,
    ),
  'diary of short entries, uneven gaps': (make) =>
    make.work(
      dates(make, 60, (day, month, year) => `${String(day)} ${months[month]!}, ${String(year)}.`).map((title) =>
        make.unit({ title, heading: [title], above: make.chance.between(2, 4), below: 1, text: make.prose.paragraphs(1, 6) }),
      ),
      false,
    ),
  'chronicle of years': (make) => {
    const from = make.chance.between(1100, 1500);
    return make.work(
      make.count(20, 34).map((value) =>
        make.unit({
          title: String(from + value),
          heading: [`A.D. ${String(from + value)}.`],
          above: 3,
          text: make.prose.paragraphs(3, 8),
        }),
      ),
      false,
    );
  },
  'books of numbered poems': (make) =>
    make.work(
      make.count(3, 4).flatMap((value) => [
        make.unit({ value, heading: [`BOOK ${upper(number(value, 'words'))}`], above: 5 }),
        ...make.count(9, 16).map((inner) =>
          make.unit({
            level: 2,
            value: inner,
            heading: [roman(inner)],
            above: 3,
            below: 1,
            text: Array.from({ length: 5 }, () => make.prose.stanza(6)),
          }),
        ),
      ]),
      false,
    ),
  'books of titled poems': (make) =>
    make.work(
      make.count(3, 4).flatMap((value) => {
        const name = upper(make.prose.title());
        return [
          make.unit({ value, title: name, heading: [`BOOK ${roman(value)}. ${name}`], above: 5 }),
          ...make.count(6, 10).map(() => {
            const title = make.prose.title();
            return make.unit({
              level: 2,
              title,
              heading: [title],
              above: 3,
              below: 1,
              text: Array.from({ length: make.chance.between(4, 9) }, () => make.prose.stanza(6)),
            });
          }),
        ];
      }),
      'maybe',
    ),
  'dialogues by persons': (make) =>
    make.work(
      make.count(6, 10).map((value) => {
        const title = upper(`${make.prose.name()} and ${make.prose.name()}`);
        return make.unit({
          value,
          title,
          heading: [`DIALOGUE ${roman(value)}.`, '', `${title}.`],
          text: Array.from(
            { length: 40 },
            (_, index) => `_${index % 2 === 0 ? 'Phil.' : 'Hyl.'}_ ${make.prose.sentence()} ${make.prose.sentence()}`,
          ),
        });
      }),
      'maybe',
    ),
  'meditations in books of numbered paragraphs': (make) =>
    make.work(
      make.count(6, 10).map((value) =>
        make.unit({
          value,
          heading: [
            `THE ${['FIRST', 'SECOND', 'THIRD', 'FOURTH', 'FIFTH', 'SIXTH', 'SEVENTH', 'EIGHTH', 'NINTH', 'TENTH'][value - 1]!} BOOK`,
          ],
          text: Array.from({ length: make.chance.between(10, 24) }, (_, index) => `${roman(index + 1)}. ${make.prose.paragraph()}`),
        }),
      ),
      false,
    ),
  'maxims in chapters of numbered rows': (make) =>
    make.work(
      make.count(8, 13).map((value) => {
        const title = upper(make.prose.title());
        return make.unit({
          value,
          title,
          heading: [`${roman(value)}. ${title}`],
          text: Array.from({ length: make.chance.between(12, 30) }, (_, index) => `${String(index + 1)}. ${make.prose.sentence()}`),
        });
      }),
      'maybe',
    ),
};
