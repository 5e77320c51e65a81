/** The `info.json` that scrapers leave beside the chapters of a book: its name, author, and a title for each file. */

import type { SourceMeta } from './source.ts';

export interface FolderInfo {
  /** By file name. */
  readonly titles: ReadonlyMap<string, string>;
  readonly meta: SourceMeta;
}

/** Null when the text is no JSON object; what the object lacks is left out. `names` are the chapter files in natural order. */
export function infoOf(text: string, names: readonly string[]): FolderInfo | null {
  const info = parse(text);
  if (info === null) return null;
  const list = [info['catalogues'], info['chapters'], info['titles']].find(Array.isArray) ?? [];
  const all = list.map(titleIn);
  const titles = new Map<string, string>();
  const numbers = names.map((name) => Number(/^\d+/.exec(name)?.[0] ?? Number.NaN));
  const firstNumber = numbers[0] ?? 0;
  for (const [index, name] of names.entries()) {
    // With a file missing, its number still tells which title belongs to it.
    const place = all.length === names.length ? index : (numbers[index] ?? index) - Math.min(firstNumber, 1);
    const title = all[place];
    if (title !== undefined) titles.set(name, title);
  }
  const title = textIn(info['name'] ?? info['title']);
  const author = textIn(info['author']);
  const language = textIn(info['language']);
  return {
    titles,
    meta: { ...(title === null ? {} : { title }), ...(author === null ? {} : { author }), ...(language === null ? {} : { language }) },
  };
}

function parse(text: string): { readonly [key: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [key: string]: unknown }) : null;
  } catch {
    return null;
  }
}

function titleIn(entry: unknown): string {
  return textIn(entry) ?? '';
}

function textIn(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value.trim();
  if (typeof value !== 'object' || value === null) return null;
  const { title, name } = value as { readonly title?: unknown; readonly name?: unknown };
  return typeof title === 'string' ? title : typeof name === 'string' ? name : null;
}
