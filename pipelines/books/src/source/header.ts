/** What a text says about itself in its opening lines, as Project Gutenberg writes them. */

import type { SourceLine, SourceMeta } from './source.ts';

/** Language names as they stand in headers and catalogs, to ISO 639-1 codes. */
const languages: { readonly [name: string]: string } = {
  english: 'en',
  german: 'de',
  deutsch: 'de',
  french: 'fr',
  français: 'fr',
  spanish: 'es',
  italian: 'it',
  portuguese: 'pt',
  dutch: 'nl',
  latin: 'la',
  greek: 'el',
  swedish: 'sv',
  danish: 'da',
  norwegian: 'no',
  finnish: 'fi',
  icelandic: 'is',
  polish: 'pl',
  czech: 'cs',
  hungarian: 'hu',
  russian: 'ru',
  chinese: 'zh',
  中文: 'zh',
  japanese: 'ja',
  tagalog: 'tl',
  esperanto: 'eo',
  catalan: 'ca',
  welsh: 'cy',
  irish: 'ga',
  hebrew: 'he',
  romanian: 'ro',
  serbian: 'sr',
  bulgarian: 'bg',
};

/** The code of a language given by name or code: `English`, `en-GB`, `en` all give `en`. */
export function languageCode(name: string): string {
  const lower = name.trim().toLowerCase();
  return languages[lower] ?? (/^[a-z]{2,3}(-|$)/.test(lower) ? (lower.split('-')[0] ?? lower) : lower);
}

const headerLines = 120;

/** Reads `Title:`, `Author:`, `Language:` and `[eBook #…]`; continuation lines of a title are its subtitle. */
export function headerOf(lines: readonly SourceLine[]): SourceMeta {
  const fields: { title?: string; author?: string; language?: string; workNumber?: string } = {};
  for (let index = 0; index < Math.min(lines.length, headerLines); index += 1) {
    const line = lines[index]?.text ?? '';
    if (/^\*\*\*\s*START OF/i.test(line)) break;
    const field = /^(Title|Author|Language):\s*(\S.*)$/.exec(line);
    const number = /\[e-?book\s*(?:#|no\.?\s*)?(\d+)\]/i.exec(line)?.[1];
    if (number !== undefined) fields.workNumber ??= String(Number(number));
    if (field?.[2] === undefined) continue;
    const value = [field[2].trim(), ...continuation(lines, index + 1)].reduce(joinedTitle);
    if (field[1] === 'Title') fields.title ??= value;
    else if (field[1] === 'Author') fields.author ??= field[2].trim();
    else fields.language ??= languageCode(field[2]);
  }
  return fields;
}

/** A line of a title goes on in the next where that begins small, or where this ends with a comma or a small word. */
function joinedTitle(title: string, line: string): string {
  const goesOn =
    /^\p{Ll}/u.test(line) ||
    /(?:,|\s(?:a|an|the|of|and|or|in|on|to|for|by|with|from|at|de|la|le|des|du|et|und|der|die|das|von))$/iu.test(title);
  return `${title}${goesOn || title.endsWith(';') || title.endsWith(':') ? ' ' : '; '}${line}`;
}

function continuation(lines: readonly SourceLine[], from: number): string[] {
  const more: string[] = [];
  for (let index = from; /^\s+\S/.test(lines[index]?.text ?? ''); index += 1) more.push((lines[index]?.text ?? '').trim());
  return more;
}
