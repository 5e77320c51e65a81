/**
 * Chinese numerals: with units (二百一十三), contracted tens (廿 20, 卅 30, 卌 40), the formal signs of accounts (貳拾壹),
 * by position (二一 is 21, 一○三 is 103), and the mixtures that contents lists have (一百０三, 第一百十回).
 */

const digits: { readonly [sign: string]: number } = {
  〇: 0,
  零: 0,
  '○': 0,
  '０': 0,
  Ｏ: 0,
  一: 1,
  壹: 1,
  壱: 1,
  弌: 1,
  元: 1,
  二: 2,
  贰: 2,
  貳: 2,
  两: 2,
  兩: 2,
  弍: 2,
  三: 3,
  叁: 3,
  參: 3,
  参: 3,
  叄: 3,
  弎: 3,
  四: 4,
  肆: 4,
  五: 5,
  伍: 5,
  六: 6,
  陆: 6,
  陸: 6,
  七: 7,
  柒: 7,
  八: 8,
  捌: 8,
  九: 9,
  玖: 9,
  '１': 1,
  '２': 2,
  '３': 3,
  '４': 4,
  '５': 5,
  '６': 6,
  '７': 7,
  '８': 8,
  '９': 9,
};

const units: { readonly [sign: string]: number } = { 十: 10, 拾: 10, 百: 100, 佰: 100, 千: 1000, 仟: 1000, 万: 10_000, 萬: 10_000 };

/** Contracted tens, spelled out. */
const contracted: { readonly [sign: string]: string } = { 廿: '二十', 卄: '二十', 卅: '三十', 卌: '四十' };

/** Null where the text holds anything but numerals, or contradicts itself. A sign for "number" (第) in front is allowed, 初 means the first. */
export function chineseValue(text: string): number | null {
  const signs = [...text.replace(/\s+/g, '').replace(/^第/, '')]
    .map((sign) => contracted[sign] ?? (sign >= '0' && sign <= '9' ? String.fromCharCode(sign.charCodeAt(0) + 0xfee0) : sign))
    .join('');
  if (signs === '初') return 1;
  const list = [...signs];
  if (list.length === 0 || !list.every((sign) => sign in digits || sign in units)) return null;
  return list.some((sign) => sign in units) ? byUnits(list) : byPosition(list);
}

function byPosition(signs: readonly string[]): number | null {
  // 元 stands for the first only where it stands alone.
  if (signs.length > 5 || (signs.length > 1 && signs.includes('元'))) return null;
  return signs.reduce((value, sign) => value * 10 + (digits[sign] ?? 0), 0);
}

/**
 * Reads from the left: each run of digits is counted in the unit that follows. A bare unit counts once (十五 is 15, 百十 is
 * 110). Of several digits before one unit the last counts (一一十 is 10): it is a misprint whichever way it is read, and the
 * literal reading is the one that a check of the sequence will notice. Units must fall.
 */
function byUnits(signs: readonly string[]): number | null {
  let total = 0;
  let below = 100_000;
  let run: string[] = [];
  for (const sign of signs) {
    const unit = units[sign];
    if (unit === undefined) {
      run.push(sign);
      continue;
    }
    if (unit === 10_000) {
      const high = total + (byPosition(run) ?? 0);
      if (below <= unit || high === 0 || high > 9) return null;
      total = high * unit;
    } else {
      if (unit >= below) return null;
      const last = digits[run.at(-1) ?? ''] ?? 0;
      const count = last === 0 ? 1 : last;
      if (count * unit >= below) return null;
      total += count * unit;
    }
    below = unit;
    run = [];
  }
  const rest = run.length === 0 ? 0 : byPosition(run);
  return rest === null || rest >= below ? null : total + rest;
}

const figures = '〇一二三四五六七八九';

/** The common printed form: 二百一十三, 一百〇三, 十五. */
export function printChinese(value: number): string {
  if (value === 0) return '〇';
  let text = '';
  let zero = false;
  for (const [sign, size] of [
    ['千', 1000],
    ['百', 100],
    ['十', 10],
    ['', 1],
  ] as const) {
    const digit = Math.floor(value / size) % 10;
    if (digit === 0) {
      zero = text !== '';
      continue;
    }
    if (zero) text += '〇';
    zero = false;
    text += size === 10 && digit === 1 && text === '' ? sign : (figures[digit] ?? '') + sign;
  }
  return text;
}
