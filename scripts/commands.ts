/** Commands of the command line as the manual's pages show them. */

import { fencesOf } from './fences.ts';

export interface Shown {
  readonly line: number;
  readonly words: readonly string[];
  /** The words that name the command: `limits set`. */
  readonly command: readonly string[];
  readonly options: readonly string[];
}

/** Groups of commands, whose second word names the command too; `books` has a third. */
const groups: { readonly [group: string]: number } = { limits: 2, config: 2, audit: 2, books: 3 };

/** Command lines in `sh` blocks, and those in single backticks outside of blocks. */
export function commandsIn(page: string): readonly Shown[] {
  const fences = fencesOf(page);
  const inBlocks = fences
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text, line }) => text.split('\n').map((content, index) => ({ line: line + index, content: content.replace(/^\$ /, '') })));
  const covered = new Set(fences.flatMap(({ text, line }) => text.split('\n').map((_, index) => line + index)));
  const inText = page
    .split('\n')
    .flatMap((content, index) =>
      covered.has(index + 1) ? [] : [...content.matchAll(/`([^`]+)`/g)].map(([, code = '']) => ({ line: index + 1, content: code })),
    );
  return [...inBlocks, ...inText].flatMap(({ line, content }) => shown(line, content));
}

function shown(line: number, content: string): readonly Shown[] {
  const match = /^(?:\.\/)?scriptorium\s+(.*)$/.exec(content.replace(/\s+#.*$/, '').trim());
  const words = match?.[1]?.split(/\s+/) ?? [];
  const [first] = words;
  if (first === undefined || !/^[a-z]+$/.test(first)) return [];
  const command: string[] = [];
  for (const word of words.slice(0, groups[first] ?? 1)) {
    if (!/^[a-z]+$/.test(word)) break;
    command.push(word);
  }
  const options = words.flatMap((word) => /^--?[a-z][a-z-]*/.exec(word)?.[0] ?? []);
  return [{ line, words, command, options }];
}
