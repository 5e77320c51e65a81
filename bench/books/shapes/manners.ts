/** How headings are worded and set: synopses, small numerals, dashes, misprints, volumes with title pages, numbered paragraphs below. */

import { centred, chapters, ordinals } from './chapters.ts';
import { number, roman, upper, type Make, type Shape } from './make.ts';

/** `CHAPTER I. Of how …`: a sentence or two over several rows. */
function synopsis(make: Make): string {
  const of = (): string =>
    `${make.prose.title().toLowerCase()}, ${make.prose
      .sentence()
      .toLowerCase()
      .replace(/[“”.!?—]/g, '')
      .slice(0, 60)
      .trim()}`;
  return `How ${make.prose.name()} came to ${of()}; and what befell there, with ${of()}, and other matters that the reader must know.`;
}

function rowsOf(text: string, width: number): string[] {
  const rows: string[] = [''];
  for (const word of text.split(' ')) {
    if (`${rows.at(-1)!} ${word}`.length > width) rows.push(word);
    else rows[rows.length - 1] = `${rows.at(-1)!} ${word}`.trim();
  }
  return rows;
}

export const manners: { readonly [name: string]: Shape } = {
  'long synopses': (make) =>
    make.work(
      chapters(make, (value) => [`CHAPTER ${roman(value)}.`], false).map((unit) => {
        const title = synopsis(make);
        return { ...unit, title, heading: [...unit.heading, '', ...rowsOf(title, 66)], entry: null };
      }),
      false,
    ),
  'long synopses on the row of the number': (make) =>
    make.work(
      chapters(make, () => [], false).map((unit) => {
        const title = synopsis(make);
        return { ...unit, title, heading: rowsOf(`CHAPTER ${roman(unit.value!)}. ${title}`, 70), entry: null };
      }),
      false,
    ),
  'which treats of': (make) =>
    make.work(
      chapters(make, (value, title) => [
        `CHAPTER ${roman(value)}.`,
        `WHICH TREATS OF ${upper(title)} AND OF WHAT`,
        'PASSED THERE BEFORE MORNING',
      ]).map((unit) => ({
        ...unit,
        title: unit.heading.slice(1).join(' '),
      })),
      'maybe',
    ),
  'chap. in small numerals': (make) =>
    make.work(
      chapters(make, (value) => [`Chap. ${roman(value).toLowerCase()}.`], false),
      false,
    ),
  'number and dash': (make) =>
    make.work(
      chapters(make, (value, title) => [`${roman(value)}.--${upper(title)}`]),
      'maybe',
    ),
  'digit and dash': (make) =>
    make.work(
      chapters(make, (value, title) => [`${String(value)}.—${title}`]),
      'maybe',
    ),
  'number and capitals, no stop': (make) =>
    make.work(
      chapters(make, (value, title) => [`${roman(value)} ${upper(title)}`]),
      'maybe',
    ),
  'signs for sections': (make) =>
    make.work(
      chapters(make, (value, title) => [`§ ${String(value)}. ${title}`]),
      'maybe',
    ),
  'numbers with a mark of a note': (make) =>
    make.work(
      chapters(make, (value) => [`CHAPTER ${roman(value)}.[${String(value)}]`], false),
      false,
    ),
  'page marks above the headings': (make) =>
    make.work(
      chapters(make, (value, title) => [`CHAPTER ${roman(value)}`, '', title]).map((unit, index) => ({
        ...unit,
        heading: [`[Pg ${String(index * 12 + 3)}]`, '', ...unit.heading],
        entry: `${unit.heading[0]!} ${unit.title}`,
        text: unit.text.map((paragraph, place) =>
          place % 4 === 2 ? paragraph.replace(' ', ` [Pg ${String(index * 12 + 4 + place)}] `) : paragraph,
        ),
      })),
      'maybe',
    ),
  'numerals of two kinds': (make) => {
    const turn = make.chance.between(4, 7);
    return make.work(
      chapters(make, (value) => [`CHAPTER ${value < turn ? roman(value) : String(value)}`], false),
      false,
    );
  },
  'misprinted words': (make) => {
    const wrong = make.chance.between(3, 6);
    return make.work(
      chapters(make, (value) => [`${value === wrong ? 'CHAPER' : 'CHAPTER'} ${roman(value)}`], false),
      false,
    );
  },
  'title above, chapter below': (make) =>
    make.work(
      chapters(make, (value, title) => [centred(upper(title)), '', centred(`CHAPTER ${upper(number(value, 'words'))}`)]),
      false,
    ),
  interchapters: (make) =>
    make.work(
      chapters(make, (value, title) => [`CHAPTER ${roman(value)}`, '', title]).flatMap((unit, index) =>
        index % 4 === 3 ? [unit, make.unit({ title: 'INTERLUDE', heading: ['INTERLUDE'], text: make.text(0.6) })] : [unit],
      ),
      false,
    ),
  fits: (make) =>
    make.work(
      make.count(5, 9).map((value) => {
        const title = upper(make.prose.title());
        return make.unit({
          value,
          title,
          heading: [`FIT THE ${ordinals[value - 1]!}`, '', title],
          text: Array.from({ length: 24 }, () => make.prose.stanza(4)),
        });
      }),
      'maybe',
    ),
  'volumes with title pages': (make) => {
    const title = upper(make.prose.title());
    return make.work(
      make.count(2, 3).flatMap((volume) => [
        make.unit({
          value: volume,
          heading: volume === 1 ? [`VOLUME ${roman(volume)}`] : [title, '', 'IN THREE VOLUMES', '', `VOLUME ${roman(volume)}`],
          entry: `VOLUME ${roman(volume)}`,
          above: 5,
        }),
        ...make.count(5, 9).map((value) => make.unit({ level: 2, value, heading: [`CHAPTER ${roman(value)}.`], text: make.text() })),
      ]),
      'maybe',
      { title },
    );
  },
  'volumes that end': (make) =>
    make.work(
      make.count(2, 3).flatMap((volume) => [
        make.unit({ value: volume, heading: [`VOLUME THE ${ordinals[volume - 1]!}`], above: 5 }),
        ...make.count(5, 9).map((value, index, all) =>
          make.unit({
            level: 2,
            value,
            heading: [`CHAPTER ${roman(value)}`],
            text: index === all.length - 1 ? [...make.text(), `END OF VOLUME ${upper(number(volume, 'words'))}.`] : make.text(),
          }),
        ),
      ]),
      'maybe',
    ),
  'treatise of numbered paragraphs': (make) => {
    let running = 0;
    return make.work(
      make.count(3, 5).flatMap((part) => {
        const title = upper(make.prose.title());
        return [
          make.unit({ value: part, title, heading: [`BOOK ${roman(part)}`, title], above: 4 }),
          ...make.count(3, 5).map((value) => {
            const name = make.prose.title();
            return make.unit({
              level: 2,
              value,
              title: name,
              heading: [`CHAPTER ${roman(value)}: ${name}`],
              text: Array.from({ length: 9 }, () => `${String((running += 1))}. ${make.prose.paragraph()}`),
            });
          }),
        ];
      }),
      'maybe',
    );
  },
  'chapters of verses': (make) =>
    make.work(
      make.count(12, 24).map((value) =>
        make.unit({
          value,
          heading: [`CHAPTER ${String(value)}`],
          text: Array.from(
            { length: make.chance.between(16, 40) },
            (_, index) => `${String(value)}:${String(index + 1)} ${make.prose.sentence()}`,
          ),
        }),
      ),
      false,
    ),
};
