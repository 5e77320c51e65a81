/** Chinese novels as text files: chapters of old novels, and of those that sites publish day by day. */

import { printNumber } from '@scriptorium/books/numerals';
import type { Make, Shape } from './make.ts';
import type { Unit, Work } from './work.ts';

const han = (value: number): string => printNumber({ value, scheme: 'chinese' });
const digits = (value: number, width: number): string => String(value).padStart(width, '0');
const wide = (text: string): string => text.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));

interface Manner {
  readonly heading: (value: number, title: string) => readonly string[];
  readonly least?: number;
  readonly blank?: boolean;
}

function chapters(make: Make, { heading, least = 12 }: Manner, level: number = 1, from: number = 1): Unit[] {
  return make.count(least, least + 14).map((index) => {
    const value = from + index - 1;
    const title = make.prose.title();
    return make.unit({ level, value, title, heading: heading(value, title), text: make.text(0.8) });
  });
}

const named = (make: Make, title: string, given: Partial<Unit> = {}): Unit =>
  make.unit({ title, heading: [title], text: make.text(0.5), ...given });

/** Sites set no blank lines, or one between any two lines. */
function file(make: Make, units: readonly Unit[], contents: boolean | 'maybe' = 'maybe'): Work {
  const indented = make.chance.happens(0.5);
  const work = make.work(
    units.map((unit) => (indented ? { ...unit, above: 0, below: 0 } : { ...unit, above: 1, below: 1 })),
    contents,
  );
  return { ...work, preliminary: [], halfTitle: false, setting: { distributor: 'none', indented, width: null } };
}

const hui: Manner = { heading: (value, title) => [`第${han(value)}回　${title}　${title.slice(-2)}`] };
const zhang: Manner = { heading: (value, title) => [`第${han(value)}章 ${title}`] };

const advertisement = '本章未完，请点击下一页继续阅读！最新章节请到 www.example.com';

export const chinese: { readonly [name: string]: Shape } = {
  'zh, 回': (make) => file(make, chapters(make, hui)),
  'zh, 章': (make) => file(make, chapters(make, zhang)),
  'zh, 章 without titles': (make) =>
    file(
      make,
      chapters(make, { heading: (value) => [`第${han(value)}章`] }).map((unit) => ({ ...unit, title: '' })),
    ),
  'zh, numbers of three digits': (make) => file(make, chapters(make, { heading: (value, title) => [`第${digits(value, 3)}章 ${title}`] })),
  'zh, full-width digits': (make) => file(make, chapters(make, { heading: (value, title) => [`第${wide(String(value))}章　${title}`] })),
  'zh, 正文': (make) => file(make, chapters(make, { heading: (value, title) => [`正文 第${han(value)}章 ${title}`] })),
  'zh, number and comma': (make) => file(make, chapters(make, { heading: (value, title) => [`${han(value)}、${title}`] })),
  'zh, digits and stop': (make) => file(make, chapters(make, { heading: (value, title) => [`${String(value)}. ${title}`] })),
  'zh, number in brackets': (make) => file(make, chapters(make, { heading: (value, title) => [`（${han(value)}）${title}`] })),
  'zh, number alone': (make) =>
    file(
      make,
      chapters(make, { heading: (value) => [han(value)] }).map((unit) => ({ ...unit, title: '' })),
      false,
    ),
  'zh, brackets around the title': (make) => file(make, chapters(make, { heading: (value, title) => [`【第${han(value)}章】${title}`] })),
  'zh, 楔子 and 尾声': (make) => file(make, [named(make, '楔子'), ...chapters(make, zhang), named(make, '尾声')]),
  'zh, 序章, 番外, 后记': (make) =>
    file(make, [
      named(make, '序章'),
      ...chapters(make, zhang),
      named(make, '番外一 ' + make.prose.title()),
      named(make, '番外二 ' + make.prose.title()),
      named(make, '后记', { matter: 'back' }),
    ]),
  'zh, 自序': (make) => file(make, [named(make, '自序', { matter: 'front' }), ...chapters(make, hui)]),
  'zh, 卷 with restarts': (make) =>
    file(
      make,
      make.count(2, 3).flatMap((value) => {
        const title = make.prose.title();
        return [
          make.unit({ value, title, heading: [`第${han(value)}卷 ${title}`], above: 3 }),
          ...chapters(make, { ...zhang, least: 5 }, 2),
        ];
      }),
    ),
  'zh, 卷之一': (make) =>
    file(
      make,
      make
        .count(3, 4)
        .flatMap((value) => [make.unit({ value, heading: [`卷之${han(value)}`], above: 3 }), ...chapters(make, { ...hui, least: 4 }, 2)]),
    ),
  'zh, 卷 in the row of each chapter': (make) =>
    file(
      make,
      make
        .count(2, 3)
        .flatMap((volume) => chapters(make, { heading: (value, title) => [`第${han(volume)}卷 第${han(value)}章 ${title}`], least: 6 })),
      false,
    ),
  'zh, repeated numbers': (make) => {
    const units = chapters(make, zhang);
    const wrong = make.chance.between(3, 7);
    return file(
      make,
      units.map((unit, index) =>
        index === wrong ? { ...unit, value: unit.value! - 1, heading: [`第${han(unit.value! - 1)}章 ${unit.title}`] } : unit,
      ),
      false,
    );
  },
  'zh, advertisements of sites': (make) =>
    file(
      make,
      chapters(make, zhang).map((unit) => ({ ...unit, text: [...unit.text, advertisement] })),
      false,
    ),
  'zh, title twice': (make) =>
    file(
      make,
      chapters(make, { heading: (value, title) => [`第${han(value)}章 ${title}`, `第${han(value)}章 ${title}`] }).map((unit) => ({
        ...unit,
        entry: unit.heading[0]!,
      })),
    ),
  'zh, 节 in 章': (make) =>
    file(
      make,
      make.count(4, 6).flatMap((value) => {
        const title = make.prose.title();
        return [
          make.unit({ value, title, heading: [`第${han(value)}章 ${title}`] }),
          ...chapters(make, { heading: (inner, name) => [`第${han(inner)}节 ${name}`], least: 3 }, 2),
        ];
      }),
    ),
  'zh, 跋': (make) => file(make, [named(make, '自序', { matter: 'front' }), ...chapters(make, hui), named(make, '跋', { matter: 'back' })]),
  'zh, 跋 of another hand': (make) =>
    file(make, [
      ...chapters(make, hui),
      named(make, `${make.prose.name()}跋`, { matter: 'back' }),
      named(make, '自跋', { matter: 'back' }),
    ]),
  'zh, 折 and 楔子': (make) => file(make, [named(make, '楔子'), ...acts(make)], false),
  'zh, 折 of several plays': (make) =>
    file(
      make,
      make.count(2, 4).flatMap(() => {
        const title = make.prose.title();
        return [make.unit({ title, heading: [title] }), ...acts(make, 2)];
      }),
    ),
  'zh, 集 of 回': (make) =>
    file(
      make,
      held(make, (value, title) => `第${han(value)}集 ${title}`, { restarts: true }),
    ),
  'zh, 集 alone': (make) => file(make, chapters(make, { heading: (value, title) => [`第${han(value)}集 ${title}`], least: 8 })),
  'zh, 上卷 and 下卷': (make) =>
    file(
      make,
      held(make, (value) => `${'上中下'[value - 1]!}卷`, { restarts: false, titled: false }),
    ),
  'zh, 卷上 and 卷下': (make) =>
    file(
      make,
      held(make, (value) => `卷${'上中下'[value - 1]!}`, { restarts: true, titled: false }),
    ),
  'zh, 上册 with a title': (make) =>
    file(
      make,
      held(make, (value, title) => `${'上中下'[value - 1]!}册 ${title}`, { restarts: false }),
    ),
};

/** The four acts of a play, sung without titles. */
function acts(make: Make, level: number = 1): Unit[] {
  return make
    .count(4, 4)
    .map((value) =>
      make.unit({ level, value, heading: [`第${han(value)}折`], text: [...make.text(0.5), make.prose.stanza(4), ...make.text(0.3)] }),
    );
}

/** Three of what holds chapters, the number of which starts anew or runs on. */
function held(
  make: Make,
  heading: (value: number, title: string) => string,
  { restarts, titled = true }: { readonly restarts: boolean; readonly titled?: boolean },
): Unit[] {
  let running = 0;
  return make.count(3, 3).flatMap((value) => {
    const title = titled ? make.prose.title() : '';
    const inner = chapters(make, { ...hui, least: 4 }, 2, restarts ? 1 : running + 1);
    running += inner.length;
    return [make.unit({ value, title, heading: [heading(value, title)], above: 3 }), ...inner];
  });
}
