/**
 * The flows of this repository have no mistakes, and what is told of one that is put into them is that mistake: once, at
 * its place, with its code, and nothing that only follows from it.
 */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Handler } from '@scriptorium/core';
import { compileFlow, formatDiagnostic, type Diagnostic } from '@scriptorium/flow';
import { handlers as wordHandlers } from '../examples/words/handlers.ts';
import { bookHandlers as batchHandlers, storyHandlers } from '../packages/testing/test/complete/handlers.ts';
import { handlers as bookHandlers } from '../pipelines/books/src/index.ts';
import { coreHandlers } from '@scriptorium/engine';
import { fencesOf, flowOnPage, flowsOnPage } from './fences.ts';
import { books } from './mistakes/books.ts';
import { complete } from './mistakes/complete.ts';
import { language } from './mistakes/language.ts';
import { damage, type Damaged, type Mistake } from './mistakes/mistake.ts';
import { templates } from './mistakes/templates.ts';
import { words } from './mistakes/words.ts';
import { root } from './sources.ts';

/** So many mistakes the table has at least, over all definitions. */
const LEAST = 230;

/** Below the root, so that the packages resolve. */
const folder: string = join(root, '.scriptorium', 'mistakes-test');
const page = readFileSync(join(root, 'docs/language.md'), 'utf8');

interface Case {
  readonly file: string;
  readonly source: string;
  readonly mistakes: readonly Mistake[];
}

const pageFlows = fencesOf(page).filter(({ language, note }) => language === 'yaml' && note.startsWith('flow'));
const nameOf = (source: string): string => /^flow: (\S+)/m.exec(source)?.[1] ?? '';

const cases: readonly Case[] = [
  { ...read('examples/words/words.flow.yaml'), mistakes: words },
  { ...read('pipelines/books/books.flow.yaml'), mistakes: books },
  ...[...Object.entries(complete), ...Object.entries(templates)].map(([file, mistakes]) => ({ ...read(file), mistakes })),
  ...pageFlows.map(({ text }) => ({ file: `docs/language.md ${nameOf(text)}`, source: text, mistakes: language[nameOf(text)] ?? [] })),
];

let handlers: readonly Handler[] = [...wordHandlers, ...bookHandlers];

before(async () => {
  mkdirSync(folder, { recursive: true });
  const code = fencesOf(readFileSync(join(root, 'docs/handlers.md'), 'utf8')).filter(
    ({ language, text }) => language === 'ts' && text.includes('export const handlers'),
  );
  for (const [i, { text }] of code.entries()) {
    const file = join(folder, `handlers-${i}.ts`);
    writeFileSync(file, text);
    handlers = [...handlers, ...((await import(pathToFileURL(file).href)) as { readonly handlers: readonly Handler[] }).handlers];
  }
});

/** Of the definitions that bring their own, by file. */
const ownHandlers = new Map<string, readonly Handler[]>([
  ['packages/testing/test/complete/story-novel.flow.yaml', declared(storyHandlers)],
  ['packages/testing/test/complete/book-batch.flow.yaml', declared(batchHandlers)],
  ...(await Promise.all(
    Object.keys(templates).map(async (file): Promise<[string, readonly Handler[]]> => {
      const module: unknown = await import(pathToFileURL(join(root, dirname(file), 'handlers.ts')).href);
      return [file, (module as { readonly handlers: readonly Handler[] }).handlers];
    }),
  )),
]);

after(() => rmSync(folder, { recursive: true, force: true }));

for (const { file, source, mistakes } of cases) {
  describe(file, () => {
    it('has none as it is', () => {
      assert.deepEqual(
        check(source, file).map((diagnostic) => formatDiagnostic(diagnostic, source)),
        [],
      );
    });

    for (const [i, mistake] of mistakes.entries()) {
      it(`${i + 1}: ${mistake.to.replaceAll(/\s+/g, ' ').trim() || `without ${mistake.from.trim()}`} is told as ${mistake.code}`, () => {
        const damaged = damage(source, mistake);
        const found = check(damaged.source, file);
        assert.deepEqual(
          found.map((diagnostic) => told(diagnostic, mistake)),
          [wanted(damaged, mistake)],
          found.map((diagnostic) => formatDiagnostic(diagnostic, damaged.source)).join('\n'),
        );
      });
    }
  });
}

describe('the table of mistakes', () => {
  it('is about flows that there are', () => {
    const names = pageFlows.map(({ text }) => nameOf(text));
    assert.deepEqual(
      Object.keys(language).filter((name) => !names.includes(name)),
      [],
    );
  });

  it(`has ${LEAST} or more, of several kinds for each definition`, () => {
    const all = cases.flatMap(({ mistakes }) => mistakes);
    assert.ok(all.length >= LEAST, `${all.length} mistakes`);
    for (const { file, mistakes } of cases.filter((each) => each.mistakes.length > 0)) {
      assert.ok(new Set(mistakes.map(({ code }) => code)).size >= 3, file);
    }
  });
});

/** With what handlers that only stand in for others leave out: an agent costs something, and a store knows its calls. */
function declared(handlers: readonly Handler[]): readonly Handler[] {
  return handlers.map((handler) => ({ ...handler, idempotent: true, ...(handler.name === 'core/agent' ? { cost: () => null } : {}) }));
}

type Told = Pick<Diagnostic, 'code' | 'severity' | 'line' | 'col'> & { readonly endCol: number | undefined; readonly says: string };

function told({ code, severity, line, col, endCol, message }: Diagnostic, { says }: Mistake): Told {
  return { code, severity, line, col, endCol, says: message.includes(says) ? says : message };
}

function wanted({ line, col, endCol }: Damaged, { code, severity, says }: Mistake): Told {
  return { code, severity: severity ?? 'error', line, col, endCol, says };
}

function check(source: string, file: string): readonly Diagnostic[] {
  const callables = new Map([...coreHandlers, ...(ownHandlers.get(file) ?? handlers)].map((handler) => [handler.name, handler]));
  return compileFlow(source, {
    file,
    callables,
    read: (path, from) => (path.startsWith('prompts/') ? read(join(dirname(from), path)) : flowOnPage(page, path)),
    flows: flowsOnPage(page),
  }).diagnostics;
}

function read(file: string): { readonly file: string; readonly source: string } {
  return { file, source: readFileSync(join(root, file), 'utf8') };
}
