/** Works that are no novels: plays, verse, letters, diaries, stories, essays, several works in one file. */

import { number, roman, upper, type Make, type Shape } from './make.ts';
import type { Unit } from './work.ts';

function speeches(make: Make, count: number): string[] {
  const names = ['MARGARET', 'THE DUKE', 'FOOL', 'ANTONIO', 'FIRST SERVANT'];
  return Array.from(
    { length: count },
    () => `${make.chance.pick(names)}. ${make.chance.happens(0.1) ? '[_Aside._] ' : ''}${make.prose.sentence()} ${make.prose.sentence()}`,
  );
}

function stanzas(make: Make, least: number, most: number): string[] {
  return Array.from({ length: make.chance.between(least, most) }, () => make.prose.stanza(make.chance.pick([4, 6, 8])));
}

function play(make: Make, act: (value: number) => string, scene: (value: number, place: string) => string): Unit[] {
  return make.count(3, 5).flatMap((value) => [
    make.unit({ value, heading: [act(value)], above: 4 }),
    ...make.count(2, 5).map((inner) => {
      const place = make.prose.title();
      return make.unit({
        level: 2,
        value: inner,
        title: place,
        heading: [scene(inner, place)],
        above: 3,
        below: 1,
        text: [`[_Enter ${make.prose.name()}._]`, ...speeches(make, make.chance.between(14, 40))],
      });
    }),
  ]);
}

const persons = (make: Make): Unit =>
  make.unit({
    matter: 'front',
    title: 'PERSONS OF THE PLAY',
    heading: ['PERSONS OF THE PLAY'],
    entry: null,
    text: [['MARGARET, a widow', 'THE DUKE', 'ANTONIO, his friend', 'A FOOL', 'SERVANTS'].join('\n')],
  });

function stories(make: Make, heading: (title: string, index: number) => readonly string[], least: number = 6): Unit[] {
  return make.count(least, least + 8).map((value) => {
    const title = make.prose.title();
    return make.unit({ title, heading: heading(title, value), text: make.text(1.4) });
  });
}

const months = 'January February March April May June July August September October November December'.split(' ');

export const pieces: { readonly [name: string]: Shape } = {
  'play, acts and scenes': (make) =>
    make.work(
      [
        persons(make),
        ...play(
          make,
          (value) => `ACT ${roman(value)}`,
          (value, place) => `SCENE ${roman(value)}. ${place}.`,
        ),
      ],
      'maybe',
    ),
  'play, first act': (make) =>
    make.work(
      [
        persons(make),
        ...make.count(3, 3).map((value) =>
          make.unit({
            value,
            heading: [`${['FIRST', 'SECOND', 'THIRD'][value - 1]!} ACT`],
            text: [`_Scene: ${make.prose.title()}._`, ...speeches(make, 60)],
          }),
        ),
      ],
      false,
    ),
  'play, act the first': (make) =>
    make.work(
      play(
        make,
        (value) => `ACT THE ${['FIRST', 'SECOND', 'THIRD', 'FOURTH', 'FIFTH'][value - 1]!}.`,
        (value, place) => `SCENE ${String(value)}.—${place}`,
      ),
      false,
    ),
  cantos: (make) =>
    make.work(
      make.count(6, 14).map((value) => make.unit({ value, heading: [`CANTO ${roman(value)}`], text: stanzas(make, 15, 40) })),
      'maybe',
    ),
  'cantos of the first': (make) =>
    make.work(
      make.count(4, 8).map((value) =>
        make.unit({
          value,
          heading: [`CANTO THE ${'FIRST SECOND THIRD FOURTH FIFTH SIXTH SEVENTH EIGHTH'.split(' ')[value - 1]!}.`],
          text: stanzas(make, 15, 40),
        }),
      ),
      false,
    ),
  'books of verse with arguments': (make) =>
    make.work(
      make
        .count(6, 12)
        .map((value) =>
          make.unit({ value, heading: [`BOOK ${roman(value)}.`], text: ['ARGUMENT.', make.prose.paragraph(), ...stanzas(make, 15, 40)] }),
        ),
      false,
    ),
  'poems with titles': (make) =>
    make.work(
      make.count(14, 30).map(() => {
        const title = upper(make.prose.title());
        return make.unit({ title, heading: [title], above: 4, text: stanzas(make, 4, 12) });
      }),
      true,
    ),
  staves: (make) =>
    make.work(
      make.count(4, 6).map((value) => {
        const title = upper(make.prose.title());
        return make.unit({ value, title, heading: [`STAVE ${upper(number(value, 'words'))}.`, '', `${title}.`], text: make.text(2) });
      }),
      'maybe',
    ),
  'letters, numbered': (make) =>
    make.work(
      make.count(15, 40).map((value) =>
        make.unit({
          value,
          heading: [`LETTER ${roman(value)}.`],
          text: [
            `_${make.prose.name()} to ${make.prose.name()}._`,
            'MY DEAR FRIEND,',
            ...make.text(0.4),
            'Your affectionate',
            upper(make.prose.name()),
          ],
        }),
      ),
      false,
    ),
  'letters, from and to': (make) =>
    make.work(
      make.count(12, 30).map((value) => {
        const title = `MISS ${upper(make.prose.name())} TO ${upper(make.prose.name())}`;
        return make.unit({ value, title, heading: [`LETTER ${roman(value)}`, '', title], text: make.text(0.4) });
      }),
      false,
    ),
  'diary by dates': (make) =>
    make.work(
      make.count(15, 30).map((value) => {
        const title = `${months[Math.floor(value / 3) % 12]!} ${String(1 + ((value * 3) % 28))}, 18${String(40 + Math.floor(value / 20))}.`;
        return make.unit({ title, heading: [title], text: make.text(0.4) });
      }),
      false,
    ),
  'days of a journey': (make) =>
    make.work(
      make.count(8, 14).map((value) =>
        make.unit({
          value,
          heading: [
            `${upper(['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth', 'eleventh', 'twelfth', 'thirteenth', 'fourteenth'][value - 1]!)} DAY`,
          ],
          text: make.text(),
        }),
      ),
      'maybe',
    ),
  'stories, capitals, listed': (make) =>
    make.work(
      stories(make, (title) => [upper(title)]),
      true,
    ),
  'stories, capitals, unlisted': (make) =>
    make.work(
      stories(make, (title) => [upper(title)]),
      false,
    ),
  'stories, title case, listed': (make) =>
    make.work(
      stories(make, (title) => [title]),
      true,
    ),
  'stories, title case, unlisted': (make) =>
    make.work(
      stories(make, (title) => [title]),
      false,
    ),
  'stories with sections': (make) =>
    make.work(
      stories(make, (title) => [upper(title)], 4).flatMap((story) => [
        { ...story, text: [] },
        ...make
          .count(2, 5)
          .map((value) => make.unit({ level: 2, value, heading: [roman(value)], entry: null, above: 2, below: 1, text: make.text(0.6) })),
      ]),
      true,
    ),
  'stories by several hands': (make) =>
    make.work(
      stories(make, (title) => [upper(title), '', `By ${make.prose.name()}`]).map((unit) => ({ ...unit, entry: upper(unit.title) })),
      true,
    ),
  'numbered stories': (make) =>
    make.work(
      make.count(6, 12).map((value) => {
        const title = upper(make.prose.title());
        return make.unit({ value, title, heading: [roman(value), '', title], text: make.text(1.5) });
      }),
      'maybe',
    ),
  'tales with keyword': (make) =>
    make.work(
      make.count(6, 12).map((value) => {
        const title = make.prose.title();
        return make.unit({
          value,
          title,
          heading: [
            `The ${['First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth', 'Seventh', 'Eighth', 'Ninth', 'Tenth', 'Eleventh', 'Twelfth'][value - 1]!} Tale`,
            '',
            title,
          ],
          text: make.text(1.5),
        });
      }),
      false,
    ),
  'essays, of something': (make) =>
    make.work(
      [
        make.unit({ matter: 'front', title: 'TO THE READER', heading: ['TO THE READER'], text: make.text(0.2) }),
        ...stories(make, (title) => [`OF ${upper(title)}`]).map((unit) => ({ ...unit, title: `OF ${upper(unit.title)}` })),
      ],
      'maybe',
    ),
  lectures: (make) =>
    make.work(
      make.count(5, 9).map((value) => {
        const title = upper(make.prose.title());
        return make.unit({ value, title, heading: [`LECTURE ${roman(value)}`, '', title], text: make.text(2) });
      }),
      'maybe',
    ),
  'several works in one file': (make) =>
    make.work(
      make.count(2, 3).flatMap(() => {
        const title = upper(make.prose.title());
        return [
          make.unit({ title, heading: [title], above: 6 }),
          ...make.count(4, 7).map((value) => make.unit({ level: 2, value, heading: [`CHAPTER ${roman(value)}`], text: make.text() })),
        ];
      }),
      'maybe',
    ),
  'fables, short': (make) =>
    make.work(
      make.count(30, 60).map(() => {
        const title = make.prose.title();
        return make.unit({ title, heading: [title], text: make.prose.paragraphs(2, 4) });
      }),
      true,
    ),
  'aphorisms in chapters': (make) => {
    let running = 0;
    return make.work(
      make.count(4, 8).map((value) => {
        const title = upper(make.prose.title());
        return make.unit({
          value,
          title,
          heading: [`CHAPTER ${roman(value)}. ${title}`],
          text: Array.from({ length: make.chance.between(15, 30) }, () => `${String((running += 1))}. ${make.prose.paragraph()}`),
        });
      }),
      'maybe',
    );
  },
};
