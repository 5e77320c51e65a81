/** Number words, cardinal and ordinal: English up to 9,999, German and French up to 99. All take lower case. */

const small: readonly string[] =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const smallOrdinals: readonly string[] =
  'zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth'.split(
    ' ',
  );
const tens: readonly string[] = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

const english: ReadonlyMap<string, number> = new Map([
  ...small.map((word, value) => [word, value] as const),
  ...smallOrdinals.map((word, value) => [word, value] as const),
  ...tens.map((word, index) => [word, 20 + 10 * index] as const),
  ...tens.map((word, index) => [word.replace(/y$/, 'ieth'), 20 + 10 * index] as const),
  ['fourty', 40],
  ['fourtieth', 40],
  ['ninth', 9],
  ['twelveth', 12],
  ['nineth', 9],
]);

/** `twenty-one`, `twenty first`, `the first`, `one hundred and third`, `two thousand`. */
export function englishValue(text: string): number | null {
  const words = text.replace(/^the\s+/, '').split(/[\s-]+/);
  let total = 0;
  let group = 0;
  // The largest value that may still follow: `twenty one` but not `one twenty` nor `one one`.
  let below = 1000;
  let sawUnit = false;
  for (const [index, word] of words.entries()) {
    if (word === 'and' && sawUnit && index < words.length - 1) continue;
    const unit = /^hundred(th)?$/.test(word) ? 100 : /^thousand(th)?$/.test(word) ? 1000 : null;
    if (unit !== null) {
      if (word.endsWith('th') && index < words.length - 1) return null;
      if (unit === 1000 && total > 0) return null;
      if (unit === 100 && group >= 100) return null;
      const count = index === 0 || (words[0] === 'a' && index === 1) ? 1 : group;
      if (count === 0) return null;
      if (unit === 1000) [total, group] = [count * 1000, 0];
      else group = count * 100;
      below = unit === 1000 ? 1000 : 100;
      sawUnit = true;
      continue;
    }
    if (word === 'a' && index === 0 && words.length > 1) continue;
    const value = english.get(word);
    if (value === undefined || value >= below || (value === 0 && words.length > 1)) return null;
    if (isOrdinal(word) && index < words.length - 1) return null;
    group += value;
    below = value >= 20 ? 10 : 0;
  }
  return total + group;
}

function isOrdinal(word: string): boolean {
  return /(first|second|third|th)$/.test(word);
}

/** `one`, `twenty-one`, `one hundred and three`; 1 to 9,999. */
export function printEnglish(value: number): string {
  if (value >= 1000) return joined(`${printEnglish(Math.floor(value / 1000))} thousand`, value % 1000);
  if (value >= 100) return joined(`${printEnglish(Math.floor(value / 100))} hundred`, value % 100);
  if (value < 20) return small[value] ?? '';
  const ten = tens[Math.floor(value / 10) - 2] ?? '';
  return value % 10 === 0 ? ten : `${ten}-${small[value % 10] ?? ''}`;
}

function joined(head: string, rest: number): string {
  if (rest === 0) return head;
  return rest < 100 ? `${head} and ${printEnglish(rest)}` : `${head} ${printEnglish(rest)}`;
}

const germanOnes: readonly string[] = 'null ein zwei drei vier fünf sechs sieben acht neun'.split(' ');
const germanTeens: readonly string[] = 'zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn'.split(' ');
const germanTens: readonly string[] = 'zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig'.split(' ');

const german: ReadonlyMap<string, number> = numberedWords(germanCardinal, (word, value) => {
  const irregular: { readonly [value: number]: string } = { 1: 'erst', 3: 'dritt', 7: 'siebt', 8: 'acht' };
  const stem = irregular[value] ?? (value < 20 ? `${word}t` : `${word}st`);
  const stems = value === 7 ? [stem, 'siebent'] : [stem];
  return [word, ...(value === 1 ? ['eins'] : []), ...stems.flatMap((each) => ['e', 'er', 'es', 'en'].map((ending) => each + ending))];
});

function germanCardinal(value: number): string {
  if (value < 10) return germanOnes[value] ?? '';
  if (value < 20) return germanTeens[value - 10] ?? '';
  const ten = germanTens[Math.floor(value / 10) - 2] ?? '';
  return value % 10 === 0 ? ten : `${germanOnes[value % 10] ?? ''}und${ten}`;
}

/** `erstes`, `einundzwanzigster`, `das dritte`; also with `ss` for `ß` and `ue`, `oe` for the umlauts. */
export function germanValue(text: string): number | null {
  return german.get(foldGerman(text.replace(/^(der|die|das)\s+/, ''))) ?? null;
}

const frenchSmall: readonly string[] =
  'zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf'.split(' ');
const frenchTens: readonly string[] = 'vingt trente quarante cinquante soixante'.split(' ');

const french: ReadonlyMap<string, number> = numberedWords(frenchCardinal, (word, value) => {
  const stem = word
    .replace(/s$/, value === 80 ? '' : 's')
    .replace(/e$/, '')
    .replace(/cinq$/, 'cinqu')
    .replace(/neuf$/, 'neuv');
  const first = value === 1 ? ['premier', 'première', 'une'] : value === 2 ? ['second', 'seconde'] : [];
  return [word, `${stem}ième`, ...first];
});

function frenchCardinal(value: number): string {
  if (value < 20) return frenchSmall[value] ?? '';
  if (value >= 80) return value === 80 ? 'quatre-vingts' : `quatre-vingt-${frenchCardinal(value - 80)}`;
  const base = value >= 60 ? 60 : value - (value % 10);
  const ten = frenchTens[base / 10 - 2] ?? '';
  const rest = value - base;
  if (rest === 0) return ten;
  return rest === 1 || rest === 11 ? `${ten}-et-${frenchCardinal(rest)}` : `${ten}-${frenchCardinal(rest)}`;
}

/** `premier`, `deuxième`, `vingt et unième`, `soixante-dix`. */
export function frenchValue(text: string): number | null {
  return french.get(text.replace(/^(le|la)\s+/, '').replace(/\s+/g, '-')) ?? null;
}

/** Every form of the numbers 1 to 99. */
function numberedWords(
  cardinal: (value: number) => string,
  forms: (word: string, value: number) => readonly string[],
): ReadonlyMap<string, number> {
  const words = new Map<string, number>();
  for (let value = 1; value < 100; value += 1) {
    for (const form of forms(cardinal(value), value)) {
      words.set(form, value);
      words.set(foldGerman(form), value);
    }
  }
  return words;
}

function foldGerman(text: string): string {
  return text.replaceAll('ß', 'ss').replaceAll('ü', 'ue').replaceAll('ö', 'oe');
}
