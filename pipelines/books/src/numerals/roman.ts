/** Roman numerals, as strictly as printers kept to them. */

const values: readonly (readonly [string, number])[] = [
  ['M', 1000],
  ['CM', 900],
  ['D', 500],
  ['CD', 400],
  ['C', 100],
  ['XC', 90],
  ['L', 50],
  ['XL', 40],
  ['X', 10],
  ['IX', 9],
  ['V', 5],
  ['IV', 4],
  ['I', 1],
];

/** Four equal signs stand for the subtractive form (`IIII`, `XXXX`), as on clocks and in old prints; `j` ends a number for `i`. */
const shape: RegExp = /^(M{0,4})(CM|CD|DC{0,4}|C{0,4})(XC|XL|LX{0,4}|X{0,4})(IX|IV|VI{0,4}|I{0,4})$/;

const single: { readonly [sign: string]: number } = { I: 1, V: 5, X: 10, L: 50, C: 100, D: 500, M: 1000 };

/** Null where the text is no roman numeral; upper or lower case, not both (small capitals' `Xii` aside). */
export function romanValue(text: string): number | null {
  if (!/^(?:[IVXLCDM]+J?|[ivxlcdm]+j?|[IVXLCDM][ivxlcdm]+)$/.test(text)) return null;
  const upper = text.toUpperCase().replace(/J$/, 'I');
  // `Di`, `Mi`, `Dim` and the like are words and not numbers, `Mix` and `Civic` too: one case only beyond a small first letter.
  if (/^[MDCL][a-z]/.test(text) || !shape.test(upper)) return null;
  let sum = 0;
  for (let index = 0; index < upper.length; index += 1) {
    const value = single[upper[index] ?? ''] ?? 0;
    sum += value < (single[upper[index + 1] ?? ''] ?? 0) ? -value : value;
  }
  return sum;
}

export function printRoman(value: number): string {
  let rest = value;
  let text = '';
  for (const [sign, size] of values) {
    while (rest >= size) {
      text += sign;
      rest -= size;
    }
  }
  return text;
}
