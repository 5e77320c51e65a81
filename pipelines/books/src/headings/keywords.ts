/**
 * The words that units of books are numbered with, and how far out each usually stands. Other words count too where
 * their numbers make a sequence; these are believed sooner, and say by themselves what holds what.
 */

/** 1 holds chapters, 2 is a chapter, 3 is inside one. */
export type Level = 1 | 2 | 3;

const words: { readonly [level in Level]: string } = {
  1: `book part volume act day period phase division series epoch teil band buch akt aufzug livre tome partie acte journée
    libro parte tomo atto acto jornada giornata liber pars livro ato deel boek bedrijf bok del delen boken akten bind osa kirja näytös
    część księga tom часть книга том μέρος βιβλίο 卷 部 集 篇 编 編 册 冊`,
  2: `chapter stave letter canto adventure lecture essay tale story fit fytte episode sermon fable discourse meditation lesson
    elegy ode sonnet dialogue epistle voyage novel night narrative conversation evening excursion problem case
    kapitel hauptstück abenteuer streich gesang brief vorlesung chapitre lettre chant capitolo lettera capítulo carta caput epistola cantus
    hoofdstuk zang brev sång kapitlet luku kirje rozdział list kapitola fejezet глава письмо κεφάλαιο κεφαλαιον 回 章 折 出 话 話`,
  3: `section scene szene auftritt scène escena scena abschnitt tooneel scen kohtaus scaena cena 节 節 幕 §`,
};

const levels: ReadonlyMap<string, Level> = new Map(
  ([1, 2, 3] as const).flatMap((level) => words[level].split(/\s+/).map((word) => [word, level] as const)),
);

/** Shortened, old and inflected forms of the same words. */
const forms: { readonly [form: string]: string } = {
  chap: 'chapter',
  ch: 'chapter',
  vol: 'volume',
  theil: 'teil',
  capitel: 'kapitel',
  kap: 'kapitel',
  capitlet: 'kapitlet',
  capitulo: 'capítulo',
  cap: 'capítulo',
  capvt: 'caput',
  capitvlvm: 'caput',
  capitulum: 'caput',
  kapittel: 'kapitel',
  lib: 'liber',
};

/** The word as its unit is called throughout: in lower case, spelled out. */
export function unitWord(word: string): string {
  const lower = word.toLowerCase();
  return Object.hasOwn(forms, lower) ? forms[lower]! : lower;
}

/** The level that a unit's word usually has, null for words that are not known to head anything. */
export function keywordLevel(keyword: string): Level | null {
  return levels.get(keyword) ?? null;
}
