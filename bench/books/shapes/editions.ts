/** What transcribers and printers put around and between chapters: apparatus, second title pages, old distributors, odd settings. */

import { chapters, preface } from './chapters.ts';
import { roman, upper, type Make, type Shape } from './make.ts';
import type { Setting, Unit, Work } from './work.ts';

const usual: Setting = { distributor: 'early', indented: false, width: 72 };

const plainChapters = (make: Make): Unit[] => chapters(make, (value, title) => [`CHAPTER ${roman(value)}`, '', title]);

/** Marks in the text and the notes below it. */
function withNotes(make: Make, text: readonly string[], title: string): string[] {
  const notes = make.count(2, 6);
  return [
    ...text.map((paragraph, index) => (index < notes.length ? `${paragraph}[${String(index + 1)}]` : paragraph)),
    title,
    ...notes.map((value) => `[Footnote ${String(value)}: ${make.prose.sentence()}]`),
  ];
}

const advertisements = (make: Make): string[] =>
  Array.from(
    { length: make.chance.between(6, 14) },
    () => `${upper(make.prose.title())}. By ${make.prose.name()}. Crown 8vo, cloth, 6s.\n\n    "${make.prose.sentence()}"--_Athenæum._`,
  );

const back = (make: Make, title: string, text: readonly string[]): Unit => make.unit({ matter: 'back', title, heading: [title], text });

const listOf = (make: Make, title: string): string[] => [
  '',
  '',
  title,
  '',
  ...Array.from({ length: 9 }, () => make.prose.title()),
  '',
  '',
  '',
];

function set(given: Partial<Setting>, shape: Shape = (make) => make.work([preface(make), ...plainChapters(make)], 'maybe')): Shape {
  return (make): Work => ({ ...shape(make), setting: { ...usual, ...given } });
}

export const editions: { readonly [name: string]: Shape } = {
  'small print of the nineties': set({ distributor: 'small print' }),
  'recent header': set({ distributor: 'recent' }),
  'no distributor': set({ distributor: 'none' }),
  'a line a paragraph': set({ width: null }),
  'narrow lines': set({ width: 48 }),
  'wide lines': set({ width: 96 }),
  'paragraphs by indentation': set({ indented: true }),
  'paragraphs by indentation, numbers alone': set({ indented: true }, (make) =>
    make.work(
      chapters(make, (value) => [roman(value)], false),
      false,
    ),
  ),
  'gaps of one line': (make) =>
    make.work(
      plainChapters(make).map((unit) => ({ ...unit, above: 1, below: 1 })),
      'maybe',
    ),
  'gaps of one line, numbers over titles': (make) =>
    make.work(
      chapters(make, (value, title) => [roman(value), '', upper(title)]).map((unit) => ({ ...unit, above: 1, below: 1 })),
      'maybe',
    ),
  'sections between asterisks': (make) =>
    make.work(
      plainChapters(make).map((unit) => ({
        ...unit,
        text: unit.text.flatMap((paragraph, index) =>
          index % 6 === 5 && index < unit.text.length - 1 ? [paragraph, '       *       *       *       *       *'] : [paragraph],
        ),
      })),
      'maybe',
    ),
  'sections between wide gaps': (make) =>
    make.work(
      plainChapters(make).map((unit) => ({
        ...unit,
        text: unit.text.map((paragraph, index) => (index % 7 === 5 ? `\n\n${paragraph}` : paragraph)),
      })),
      'maybe',
    ),
  'footnotes at the ends of chapters': (make) =>
    make.work(
      plainChapters(make).map((unit) => ({ ...unit, text: withNotes(make, unit.text, 'FOOTNOTES:') })),
      'maybe',
    ),
  'notes of each chapter at the end': (make) => {
    const units = plainChapters(make);
    return make.work(
      [
        ...units,
        back(
          make,
          'NOTES',
          units.flatMap((unit) => [
            `\nCHAPTER ${roman(unit.value!)}\n`,
            ...Array.from({ length: 4 }, (_, index) => `${String(index + 1)}. ${make.prose.sentence()} ${make.prose.sentence()}`),
          ]),
        ),
      ],
      'maybe',
    );
  },
  'index by letters': (make) =>
    make.work(
      [
        ...plainChapters(make),
        back(
          make,
          'INDEX',
          [...'ABCDEFGHIJKLMNOPRSTVW'].flatMap((letter) => [
            `\n${letter}\n`,
            Array.from(
              { length: make.chance.between(3, 9) },
              () => `${letter}${make.prose.title().slice(1)}, ${String(make.chance.between(1, 300))}`,
            ).join('\n'),
          ]),
        ),
      ],
      'maybe',
    ),
  'advertisements at both ends': (make) =>
    make.work([...plainChapters(make), { ...back(make, 'BY THE SAME AUTHOR', advertisements(make)), entry: null }], 'maybe', {
      preliminary: ['', '', 'BY THE SAME AUTHOR', '', ...Array.from({ length: 7 }, () => upper(make.prose.title())), '', '', ''],
    }),
  "publisher's catalogue": (make) =>
    make.work(
      [
        ...plainChapters(make),
        {
          ...back(
            make,
            'NEW BOOKS',
            Array.from(
              { length: 20 },
              (_, index) => `${String(index + 1)}. ${upper(make.prose.title())}. By ${make.prose.name()}. ${make.prose.sentence()} 3s. 6d.`,
            ),
          ),
          heading: ['A LIST OF BOOKS PUBLISHED BY', 'MESSRS. HOLLIN & PARTRIDGE'],
          title: 'A LIST OF BOOKS PUBLISHED BY MESSRS. HOLLIN & PARTRIDGE',
          entry: null,
        },
      ],
      'maybe',
    ),
  'lists of plates and of maps': (make) =>
    make.work(plainChapters(make), true, { preliminary: [...listOf(make, 'LIST OF PLATES'), ...listOf(make, 'MAPS')] }),
  'half title in the text': (make) => {
    const work = make.work(plainChapters(make), 'maybe');
    return { ...work, halfTitle: true, preliminary: ['', '', upper(work.title), '', '', ''] };
  },
  'dedication, epigraph and two prefaces': (make) =>
    make.work(
      [preface(make, 'PREFACE TO THE SECOND EDITION'), preface(make, 'PREFACE TO THE FIRST EDITION'), ...plainChapters(make)],
      'maybe',
      {
        preliminary: [
          '',
          '',
          '',
          'TO',
          upper(make.prose.name()),
          'THIS BOOK IS',
          'INSCRIBED',
          '',
          '',
          '',
          ...make.prose.stanza(4).split('\n'),
          '',
          '',
          '',
        ],
      },
    ),
  'contents behind the preface': (make) => {
    const work = make.work(plainChapters(make), true);
    return {
      ...work,
      preliminary: [
        '',
        '',
        '',
        'PREFACE',
        '',
        ...make.prose
          .stanza(6)
          .split('\n')
          .map((row) => row.trim()),
        '',
        '',
        '',
      ],
    };
  },
  'titles spoken of in the text': (make) => {
    const units = plainChapters(make);
    return make.work(
      units.map((unit) => ({
        ...unit,
        text: unit.text.flatMap((paragraph, index) =>
          index % 5 === 3
            ? [paragraph, `${make.chance.pick(units).title}.`, `"${make.chance.pick(units).title}," he repeated.`]
            : [paragraph],
        ),
      })),
      true,
    );
  },
};
