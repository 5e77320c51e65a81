/** Text that reads enough like its language for every check of the pipeline, and means nothing. */

import type { Chance } from './chance.ts';

export type SampleLanguage = 'en' | 'de' | 'zh';

export interface Prose {
  readonly paragraph: () => string;
  readonly verse: () => readonly string[];
  readonly title: () => string;
  readonly name: () => string;
}

export function proseOf(language: SampleLanguage, chance: Chance): Prose {
  return language === 'zh' ? chinese(chance) : western(language === 'de' ? german : english, chance);
}

interface Vocabulary {
  readonly adjectives: readonly string[];
  readonly nouns: readonly string[];
  readonly verbs: readonly string[];
  readonly places: readonly string[];
  /** `{a}` adjective, `{n}` noun, `{v}` verb, `{p}` place, `{who}` a name. */
  readonly sentences: readonly string[];
  readonly lines: readonly string[];
  readonly titles: readonly string[];
  readonly given: readonly string[];
  readonly family: readonly string[];
}

const english: Vocabulary = {
  adjectives:
    'old silent narrow bright forgotten distant patient crooked golden weathered curious hollow solitary magnificent uncertain melancholy extraordinary comfortable'.split(
      ' ',
    ),
  nouns:
    'lantern harbour gardener staircase merchant orchard letter carriage fisherman schoolmaster window mountain promise conversation neighbourhood afternoon grandmother instrument candle village river stranger flower office'.split(
      ' ',
    ),
  verbs:
    'remembered followed answered described carried discovered understood considered abandoned entertained recommended surrounded'.split(
      ' ',
    ),
  places:
    'the harbour,the market square,the northern road,the little chapel,the fields beyond the river,the library,the station,the kitchen garden'.split(
      ',',
    ),
  sentences: [
    'The {a} {n} {v} the {n} in {p}, and nobody was the wiser for it.',
    'It was not until the {n} had gone that {who} {v} what the {a} {n} was for.',
    '“I have never seen such a {n},” said {who}, “and I hope that I never shall.”',
    'When they came to {p} there was a {a} {n} by the door, which {who} had {v} the day before.',
    'He would have {v} the {n} at once, but she was of another mind about the {a} {n}.',
    'There is a {n} in every {n}, as they say at {p}, and it is the {a} one that is found last.',
    'All that evening the {n} stood at the window—it was a {a} habit—and {who} {v} the {n} with great attention.',
    'We were told that the café had been shut, and that the {n} was to be had only from {who}.',
    'For my part I {v} the {n}, because it was late and the {a} office was difficult to find.',
  ],
  lines: [
    'The {a} {n} by the sea',
    'And all the {n} of the day',
    'I {v} what I could not say',
    'O {a} {n}, come to me',
    'Beneath the {a} {n} we stood',
    'That {v} the wind and wood',
  ],
  titles: ['The {A} {N}', 'The {N} and the {N}', 'In Which the {N} Is {V}', 'A {A} {N}', 'What {who} {V}', 'Of the {N} and Its {N}'],
  given: 'Edmund Harriet Josiah Margaret Tobias Eleanor Ambrose Clara Silas Winifred'.split(' '),
  family: 'Thackerley Pemble Oakhurst Brandreth Merriweather Holloway Quillfeather Stainforth'.split(' '),
};

const german: Vocabulary = {
  adjectives: 'alte stille schmale helle vergessene ferne geduldige krumme goldene seltsame einsame prächtige'.split(' '),
  nouns: 'Laterne Gärtnerin Treppe Kutsche Straße Nachbarin Geschichte Großmutter Blume Werkstatt Brücke Stimme Mühle Wanderung'.split(' '),
  verbs: 'erinnerte suchte beschrieb fand verstand betrachtete verließ empfahl umgab hörte'.split(' '),
  places: 'am Hafen,auf dem Marktplatz,an der Straße nach Norden,in der kleinen Kapelle,hinter dem Fluss,im Küchengarten'.split(','),
  sentences: [
    'Die {a} {n} war nicht mehr da, als {who} {p} auf sie wartete.',
    'Es dauerte lange, bis er die {a} {n} {v}, denn sie stand {p} und nicht bei der {n}.',
    '„Ich habe so eine {n} noch nie gesehen“, sagte {who}, „und ich will es auch nicht.“',
    'Und so kam es, dass man die {n} {p} {v} und sich über die {a} {n} wunderte.',
    'Sie hatte von der {n} gehört, aber das war auch alles, was sie über die {a} {n} wusste.',
    'Der Abend war schön, und {who} {v} die {a} {n}, die ihm so viel bedeutet hatte.',
  ],
  lines: ['Die {a} {n} am Meer', 'Und alle {n} ruht so sehr', 'Ich {v} sie und fand sie nicht', 'O {a} {n}, o Licht'],
  titles: ['Die {a} {N}', 'Von der {N} und der {N}', 'Was {who} {v}', 'Die {N}'],
  given: 'Friedrich Wilhelmine Theodor Mathilde Gottfried Adelheid'.split(' '),
  family: 'Ahrensberg Löwenthal Kieselbach Sternheim Vogelsang'.split(' '),
};

function western(vocabulary: Vocabulary, chance: Chance): Prose {
  const name = (): string => `${chance.pick(vocabulary.given)} ${chance.pick(vocabulary.family)}`;
  const words: { readonly [slot: string]: () => string } = {
    a: () => chance.pick(vocabulary.adjectives),
    n: () => chance.pick(vocabulary.nouns),
    v: () => chance.pick(vocabulary.verbs),
    p: () => chance.pick(vocabulary.places),
    who: name,
  };
  const filled = (template: string): string =>
    template.replace(/\{(\w+)\}/g, (_, slot: string) => {
      const word = (words[slot] ?? words[slot.toLowerCase()] ?? name)();
      return /^[ANV]$/.test(slot) ? word.charAt(0).toUpperCase() + word.slice(1) : word;
    });
  return {
    name,
    title: () => filled(chance.pick(vocabulary.titles)),
    paragraph: () => Array.from({ length: chance.between(2, 6) }, () => capital(filled(chance.pick(vocabulary.sentences)))).join(' '),
    verse: () => Array.from({ length: 4 }, (_, index) => capital(filled(chance.pick(vocabulary.lines))) + (index === 3 ? '.' : ',')),
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const zhClauses: readonly string[] = [
  '话说那日天色已晚',
  '众人都在厅上坐着',
  '只见一个老者走了进来',
  '他把书信放在桌上',
  '说道这是我家主人的意思',
  '大家听了都不作声',
  '过了一会方才有人开口',
  '这里离城不远',
  '你我不如先去看看',
  '于是两个人出了门',
  '一路上说说笑笑',
  '不觉已到了河边',
  '那船家正在等着',
  '上了船便往东去',
  '这一年的花开得早',
  '山中的道人也下来了',
  '他们说起从前的事情',
  '没有一个不叹气的',
  '那孩子不知道是什么道理',
  '就把灯点上了',
];
const zhTitles: readonly string[] = [
  '访旧友',
  '渡寒江',
  '夜宿山寺',
  '巧遇奇人',
  '大闹酒楼',
  '智取书信',
  '重逢故里',
  '独上高楼',
  '暗藏玄机',
  '误入深林',
  '力战群雄',
  '泪别长亭',
];
const zhNames: readonly string[] = ['李青山', '王若水', '赵云鹤', '陈书白', '林秋月', '周文远'];

function chinese(chance: Chance): Prose {
  const sentence = (): string => `${Array.from({ length: chance.between(2, 5) }, () => chance.pick(zhClauses)).join('，')}。`;
  const name = (): string => chance.pick(zhNames);
  return {
    name,
    title: () => `${name()}${chance.pick(zhTitles)}　${name()}${chance.pick(zhTitles)}`,
    paragraph: () =>
      Array.from({ length: chance.between(3, 7) }, () => (chance.happens(0.2) ? `${name()}道：“${sentence()}”` : sentence())).join(''),
    verse: () => ['青松冷淡不如花', '看看眼前不及它', '有朝一日浓霜降', '只见青松不见花'],
  };
}
