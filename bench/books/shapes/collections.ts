/** Many pieces between two covers: plays and novels in one file, sonnets, poems in groups, essays, journals, letters. */

import { number, roman, upper, type Make, type Shape } from './make.ts';
import type { Unit } from './work.ts';

const persons = (make: Make): string[] => [
  'DRAMATIS PERSONÆ.',
  Array.from(
    { length: 8 },
    (_, index) => `${upper(make.prose.name())}, ${['a widow', 'his friend', 'Duke of the Isles', 'a servant'][index % 4]!}`,
  ).join('\n'),
  `SCENE.--${make.prose.title()}.`,
];

function speeches(make: Make, count: number): string[] {
  const names = ['MARGARET', 'THE DUKE', 'FOOL', 'ANTONIO', 'FIRST SERVANT'];
  return Array.from({ length: count }, () => `${make.chance.pick(names)}. ${make.prose.sentence()} ${make.prose.sentence()}`);
}

const poem = (make: Make, least: number = 4, most: number = 10): string[] =>
  Array.from({ length: make.chance.between(least, most) }, () => make.prose.stanza(make.chance.pick([4, 6])));

const sonnet = (make: Make): string[] => [make.prose.stanza(14)];

/** Works of one author in one file, each with a title page as `opens` has it, divided by `inner`. */
function works(
  make: Make,
  opens: (title: string, index: number) => Pick<Unit, 'heading'> & { readonly text?: readonly string[] },
  inner: (value: number) => Partial<Unit> & Pick<Unit, 'heading'>,
  count: readonly [number, number] = [2, 4],
): Unit[] {
  return make.count(...count).flatMap((place) => {
    const title = make.prose.title();
    return [
      make.unit({ title, entry: upper(title), above: 6, ...opens(title, place) }),
      ...make.count(4, 9).map((value) => make.unit({ level: 2, value, text: make.text(), ...inner(value) })),
    ];
  });
}

const chapter = (value: number): Pick<Unit, 'heading'> => ({ heading: [`CHAPTER ${roman(value)}`] });

const stories = (make: Make, heading: (title: string) => readonly string[], given: Partial<Unit> = {}): Unit[] =>
  make.count(7, 14).map(() => {
    const title = make.prose.title();
    return make.unit({ title, heading: heading(title), text: make.text(1.4), ...given });
  });

const months = 'January February March April May June July August September October November December'.split(' ');
const days = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');

export const collections: { readonly [name: string]: Shape } = {
  'works with title pages': (make) =>
    make.work(
      works(make, (title) => ({ heading: [upper(title), '', 'By', '', upper(make.prose.name())] }), chapter),
      'maybe',
    ),
  'works in title case': (make) =>
    make.work(
      works(make, (title) => ({ heading: [title] }), chapter),
      'maybe',
    ),
  'works with titled chapters': (make) =>
    make.work(
      works(
        make,
        (title) => ({ heading: [upper(title)] }),
        (value) => {
          const title = make.prose.title();
          return { title, heading: [`CHAPTER ${roman(value)}`, '', title] };
        },
      ),
      'maybe',
    ),
  'works of bare numbers': (make) =>
    make.work(
      works(
        make,
        (title) => ({ heading: [upper(title)] }),
        (value) => ({ heading: [`${roman(value)}.`] }),
      ),
      'maybe',
    ),
  'works with prefaces of their own': (make) =>
    make.work(
      works(make, (title) => ({ heading: [upper(title)], text: make.text(0.2) }), chapter),
      'maybe',
    ),
  'works with contents of their own': (make) =>
    make.work(
      make.count(2, 3).flatMap(() => {
        const title = upper(make.prose.title());
        const held = make.count(5, 9).map((value) => ({ value, title: make.prose.title() }));
        return [
          make.unit({
            title,
            above: 6,
            heading: [title, '', '', 'CONTENTS', '', ...held.map((one) => `${roman(one.value)}. ${one.title}`)],
            entry: title,
          }),
          ...held.map((one) => make.unit({ level: 2, ...one, heading: [`CHAPTER ${roman(one.value)}`, '', one.title], text: make.text() })),
        ];
      }),
      false,
    ),
  'works divided in different manners': (make) => {
    const manners: readonly ((value: number) => readonly string[])[] = [
      (value) => [`CHAPTER ${roman(value)}`],
      (value) => [`${roman(value)}.`],
      (value) => [`Chapter ${String(value)}`],
      (value) => [`LETTER ${roman(value)}`],
    ];
    return make.work(
      make.chance
        .shuffled(manners)
        .slice(0, 3)
        .flatMap((manner) => {
          const title = upper(make.prose.title());
          return [
            make.unit({ title, heading: [title], above: 6 }),
            ...make.count(5, 8).map((value) => make.unit({ level: 2, value, heading: manner(value), text: make.text() })),
          ];
        }),
      'maybe',
    );
  },
  'works, one without numbers': (make) => {
    const titled = make.chance.between(1, 2);
    return make.work(
      make.count(2, 3).flatMap((place) => {
        const title = upper(make.prose.title());
        return [
          make.unit({ title, heading: [title], above: 6 }),
          ...make.count(6, 10).map((value) => {
            const own = upper(make.prose.title());
            return place === titled
              ? make.unit({ level: 2, title: own, heading: [own], above: 4, text: make.text(1.5) })
              : make.unit({ level: 2, value, heading: [`CHAPTER ${roman(value)}`], above: 4, text: make.text() });
          }),
        ];
      }),
      false,
    );
  },
  'works and stories': (make) =>
    make.work(
      [
        ...works(make, (title) => ({ heading: [upper(title)] }), chapter, [2, 2]),
        ...stories(make, (title) => [upper(title)], { above: 6 }).slice(0, 5),
      ],
      true,
    ),
  'plays in one file': (make) =>
    make.work(
      make.count(2, 3).flatMap(() => {
        const title = upper(make.prose.title());
        return [
          make.unit({ title, heading: [title], above: 6 }),
          make.unit({
            level: 2,
            title: 'DRAMATIS PERSONÆ',
            heading: ['DRAMATIS PERSONÆ.'],
            above: 1,
            below: 1,
            text: persons(make).slice(1),
          }),
          ...make.count(3, 4).flatMap((act) => [
            make.unit({ level: 2, value: act, heading: [`ACT ${roman(act)}`], above: 4 }),
            ...make.count(2, 4).map((value) =>
              make.unit({
                level: 3,
                value,
                heading: [`SCENE ${roman(value)}.`],
                above: 3,
                below: 1,
                text: [`_${make.prose.title()}._`, ...speeches(make, make.chance.between(14, 30))],
              }),
            ),
          ]),
        ];
      }),
      false,
    ),
  'one-act plays': (make) =>
    make.work(
      make.count(4, 8).map(() => {
        const title = upper(make.prose.title());
        return make.unit({ title, heading: [title], above: 5, text: [...persons(make), ...speeches(make, 50)] });
      }),
      'maybe',
    ),
  'play, act and scene on one row': (make) =>
    make.work(
      make.count(4, 5).flatMap((act) =>
        make.count(3, 5).map((value) => {
          const title = make.prose.title();
          return make.unit({
            value: null,
            title: `ACT ${roman(act)}. SCENE ${roman(value)}. ${title}.`,
            heading: [`ACT ${roman(act)}. SCENE ${roman(value)}. ${title}.`],
            above: 3,
            below: 1,
            text: speeches(make, make.chance.between(14, 30)),
          });
        }),
      ),
      false,
    ),
  'sonnets, roman': (make) =>
    make.work(
      make.count(40, 70).map((value) => make.unit({ value, heading: [roman(value)], above: 2, below: 1, text: sonnet(make) })),
      false,
    ),
  'sonnets, centred digits': (make) =>
    make.work(
      make
        .count(40, 70)
        .map((value) => make.unit({ value, heading: [`          ${String(value)}`], above: 2, below: 1, text: sonnet(make) })),
      false,
    ),
  'poems in groups': (make) =>
    make.work(
      make.count(3, 4).flatMap(() => {
        const title = upper(make.prose.title());
        return [
          make.unit({ title, heading: [title], above: 5 }),
          ...make.count(6, 10).map(() => {
            const name = make.prose.title();
            return make.unit({ level: 2, title: name, heading: [upper(name)], entry: name, above: 3, below: 1, text: poem(make) });
          }),
        ];
      }),
      true,
    ),
  'poems, unlisted': (make) =>
    make.work(
      make.count(16, 30).map(() => {
        const title = upper(make.prose.title());
        return make.unit({ title, heading: [title], above: 3, below: 1, text: poem(make) });
      }),
      false,
    ),
  'poems of numbered parts': (make) =>
    make.work(
      make.count(12, 20).map(() => {
        const title = upper(make.prose.title());
        return make.unit({
          title,
          heading: [title],
          above: 4,
          text: make.chance.happens(0.5) ? make.count(2, 4).flatMap((value) => [`    ${roman(value)}`, ...poem(make, 2, 4)]) : poem(make),
        });
      }),
      true,
    ),
  'essays, title case, narrow gaps': (make) =>
    make.work(
      stories(make, (title) => [title], { above: 2, below: 1 }),
      true,
    ),
  'essays, italics, unlisted': (make) =>
    make.work(
      stories(make, (title) => [`_${title}_`], { above: 3, below: 1 }),
      false,
    ),
  'essays, centred, unlisted': (make) =>
    make.work(
      stories(make, (title) => [`                    ${title}.`], { above: 3, below: 2 }),
      false,
    ),
  'stories that end': (make) =>
    make.work(
      stories(make, (title) => [upper(title), '', `BY ${upper(make.prose.name())}`]).map((unit) => ({
        ...unit,
        entry: unit.title,
        text: [...unit.text, 'THE END'],
      })),
      'maybe',
    ),
  'stories, numbered and dated': (make) =>
    make.work(
      make.count(7, 12).map((value) => {
        const title = make.prose.title();
        return make.unit({
          value,
          title,
          heading: [`${roman(value)}. ${upper(title)}`],
          text: [`(_${make.chance.pick(months)}, 18${String(40 + value)}_)`, ...make.text(1.4)],
        });
      }),
      'maybe',
    ),
  'letters with datelines': (make) =>
    make.work(
      make.count(15, 30).map((value) =>
        make.unit({
          value,
          heading: [`LETTER ${roman(value)}`],
          text: [
            `                              ${make.prose.title()}, ${make.chance.pick(months)} ${String(make.chance.between(1, 28))}.`,
            `MY DEAR ${upper(make.prose.name())},--${make.prose.paragraph()}`,
            ...make.text(0.4),
            '                              Your faithful,',
            `                              ${upper(make.prose.name())}.`,
          ],
        }),
      ),
      false,
    ),
  'letters without numbers': (make) =>
    make.work(
      make.count(14, 26).map(() => {
        const title = `${upper(make.prose.name())}, TO ${upper(make.prose.name())}`;
        return make.unit({
          title,
          heading: [title],
          text: [`_${make.chance.pick(days)}, ${make.chance.pick(months)} ${String(make.chance.between(1, 28))}._`, ...make.text(0.5)],
        });
      }),
      false,
    ),
  'journal by weekdays': (make) =>
    make.work(
      make.count(14, 26).map((value) => {
        const title = `${days[value % 7]!}, ${String(1 + (value % 28))} ${months[Math.floor(value / 9) % 12]!}.`;
        return make.unit({ title, heading: [title], text: make.text(0.5) });
      }),
      false,
    ),
  'journal by years and months': (make) =>
    make.work(
      make
        .count(2, 3)
        .flatMap((year) => [
          make.unit({ title: String(1850 + year), heading: [String(1850 + year)], above: 5 }),
          ...months
            .slice(0, make.chance.between(6, 12))
            .map((month) => make.unit({ level: 2, title: upper(month), heading: [upper(month)], text: make.text(0.6) })),
        ]),
      false,
    ),
  'chapters by years': (make) =>
    make.work(
      make.count(8, 14).map((value) => make.unit({ title: String(1800 + value), heading: [String(1800 + value)], text: make.text() })),
      false,
    ),
  nights: (make) =>
    make.work(
      make.count(8, 12).map((value) => {
        const title = make.prose.title();
        return make.unit({
          value,
          title,
          heading: [
            `NIGHT THE ${upper(['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth', 'eleventh', 'twelfth'][value - 1]!)}`,
            '',
            title,
          ],
          text: make.text(),
        });
      }),
      'maybe',
    ),
  'serial parts': (make) => {
    let running = 0;
    return make.work(
      make.count(3, 5).flatMap((value) => [
        make.unit({ value, heading: [`PART ${upper(number(value, 'words'))}`], above: 5 }),
        ...make.count(2, 4).map(() => {
          running += 1;
          return make.unit({ level: 2, value: running, heading: [roman(running)], text: make.text() });
        }),
      ]),
      false,
    );
  },
};
