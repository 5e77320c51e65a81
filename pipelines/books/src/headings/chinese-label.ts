/** Reads a Chinese row as the opening of a heading: `第十二回 風起`, `正文 第三章`, `【第四章】渡口`, `卷之一`, `上卷`, `五、夜雨`, `（六）`, `七`. */

import { parseNumber } from '../numerals/numerals.ts';
import type { Label } from './label.ts';

const numerals = '〇○零一二三四五六七八九十百千廿卅卌两兩壹貳贰叁參肆伍陆陸柒捌玖拾\\d０-９';
const unitSigns = '回章节節卷部集篇折出话話幕编編册冊';

/** A unit's number: the sign before it (`第`, `卷`), the numerals, and the sign of the unit. */
const unitNumber: RegExp = new RegExp(`^(?:第|卷之|卷第?)\\s*[${numerals}]+\\s*[${unitSigns}]?`, 'u');
/** What sites and editors print before it in the same row: `正文 `, the book's name, or the volume. */
const before: RegExp = new RegExp(`^(?:[^\\s　。！？，]{1,12}[\\s　]+|[【《「（(\\[])(?=第\\s*[${numerals}]+\\s*[${unitSigns}])`, 'u');
/** Of two or three, the first, the middle and the last one: which number the last one has, only the others tell. */
const placed = /^(?:([上中下])([卷部集篇编編册冊])|(卷)([上中下]))(?:$|[\s　:：]+(?=.))/u;
/** Numerals alone, in brackets, or set off from a title by a stop or a space. */
const bareNumber: RegExp = new RegExp(`^(?:[（(【〔]\\s*([${numerals}]+)\\s*[）)】〕]|([${numerals}]+)(?=[\\s　、.．:：]|$))`, 'u');
const stops = /^[\s　:：.．、，,·—\-】》」）)\]]+/u;
const longestTitle = 40;

/** The row's label, or null when it opens with no number. */
export function chineseLabel(row: string): Label | null {
  const prefix = before.exec(row)?.[0] ?? '';
  const text = row.slice(prefix.length);
  const volume = placedLabel(text);
  const label = unitLabel(text) ?? (volume?.title === '' ? volume : null) ?? bareLabel(text);
  if (label === null) return null;
  // The volume before the chapter: `第二卷 第一章 夜雨`.
  return label.title.startsWith('第') ? (unitLabel(label.title) ?? label) : label;
}

function unitLabel(text: string): Label | null {
  const found = unitNumber.exec(text);
  if (found === null) return null;
  const printed = found[0].replace(/\s/g, '');
  const last = printed.at(-1)!;
  const unit = unitSigns.includes(last) ? last : printed.startsWith('卷') ? '卷' : null;
  if (unit === null) return null;
  const number = parseNumber(printed.replace(/^[第卷之]+/u, '').replace(new RegExp(`[${unitSigns}]$`, 'u'), ''));
  if (number === null) return null;
  const rest = text.slice(found[0].length);
  const title = titleOf(rest);
  return {
    keyword: unit,
    number: printed,
    value: number.value,
    scheme: number.scheme,
    title,
    apart: title === '' || rest !== title || title.length <= 30,
  };
}

/** `上册`, `上册 夜雨`. Before a title it may say of a chapter where it belongs, which one row alone cannot tell. */
export function placedLabel(row: string): Label | null {
  const found = placed.exec(row);
  const title = found === null ? '' : row.slice(found[0].length);
  if (found === null || title.length > longestTitle || /[。！？；]/u.test(title) || bareLabel(title) !== null) return null;
  const [, before, unit, unitBefore, after] = found;
  const value = { 上: 1, 中: 2 }[before ?? after!] ?? null;
  return { keyword: unit ?? unitBefore!, number: row.slice(0, 2), value, scheme: 'chinese', title, apart: true };
}

function bareLabel(text: string): Label | null {
  const found = bareNumber.exec(text);
  if (found === null) return null;
  const printed = found[1] ?? found[2]!;
  const number = parseNumber(printed);
  const title = titleOf(text.slice(found[0].length));
  if (number === null || number.value > 999 || title.length > longestTitle || /[。！？；]/u.test(title)) return null;
  return { keyword: null, number: printed, value: number.value, scheme: number.scheme, title, apart: true };
}

function titleOf(rest: string): string {
  return rest.replace(stops, '').trim();
}
