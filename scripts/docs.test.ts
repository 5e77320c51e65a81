/**
 * The manual stays true: flows on its pages compile, TypeScript checks and runs, commands exist with the options shown,
 * links lead somewhere, and what follows from the code is up to date.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { TestContext } from 'node:test';
import { agentModule } from '@scriptorium/agents';
import type { Handler } from '@scriptorium/core';
import { coreHandlers } from '@scriptorium/engine';
import { compileFlow, formatDiagnostic } from '@scriptorium/flow';
import { createCommandLine } from '../apps/cli/test/command-line.ts';
import { commandsIn } from './commands.ts';
import { anchorsOf, fencesOf, flowOnPage, flowsOnPage, linksOf, type Fence } from './fences.ts';
import { generatedParts, withPart } from './pages.ts';
import { root, sources } from './sources.ts';

const pages = [...sources('*.md'), ...sources('docs/**/*.md'), ...sources('{packages,apps,pipelines}/*/*.md'), ...sources('bench/*.md')];

/** Its handlers serve the flows of all pages. */
const manual = pages.find(({ path }) => path === 'docs/handlers.md') ?? { path: '', text: '' };

const agentHandlers = agentModule({ env: {}, models: {}, own: [] }).handlers;

/** Below the root, so that the packages resolve; the folder is nobody's source. */
const folder: string = join(root, '.scriptorium', 'docs-test');

describe('links', () => {
  for (const { path, text } of pages) {
    it(`of ${path} lead somewhere`, () => {
      const dead = linksOf(text)
        .filter(({ target }) => !/^[a-z]+:/.test(target))
        .filter(({ target }) => !resolves(path, target))
        .map(({ line, target }) => `${path}:${line}: ${target}`);
      assert.deepEqual(dead, []);
    });
  }
});

describe('what follows from the code', () => {
  for (const part of generatedParts()) {
    it(`is up to date: ${part.mark} in ${part.page}; else: npm run fix`, () => {
      const page = readFileSync(join(root, part.page), 'utf8');
      assert.equal(page, withPart(page, part));
    });
  }
});

describe('TypeScript on the pages', () => {
  const written = pages.flatMap(({ path, text }) => blocks(text, 'ts').map((fence) => ({ path, fence, file: fileOf(path, fence) })));
  let said = '';

  before(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const { file, fence } of written) writeFileSync(file, fence.text);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions: { types: ['node'] }, include: ['*.ts'] }),
    );
    said = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
      encoding: 'utf8',
      cwd: folder,
    }).stdout;
  });

  it('exists', () => assert.notEqual(written.length, 0));

  for (const { path, fence, file } of written) {
    it(`${path}:${fence.line} type-checks and loads`, async () => {
      assert.deepEqual(
        said.split('\n').filter((line) => line.startsWith(relative(folder, file))),
        [],
      );
      await import(pathToFileURL(file).href);
    });
  }
});

describe('flows on the pages', () => {
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const { path, text } of pages) {
    for (const fence of blocks(text, 'yaml').filter(({ note }) => note.startsWith('flow'))) {
      it(`${path}:${fence.line} compiles without a finding`, async () => {
        const codes = [{ path, text }, manual].flatMap((page) => blocks(page.text, 'ts').map((code) => fileOf(page.path, code)));
        const handlers = (await Promise.all(codes.map(handlersOf))).flat();
        const { diagnostics } = compileFlow(fence.text, {
          file: path,
          callables: new Map([...coreHandlers, ...agentHandlers, ...handlers].map((handler) => [handler.name, handler])),
          read: (file) => flowOnPage(text, file),
          flows: flowsOnPage(text),
        });
        assert.deepEqual(
          diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, fence.text)),
          [],
        );
      });
    }
  }
});

describe('commands on the pages', () => {
  for (const { path, text } of pages) {
    for (const { line, words, command, options } of commandsIn(text)) {
      it(`${path}:${line}: ${words.join(' ')}`, async (t) => {
        const help = await helpOf(t, command);
        assert.equal(help.code, 0, `there is no command '${command.join(' ')}'`);
        for (const option of options) assert.match(help.text, new RegExp(`(^|[\\s,])${option}\\b`, 'm'), `no option ${option}`);
      });
    }
  }
});

describe('docs/cli.md', () => {
  it('has every command', async (t) => {
    const page = readFileSync(join(root, 'docs/cli.md'), 'utf8');
    const { text } = await helpOf(t, []);
    const commands = [...text.matchAll(/^ {2}([a-z]+)(?: \[?[<\w]| {2,})/gm)]
      .flatMap(([, name]) => name ?? [])
      .filter((name) => name !== 'help' && name !== 'scriptorium');
    assert.ok(commands.length > 10, text);
    assert.deepEqual(
      commands.filter((name) => !new RegExp(`\\bscriptorium ${name}\\b`).test(page)),
      [],
    );
  });
});

describe('programs and scripts on the pages', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: { readonly [name: string]: string };
  };

  for (const { path, text } of pages) {
    for (const fence of blocks(text, 'sh')) {
      it(`${path}:${fence.line} names what there is`, () => {
        const files = [...fence.text.matchAll(/\b(?:scripts|bench|examples)\/[\w./-]+\.(?:ts|mjs|yaml)/g)].map(([file]) => file);
        assert.deepEqual(
          files.filter((file) => !existsSync(join(root, file))),
          [],
        );
        const named = [...fence.text.matchAll(/^npm (?:run )?([a-z]+)/gm)].flatMap(([, name]) => name ?? []);
        assert.deepEqual(
          named.filter((name) => !(name in scripts)),
          [],
        );
      });
    }
  }
});

async function helpOf(t: TestContext, command: readonly string[]): Promise<{ readonly code: number | null; readonly text: string }> {
  const { code, out } = await createCommandLine(t).call(...command, '--help');
  return { code, text: out };
}

function blocks(page: string, language: string): readonly Fence[] {
  return fencesOf(page).filter((fence) => fence.language === language);
}

function fileOf(path: string, { line }: Fence): string {
  return join(folder, `${path.replaceAll(/[^A-Za-z0-9]+/g, '-')}-${line}.ts`);
}

async function handlersOf(file: string): Promise<readonly Handler[]> {
  const module = (await import(pathToFileURL(file).href)) as { readonly handlers?: readonly Handler[] };
  return module.handlers ?? [];
}

function resolves(path: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const to = file === '' ? path : normalize(join(dirname(path), file));
  if (!existsSync(join(root, to))) return false;
  return anchor === undefined || !to.endsWith('.md') || anchorsOf(readFileSync(join(root, to), 'utf8')).includes(anchor);
}
