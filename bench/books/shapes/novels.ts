/** Novels and treatises: chapters in parts, books and volumes, numbered in every manner. */

import { centred, chapters, ordinals, parted, preface } from './chapters.ts';
import { number, roman, upper, type Shape } from './make.ts';

export const novels: { readonly [name: string]: Shape } = {
  'number alone, centred': (make) =>
    make.work(
      chapters(make, (value) => [centred(`${roman(value)}.`)], false),
      false,
    ),
  'number alone, bare digits': (make) =>
    make.work(
      chapters(make, (value) => [String(value)], false),
      false,
    ),
  'number between dashes': (make) =>
    make.work(
      chapters(make, (value) => [`—${String(value)}—`], false),
      false,
    ),
  'number in brackets': (make) =>
    make.work(
      chapters(make, (value) => [`[${roman(value)}]`], false),
      false,
    ),
  'number word alone': (make) =>
    make.work(
      chapters(make, (value) => [upper(number(value, 'words'))], false),
      'maybe',
    ),
  'number over title': (make) =>
    make.work(
      chapters(make, (value, title) => [`${roman(value)}.`, title]),
      'maybe',
    ),
  'digit over title, apart': (make) =>
    make.work(
      chapters(make, (value, title) => [String(value), '', title]),
      'maybe',
    ),
  'number and title on one row': (make) =>
    make.work([preface(make), ...chapters(make, (value, title) => [`${roman(value)}. ${title}`])], 'maybe'),
  'title then number': (make) =>
    make.work(
      chapters(make, (value, title) => [upper(title), '', roman(value)]),
      false,
    ),
  'chapter the first': (make) =>
    make.work(
      chapters(make, (value) => [`CHAPTER THE ${ordinals[value - 1] ?? upper(number(value, 'words'))}.`], false, 4).slice(0, 12),
      false,
    ),
  'chapter the last': (make) => {
    const units = chapters(make, (value) => [`CHAPTER ${roman(value)}.`], false);
    const last = units.at(-1)!;
    return make.work(
      [...units.slice(0, -1), { ...last, value: null, heading: ['CHAPTER THE LAST.'], entry: 'CHAPTER THE LAST.' }],
      'maybe',
    );
  },
  'dash between number and title': (make) =>
    make.work(
      chapters(make, (value, title) => [`CHAPTER ${roman(value)}—${upper(title)}`]),
      true,
    ),
  'chapter word once': (make) =>
    make.work(
      chapters(make, (value, title) => [value === 1 ? `CHAPTER I. ${title}` : `${roman(value)}. ${title}`]),
      'maybe',
    ),
  'title of several rows': (make) =>
    make.work(
      chapters(make, (value, title) => [
        `CHAPTER ${roman(value)}`,
        '',
        `IN WHICH ${upper(title)} IS SPOKEN OF, AND HOW`,
        `THE MATTER ENDED FOR EVERYBODY CONCERNED IN`,
        'IT, WITH SOME REMARKS.',
      ]),
      false,
    ),
  'summary below the number': (make) =>
    make.work(
      chapters(make, (value) => [`CHAPTER ${roman(value)}.`], false).map((unit) => ({
        ...unit,
        text: [
          `_${make.prose.title()}—${make.prose.title()}—${make.prose.title()}—${make.prose.title()}—${make.prose.title()}._`,
          ...unit.text,
        ],
      })),
      'maybe',
    ),
  'epigraphs below': (make) =>
    make.work(
      chapters(make, (value) => [`CHAPTER ${roman(value)}.`], false).map((unit) => ({
        ...unit,
        text: [`${make.prose.stanza(3)}\n                    —${upper(make.prose.name())}`, ...unit.text],
      })),
      false,
    ),
  'parts with restarts': (make) =>
    make.work(
      parted(
        make,
        (value, title) => [`PART ${roman(value)}`, '', upper(title)],
        (value, title) => [`CHAPTER ${roman(value)}`, '', title],
        { restarts: true },
      ),
      'maybe',
    ),
  'parts without restarts': (make) =>
    make.work(
      parted(
        make,
        (value, title) => [`PART ${upper(number(value, 'words'))}`, upper(title)],
        (value) => [`CHAPTER ${roman(value)}`],
        { restarts: false, titled: false },
      ),
      'maybe',
    ),
  'book the first': (make) =>
    make.work(
      parted(
        make,
        (value, title) => [`BOOK THE ${ordinals[value - 1]!}`, '', upper(title)],
        (value, title) => [`CHAPTER ${roman(value)}`, '', title],
        { restarts: true },
      ),
      'maybe',
    ),
  'first part, bare numbers': (make) =>
    make.work(
      parted(
        make,
        (value) => [`${ordinals[value - 1]!} PART`],
        (value) => [roman(value)],
        { restarts: true, titled: false, partTitled: false },
      ),
      false,
    ),
  'books of bare numbers': (make) =>
    make.work(
      parted(
        make,
        (value, title) => [`BOOK ${roman(value)}. ${title}`],
        (value) => [roman(value)],
        { restarts: true, titled: false },
      ),
      'maybe',
    ),
  'volumes with titles': (make) =>
    make.work(
      parted(
        make,
        (value) => [`VOLUME ${roman(value)}`],
        (value) => [`CHAPTER ${roman(value)}`],
        { restarts: true, titled: false, partTitled: false },
      ),
      false,
    ),
  'parts with a heading above each chapter': (make) => {
    const units = parted(
      make,
      (value) => [`VOL. ${roman(value)}.`],
      (value) => [`CHAP. ${roman(value)}.`],
      { restarts: true, titled: false, partTitled: false },
    );
    return make.work(units, 'maybe');
  },
  'three levels': (make) => {
    const units = make.count(2, 3).flatMap((volume) => [
      make.unit({ value: volume, heading: [`VOLUME ${roman(volume)}`], above: 5 }),
      ...make.count(2, 3).flatMap((book) => {
        const title = upper(make.prose.title());
        return [
          make.unit({ level: 2, value: book, title, heading: [`BOOK ${ordinals[book - 1]!}.—${title}`], above: 5 }),
          ...make.count(3, 5).map((value) => {
            const name = upper(make.prose.title());
            return make.unit({ level: 3, value, title: name, heading: [`CHAPTER ${roman(value)}—${name}`], text: make.text(0.7) });
          }),
        ];
      }),
    ]);
    return make.work(units, 'maybe');
  },
  'sections of bare numbers in chapters': (make) =>
    make.work(
      chapters(make, (value, title) => [`CHAPTER ${roman(value)}`, '', upper(title)], true, 4).flatMap((unit) => [
        { ...unit, text: [] },
        ...make
          .count(2, 4)
          .map((value) => make.unit({ level: 2, value, heading: [roman(value)], entry: null, above: 2, below: 1, text: make.text(0.5) })),
      ]),
      'maybe',
    ),
  'preface, introduction, epilogue': (make) =>
    make.work(
      [
        preface(make),
        preface(make, 'INTRODUCTION'),
        ...chapters(make, (value, title) => [`Chapter ${String(value)}. ${title}`]),
        make.unit({ title: 'EPILOGUE', heading: ['EPILOGUE'], text: make.text(0.6) }),
      ],
      'maybe',
    ),
  'prologue and epilogue': (make) =>
    make.work(
      [
        make.unit({ title: 'PROLOGUE', heading: ['PROLOGUE'], text: make.text(0.6) }),
        ...chapters(make, (value) => [`CHAPTER ${upper(number(value, 'words'))}`], false),
        make.unit({ title: 'EPILOGUE', heading: ['EPILOGUE'], text: make.text(0.6) }),
      ],
      false,
    ),
  'appendix, notes and index': (make) =>
    make.work(
      [
        preface(make, "AUTHOR'S NOTE"),
        ...chapters(make, (value, title) => [`CHAPTER ${roman(value)}. ${upper(title)}`]),
        make.unit({ matter: 'back', title: 'APPENDIX', heading: ['APPENDIX'], text: make.text(0.4) }),
        make.unit({
          matter: 'back',
          title: 'NOTES',
          heading: ['NOTES'],
          text: Array.from({ length: 12 }, (_, index) => `${String(index + 1)}. ${make.prose.sentence()}`),
        }),
        make.unit({
          matter: 'back',
          title: 'INDEX',
          heading: ['INDEX'],
          text: [Array.from({ length: 40 }, () => `${make.prose.name()}, ${String(make.chance.between(1, 300))}`).join('\n')],
        }),
      ],
      true,
    ),
  'advertisements at the end': (make) =>
    make.work(
      [
        ...chapters(make, (value, title) => [`CHAPTER ${roman(value)}.`, '', upper(title)]),
        make.unit({
          matter: 'back',
          title: 'ADVERTISEMENTS',
          heading: ['ADVERTISEMENTS'],
          entry: null,
          text: Array.from(
            { length: 8 },
            () => `${upper(make.prose.title())}. By ${make.prose.name()}. ${make.prose.sentence()} Price 3s. 6d.`,
          ),
        }),
      ],
      'maybe',
    ),
  'list of illustrations': (make) =>
    make.work(
      chapters(make, (value, title) => [`CHAPTER ${roman(value)}`, '', title]),
      true,
      {
        preliminary: [
          '',
          '',
          'LIST OF ILLUSTRATIONS',
          '',
          ...Array.from({ length: 12 }, () => `${make.prose.title().padEnd(58)}${String(make.chance.between(3, 300)).padStart(4)}`),
          '',
          '',
          '',
        ],
      },
    ),
  'decorated headings': (make) =>
    make.work(
      chapters(make, (value, title) => [`* * * ${upper(title)} * * *`].map((row) => `${roman(value)}. ${row}`)),
      false,
    ),
  'headings between rules': (make) =>
    make.work(
      chapters(make, (value, title) => ['-'.repeat(60), '', `CHAPTER ${roman(value)}`, '', title, '', '-'.repeat(60)]),
      false,
    ),
  'headings in italics': (make) =>
    make.work(
      chapters(make, (value, title) => [`_Chapter ${String(value)}_`, '', `_${title}_`]),
      'maybe',
    ),
  'headings in bold': (make) =>
    make.work(
      chapters(make, (value, title) => [`=CHAPTER ${roman(value)}.=`, '', `=${title}.=`]),
      true,
    ),
  'illustration above each heading': (make) =>
    make.work(
      chapters(make, (value, title) => ['[Illustration]', '', `CHAPTER ${roman(value)}.`, '', upper(title)]).map((unit) => ({
        ...unit,
        entry: unit.entry!.replace('[Illustration] ', ''),
      })),
      true,
    ),
  'lower case throughout': (make) =>
    make.work(
      chapters(make, (value) => [`chapter ${number(value, 'words')}`], false),
      false,
    ),
  'running titles, misnumbered': (make) => {
    const wrong = make.chance.between(4, 7);
    return make.work(
      chapters(make, (value, title) => [`CHAPTER ${roman(value >= wrong ? value - 1 : value)}.`, '', title]).map((unit) => ({
        ...unit,
        value: unit.value! >= wrong ? unit.value! - 1 : unit.value,
      })),
      false,
    );
  },
  'a number left out': (make) => {
    const units = chapters(make, (value) => [`CHAPTER ${roman(value)}`], false);
    return make.work(
      units.filter((_, index) => index !== 4),
      false,
    );
  },
  'continued volume': (make) =>
    make.work(
      make.count(10, 16).map((value) => make.unit({ value: value + 20, heading: [`CHAPTER ${roman(value + 20)}.`], text: make.text() })),
      false,
    ),
};
