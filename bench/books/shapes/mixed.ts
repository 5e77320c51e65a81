/** Works put together at random from everything that headings are made of: what no list of shapes thinks of. */

import { number, roman, upper, type Make, type Shape } from './make.ts';
import type { Unit } from './work.ts';

const ordinals =
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth'.split(' ');

interface Style {
  readonly titled: boolean;
  readonly heading: (value: number, title: string) => readonly string[];
}

/** Words that units are numbered with, outer ones before inner ones. */
const outerWords = ['part', 'book', 'volume', 'act', 'division', 'section'];
const innerWords = [
  'chapter',
  'chap.',
  'letter',
  'canto',
  'adventure',
  'scene',
  'lesson',
  'sermon',
  'dialogue',
  'excursion',
  'log',
  'fytte',
];

function label(make: Make, word: string | null): (value: number) => string {
  const { chance } = make;
  const capitals = chance.happens(0.6) ? upper : (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
  const scheme = chance.pick(['roman', 'roman', 'roman', 'arabic', 'arabic', 'words'] as const);
  const printed = (value: number): string => (scheme === 'words' ? capitals(number(value, 'words')) : number(value, scheme));
  if (word === null) return scheme === 'words' ? (value) => upper(number(value, 'words')) : printed;
  const known = !['excursion', 'log', 'fytte'].includes(word);
  const way = known ? chance.pick(['after', 'after', 'after', 'after', 'the', 'before']) : 'after';
  if (way === 'the')
    return (value) => `${capitals(word.replace('.', ''))} ${capitals('the')} ${capitals(ordinals[value - 1] ?? number(value, 'words'))}`;
  if (way === 'before' && !word.endsWith('.'))
    return (value) => `${capitals('the')} ${capitals(ordinals[value - 1] ?? number(value, 'words'))} ${capitals(word)}`;
  return known ? (value) => `${capitals(word)} ${printed(value)}` : (value) => `${capitals(word)} ${roman(value)}`;
}

function styleOf(make: Make, word: string | null): Style {
  const { chance } = make;
  const of = label(make, word);
  const titled = chance.happens(0.6);
  const stop = chance.pick(['', '', '.', ':']);
  const titleCase = chance.pick([upper, (text: string) => text, (text: string) => `_${text}_`]);
  const indent = ' '.repeat(chance.pick([0, 0, 0, 4, 24]));
  const layout = chance.pick(['row', 'row', 'below', 'apart', 'apart', 'dash']);
  const heading = (value: number, title: string): readonly string[] => {
    const own = of(value);
    if (!titled) return [indent + own + (stop === ':' ? '.' : stop)];
    const text = titleCase(title);
    if (layout === 'row') return [`${indent}${own}${stop === '' ? '.' : stop} ${text}`];
    if (layout === 'dash') return [`${indent}${own}${chance.pick(['—'])}${text}`];
    return layout === 'below' ? [`${indent}${own}${stop}`, indent + text] : [`${indent}${own}${stop}`, '', indent + text];
  };
  return { titled, heading };
}

function units(make: Make, style: Style, level: number, values: readonly number[], scale: number): Unit[] {
  return values.map((value) => {
    const title = style.titled ? make.prose.title() : '';
    return make.unit({ level, value, title, heading: style.heading(value, title), text: make.text(scale) });
  });
}

export const mixed: Shape = (make) => {
  const { chance } = make;
  const inner = styleOf(make, chance.happens(0.7) ? chance.pick(innerWords) : null);
  const outer = chance.happens(0.4) ? styleOf(make, chance.pick(outerWords)) : null;
  const restarts = chance.happens(0.6);
  const body: Unit[] = [];
  if (outer === null) body.push(...units(make, inner, 1, make.count(6, 16), 1));
  else {
    let running = 0;
    for (const value of make.count(2, 4)) {
      const title = outer.titled ? make.prose.title() : '';
      body.push(make.unit({ value, title, heading: outer.heading(value, title), above: 5 }));
      const held = make.count(3, 4).map((own) => (restarts ? own : running + own));
      running += held.length;
      body.push(...units(make, inner, 2, held, 1));
    }
  }
  const front = chance.shuffled(['PREFACE', 'INTRODUCTION', 'FOREWORD']).slice(0, chance.pick([0, 0, 1, 2]));
  const back = chance.pick([[], [], [], ['APPENDIX'], ['NOTES'], ['GLOSSARY']]);
  const matter = (place: 'front' | 'back', title: string): Unit =>
    make.unit({ matter: place, title, heading: [title], text: make.text(0.3) });
  return make.work([...front.map((title) => matter('front', title)), ...body, ...back.map((title) => matter('back', title))], 'maybe');
};
