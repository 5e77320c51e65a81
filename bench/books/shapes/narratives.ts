/** Novels that are more than chapters in a row: letters before them, witnesses, epilogues of several chapters, datelines, notes. */

import { centred, chapters, ordinals, preface } from './chapters.ts';
import { number, roman, upper, type Make, type Shape } from './make.ts';
import type { Unit } from './work.ts';

const bare = (make: Make, level: number, least: number, most: number, heading: (value: number) => string = roman): Unit[] =>
  make.count(least, most).map((value) => make.unit({ level, value, heading: [heading(value)], text: make.text(0.7) }));

const numberedChapter = (value: number): string => `CHAPTER ${roman(value)}`;

/** A unit that holds others and has nothing but a name. */
const holder = (make: Make, title: string, value: number | null = null, level: number = 1): Unit =>
  make.unit({ level, value, title, heading: [title], above: 5 });

const months = 'January February March April May June July August September October November December'.split(' ');
const dateline = (make: Make): string =>
  `${make.prose.title()}, ${make.chance.pick(months)} ${String(make.chance.between(1, 28))}, 18${String(make.chance.between(10, 89))}.`;

export const narratives: { readonly [name: string]: Shape } = {
  'letters before the chapters': (make) =>
    make.work(
      [...bare(make, 1, 4, 4, (value) => `Letter ${String(value)}`), ...bare(make, 1, 9, 20, (value) => `Chapter ${String(value)}`)],
      'maybe',
    ),
  'narratives of witnesses': (make) =>
    make.work(
      make.count(4, 6).flatMap((value) => {
        const name = make.prose.name();
        const title = upper(`The Narrative of ${name}, ${make.chance.pick(['Solicitor', 'of the Mill', 'Widow', 'late of the Islands'])}`);
        return [holder(make, `${title}${' '.repeat(value % 2)}`.trim()), ...bare(make, 2, 3, 7)];
      }),
      false,
    ),
  'periods and narratives': (make) =>
    make.work(
      [
        make.unit({ title: 'PROLOGUE', heading: ['PROLOGUE'], text: make.text(0.7), above: 5 }),
        holder(make, 'FIRST PERIOD', 1),
        ...bare(make, 2, 6, 12, numberedChapter),
        holder(make, 'SECOND PERIOD', 2),
        ...make
          .count(2, 3)
          .flatMap((value) => [holder(make, `${ordinals[value - 1]!} NARRATIVE`, value, 2), ...bare(make, 3, 3, 6, numberedChapter)]),
        make.unit({ title: 'EPILOGUE', heading: ['EPILOGUE'], text: make.text(0.7), above: 5 }),
      ],
      false,
    ),
  'epilogues with chapters': (make) =>
    make.work(
      [
        ...make
          .count(3, 4)
          .flatMap((value) => [
            make.unit({ value, heading: [`BOOK ${upper(number(value, 'words'))}`], above: 5 }),
            ...bare(make, 2, 4, 8, numberedChapter),
          ]),
        ...['FIRST EPILOGUE', 'SECOND EPILOGUE'].flatMap((title) => [holder(make, title), ...bare(make, 2, 3, 5, numberedChapter)]),
      ],
      'maybe',
    ),
  'prelude, books of running chapters, finale': (make) => {
    let running = 0;
    return make.work(
      [
        make.unit({ title: 'PRELUDE', heading: ['PRELUDE.'], text: make.text(0.3) }),
        ...make.count(3, 5).flatMap((value) => {
          const title = upper(make.prose.title());
          return [
            make.unit({ value, title, heading: [`BOOK ${roman(value)}.`, `${title}.`], above: 5 }),
            ...make.count(4, 7).map(() => {
              running += 1;
              return make.unit({
                level: 2,
                value: running,
                heading: [`CHAPTER ${roman(running)}.`],
                text: [make.prose.stanza(4), ...make.text()],
              });
            }),
          ];
        }),
        make.unit({ title: 'FINALE', heading: ['FINALE.'], text: make.text(0.4) }),
      ],
      'maybe',
    );
  },
  'chapters continued in parts': (make) =>
    make.work(
      make.count(6, 9).flatMap((value) => {
        const title = make.prose.title();
        return make.count(2, 4).map((part) =>
          make.unit({
            value,
            title: `${title}.--Part ${roman(part)}.`,
            heading: [`Chapter ${roman(value)}: ${title}.--Part ${roman(part)}.`],
            text: make.text(),
          }),
        );
      }),
      'maybe',
    ),
  'datelines below the numbers': (make) =>
    make.work(
      chapters(make, (value) => [numberedChapter(value)], false).map((unit) => ({ ...unit, text: [dateline(make), ...unit.text] })),
      'maybe',
    ),
  'datelines in italics, at the right': (make) =>
    make.work(
      chapters(make, (value) => [`${roman(value)}.`], false).map((unit) => ({
        ...unit,
        text: [`${' '.repeat(30)}_${dateline(make)}_`, ...unit.text],
      })),
      false,
    ),
  'chapters and nothing but asterisks below': (make) =>
    make.work(
      chapters(make, (value) => [String(value)], false).map((unit) => ({
        ...unit,
        text: unit.text.flatMap((paragraph, index) =>
          index % 4 === 3 && index < unit.text.length - 1 ? [paragraph, '* * *'] : [paragraph],
        ),
      })),
      false,
    ),
  sidenotes: (make) =>
    make.work(
      [
        preface(make),
        ...chapters(make, (value, title) => [numberedChapter(value), '', `${upper(title)}.`]).map((unit) => ({
          ...unit,
          text: unit.text.flatMap((paragraph, index) =>
            index % 3 === 1 ? [`[Sidenote: ${make.prose.title()}.]`, paragraph] : [paragraph],
          ),
        })),
      ],
      'maybe',
    ),
  'years below the titles': (make) =>
    make.work(
      chapters(make, (value, title) => [
        `${numberedChapter(value)}.`,
        '',
        upper(title),
        '',
        `(${String(1500 + value * 7)}-${String(1507 + value * 7)})`,
      ]),
      'maybe',
    ),
  'notes of the translator below each chapter': (make) =>
    make.work(
      chapters(make, (value, title) => [roman(value), '', title]).map((unit) => ({
        ...unit,
        text: [
          ...unit.text,
          'NOTES',
          ...Array.from({ length: 3 }, (_, index) => `${String(index + 1)}. ${make.prose.sentence()} ${make.prose.sentence()}`),
        ],
      })),
      'maybe',
    ),
  'footnotes behind a rule': (make) =>
    make.work(
      chapters(make, (value, title) => [`${numberedChapter(value)}.--${title}.`]).map((unit) => ({
        ...unit,
        text: [...unit.text, '-'.repeat(20), `[1] ${make.prose.sentence()}`, `[2] ${make.prose.sentence()}`],
      })),
      'maybe',
    ),
  'titles only, capitals, centred, listed': (make) =>
    make.work(
      chapters(make, (_, title) => [centred(upper(title))]).map((unit) => ({ ...unit, value: null })),
      true,
    ),
  'titles only, introduction before': (make) =>
    make.work(
      [preface(make, 'INTRODUCTION'), ...chapters(make, (_, title) => [`${title}.`]).map((unit) => ({ ...unit, value: null }))],
      true,
    ),
  'parts of titled chapters without numbers': (make) =>
    make.work(
      make.count(2, 3).flatMap((value) => [
        make.unit({ value, heading: [`PART ${upper(number(value, 'words'))}`], above: 5 }),
        ...make.count(4, 7).map(() => {
          const title = upper(make.prose.title());
          return make.unit({ level: 2, title, heading: [title], above: 4, text: make.text() });
        }),
      ]),
      'maybe',
    ),
  'stories, each with a poem behind it': (make) =>
    make.work(
      make.count(5, 8).flatMap(() => {
        const [title, song] = [make.prose.title(), `Song of ${make.prose.title()}`];
        return [
          make.unit({ title, heading: [title], above: 4, text: make.text(1.5) }),
          make.unit({ title: song, heading: [song], above: 4, text: Array.from({ length: 7 }, () => make.prose.stanza(4)) }),
        ];
      }),
      true,
    ),
  'volumes that restart, listed as they are': (make) =>
    make.work(
      make
        .count(2, 3)
        .flatMap((volume) => [
          make.unit({ value: volume, heading: [`VOLUME ${roman(volume)}`], above: 5 }),
          ...make.count(6, 11).map((value) => make.unit({ level: 2, value, heading: [numberedChapter(value)], text: make.text() })),
        ]),
      true,
    ),
  'a preface in each volume': (make) =>
    make.work(
      make.count(2, 3).flatMap((volume) => [
        make.unit({ value: volume, heading: [`VOLUME ${upper(number(volume, 'words'))}.`], above: 5 }),
        make.unit({ level: 2, title: 'TO THE READER', heading: ['TO THE READER.'], text: make.text(0.3) }),
        ...make.count(5, 9).map((value) => {
          const title = make.prose.title();
          return make.unit({ level: 2, value, title, heading: [`${numberedChapter(value)}.`, '', title], text: make.text() });
        }),
      ]),
      'maybe',
    ),
  'conclusion behind the last chapter': (make) =>
    make.work(
      [
        ...chapters(make, (value) => [numberedChapter(value)], false),
        make.unit({ title: 'CONCLUSION', heading: ['CONCLUSION'], text: make.text(0.2) }),
      ],
      'maybe',
    ),
};
