/** What the manual's pages contain, for the test that keeps them true. */

import type { FlowFile } from '@scriptorium/flow';

/** A fenced block of a Markdown page. */
export interface Fence {
  /** The first word after the fence: `yaml`, `ts`, `sh`; empty where there is none. */
  readonly language: string;
  /** The rest of that line. */
  readonly note: string;
  /** Line of the first line of the text, from 1. */
  readonly line: number;
  readonly text: string;
}

export interface Link {
  readonly line: number;
  readonly target: string;
}

export function fencesOf(page: string): readonly Fence[] {
  const fences: Fence[] = [];
  let open: {
    readonly mark: string;
    readonly language: string;
    readonly note: string;
    readonly line: number;
    readonly lines: string[];
  } | null = null;
  for (const [index, line] of page.split('\n').entries()) {
    const fence = /^(`{3,})\s*(\S*)\s*(.*)$/.exec(line);
    if (open === null && fence !== null)
      open = { mark: fence[1] ?? '', language: fence[2] ?? '', note: fence[3] ?? '', line: index + 2, lines: [] };
    else if (open !== null && line.startsWith(open.mark)) {
      fences.push({ language: open.language, note: open.note, line: open.line, text: `${open.lines.join('\n')}\n` });
      open = null;
    } else open?.lines.push(line);
  }
  return fences;
}

/** The flow whose block's note names the file: `yaml flow base.flow.yaml`. */
export function flowOnPage(page: string, path: string): { readonly file: string; readonly source: string } | null {
  const file = path.slice('./'.length);
  const found = fencesOf(page).find(({ language, note }) => language === 'yaml' && note === `flow ${file}`);
  return found === undefined ? null : { file, source: found.text };
}

/** All flows on the page that have the name of a file, as those that others there may call. */
export function flowsOnPage(page: string): readonly FlowFile[] {
  const named = fencesOf(page).filter(({ language, note }) => language === 'yaml' && note.startsWith('flow '));
  return named.map(({ note, text }) => ({ file: note.slice('flow '.length), source: text, callables: new Map() }));
}

/** Links and images outside of code. */
export function linksOf(page: string): readonly Link[] {
  let inFence = false;
  return page.split('\n').flatMap((line, index) => {
    if (line.startsWith('```')) inFence = !inFence;
    if (inFence) return [];
    return [...line.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({ line: index + 1, target }));
  });
}

/** The fragments that a page's headings can be linked by, as GitHub makes them. */
export function anchorsOf(page: string): readonly string[] {
  return [...page.matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}
