/** Headings of one kind that differ in their looks: some of two rows, some as wide as the page, some that ask. */

import { centred } from './chapters.ts';
import { roman, upper, type Make, type Shape } from './make.ts';

/** Every third title is a long one, with another for those who want more. */
const titleOf = (make: Make, value: number): string =>
  value % 3 === 2 ? `${make.prose.title()}; or, ${make.prose.title()}` : make.prose.title();

/** Over two rows, the second one shorter, where the title has another. */
const rowsOf = (title: string): string[] => title.split(/(?<=;) /).map(centred);

const asks = (title: string, value: number): string => (value % 4 === 3 ? `Why ${title}?` : title);

export const settings: { readonly [name: string]: Shape } = {
  'centred, of one row or two': (make) =>
    make.work(
      make.count(9, 16).map((value) => {
        const title = titleOf(make, value);
        return make.unit({ title, heading: rowsOf(title), text: make.text(1.3) });
      }),
      false,
    ),
  'centred, some as wide as the page': (make) =>
    make.work(
      make.count(9, 16).map((value) => {
        const title = `${make.prose.title()}${value % 3 === 2 ? `, and What Became of ${make.prose.title()} in Those Years` : ''}`;
        return make.unit({ title, heading: [centred(title)], text: make.text(1.3) });
      }),
      false,
    ),
  'title case, some that ask': (make) =>
    make.work(
      make.count(9, 16).map((value) => {
        const title = asks(make.prose.title(), value);
        return make.unit({ title, heading: [title], text: make.text(1.3) });
      }),
      false,
    ),
  'parts of titles that ask': (make) =>
    make.work(
      make.count(2, 4).flatMap((part) => [
        make.unit({ value: part, heading: [`PART ${roman(part)}`], above: 5 }),
        ...make.count(4, 6).map((value) => {
          const title = asks(make.prose.title(), value);
          return make.unit({ level: 2, title, heading: [title], above: 4, text: make.text() });
        }),
      ]),
      false,
    ),
  'works with titles of one row or two': (make) =>
    make.work(
      make.count(3, 4).flatMap((place) => {
        const title = titleOf(make, place);
        return [
          make.unit({ title, heading: rowsOf(upper(title)), above: 6, text: make.text(0.2) }),
          ...make.count(4, 7).map((value) => make.unit({ level: 2, value, heading: [`CHAPTER ${roman(value)}`], text: make.text() })),
        ];
      }),
      false,
    ),
};
