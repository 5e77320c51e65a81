/** What stands in prose and looks like a heading: mentions of chapters, lists, dates, signs in capitals, numbered stanzas. */

import type { Chance } from '@scriptorium/books/chance';
import { printNumber } from '@scriptorium/books/numerals';
import type { Prose } from './prose.ts';

const upper = (text: string): string => text.toUpperCase();
const roman = (value: number): string => printNumber({ value, scheme: 'roman' });

/** Each makes the paragraphs of one such place. */
const decoys: readonly ((prose: Prose, chance: Chance) => string[])[] = [
  (prose, chance) => [`“Chapter ${roman(chance.between(1, 30))},” he read aloud, “${prose.sentence().toLowerCase()} ${prose.sentence()}”`],
  (prose, chance) => [
    `Chapter ${String(chance.between(1, 30))} of that book, he said, ${prose.sentence().toLowerCase()} ${prose.paragraph()}`,
  ],
  (prose) => [`Part of the ${prose.sentence().toLowerCase()} ${prose.paragraph()}`, `Book in hand, ${prose.sentence().toLowerCase()}`],
  (prose, chance) => [
    `Letter after letter came. ${prose.paragraph()}`,
    `Part ${chance.pick(['one', 'two'])} of the plan was simple. ${prose.paragraph()}`,
  ],
  (prose, chance) => [
    `${String(chance.between(1700, 1900))} was a hard year. ${prose.paragraph()}`,
    `I. He could not go on. ${prose.paragraph()}`,
  ],
  (prose, chance) => Array.from({ length: chance.between(3, 6) }, (_, index) => `${String(index + 1)}. ${prose.sentence()}`),
  (prose, chance) =>
    Array.from({ length: chance.between(2, 4) }, (_, index) => `${roman(index + 1)}. ${prose.sentence()} ${prose.sentence()}`),
  (prose, chance) => [
    `                              LONDON, ${String(chance.between(1, 28))}th May, ${String(chance.between(1750, 1890))}.`,
    `MY DEAR SIR,—${prose.paragraph()}`,
    `                              J. ${prose.name().toUpperCase()}.`,
  ],
  () => ['BEWARE OF THE DOG!'],
  () => ['               HERE LIES THE BODY OF\n                 JOHN MERRIDEW\n               WHO DEPARTED THIS LIFE'],
  (prose) => ['COME AT ONCE STOP ALL IS LOST STOP', prose.paragraph()],
  (prose) => [`    I\n\n${prose.stanza(4)}`, `    II\n\n${prose.stanza(4)}`],
  () => ['    *    *    *    *    *'],
  (_, chance) => [`[${String(chance.between(1, 9))}] See Chapter ${roman(chance.between(1, 12))}.`],
  () => ['[Illustration: THE OLD MILL BY THE RIVER]'],
  () => ['_Thursday._'],
  (prose) => ['TO BE SOLD BY AUCTION', prose.sentence().toUpperCase()],
  (prose) => [`ALL THIS ${prose.sentence().toUpperCase()} ${prose.paragraph().toUpperCase()}`],
  (prose) => ['NOTE.--' + prose.paragraph()],
  (prose) => [`\n${upper(prose.title())}\n\n${prose.stanza(4)}\n\n${prose.stanza(4)}\n`, prose.stanza(6)],
  (prose) => [`\n\n    *    *    *    *    *\n\n`, prose.paragraph()],
  (prose) => [`FOOTNOTES:`, `[1] ${prose.sentence()}`, `[2] Chapter IV. ${prose.sentence()}`],
  (prose, chance) => [
    `\n_To ${prose.name()}, ${chance.pick(['Bristol', 'Exeter'])}._\n\n_Monday, 4 March, 1821._\n`,
    `SIR,--${prose.paragraph()}`,
  ],
  (prose) => [`He opened the paper, and read:`, 'THE MYSTERY OF THE NORTH ROAD', prose.paragraph()],
];

/** The paragraphs with some such places among them, never first nor last. */
export function withDecoys(paragraphs: readonly string[], share: number, prose: Prose, chance: Chance): string[] {
  return paragraphs.flatMap((paragraph, index) =>
    index > 1 && index < paragraphs.length - 2 && chance.happens(share) ? [paragraph, ...chance.pick(decoys)(prose, chance)] : [paragraph],
  );
}
