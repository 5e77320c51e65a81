/** The linter's configuration proves itself: each planted fault is reported, by the rule that is meant for it. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { before, after, test } from 'node:test';
import { root } from './sources.ts';

interface Planted {
  readonly path: string;
  readonly text: string;
  readonly rule: string;
}

const core = 'packages/core/src';
const planted: readonly Planted[] = [
  { path: `${core}/node.ts`, text: `import { readFileSync } from 'node:fs';\nreadFileSync('x');`, rule: 'no-restricted-imports' },
  { path: `${core}/package.ts`, text: `import { z } from 'zod';\nz.string();`, rule: 'no-restricted-imports' },
  { path: `${core}/clock.ts`, text: 'export const at: number = Date.now();', rule: 'no-restricted-globals' },
  { path: `${core}/timer.ts`, text: 'setTimeout(() => undefined, 1);', rule: 'no-restricted-globals' },
  { path: `${core}/platform.ts`, text: 'export const id: number = process.pid;', rule: 'no-restricted-globals' },
  { path: `${core}/id.ts`, text: 'export const id: string = crypto.randomUUID();', rule: 'no-restricted-globals' },
  { path: `${core}/elapsed.ts`, text: 'export const at: number = performance.now();', rule: 'no-restricted-globals' },
  { path: `${core}/format.ts`, text: 'export const format: object = new Intl.NumberFormat();', rule: 'no-restricted-globals' },
  { path: `${core}/chance.ts`, text: 'export const chance: number = Math.random();', rule: 'no-restricted-properties' },
  { path: `${core}/order.ts`, text: `export const order: number = 'a'.localeCompare('b');`, rule: 'no-restricted-properties' },
  { path: 'packages/flow/src/host.ts', text: `import '@scriptorium/engine';`, rule: 'no-restricted-imports' },
  { path: 'packages/engine/src/books.ts', text: `import '@scriptorium/books';`, rule: 'no-restricted-imports' },
  { path: 'packages/engine/src/turn.ts', text: 'setImmediate(() => undefined);', rule: 'no-restricted-globals' },
  { path: 'packages/engine/src/clock.ts', text: 'export const at: number = Date.now();', rule: 'no-restricted-properties' },
  { path: 'packages/engine/src/chance.ts', text: 'export const chance: number = Math.random();', rule: 'no-restricted-properties' },
  { path: 'pipelines/books/src/host.ts', text: `import '@scriptorium/engine';`, rule: 'no-restricted-imports' },
  {
    path: 'pipelines/books/src/left.ts',
    text: `import { right } from './right.ts';\nexport const left = (): void => right();`,
    rule: 'no-cycle',
  },
  {
    path: 'pipelines/books/src/right.ts',
    text: `import { left } from './left.ts';\nexport const right = (): void => left();`,
    rule: 'no-cycle',
  },
  { path: 'apps/cli/src/floating.ts', text: 'async function work(): Promise<void> {}\nwork();', rule: 'no-floating-promises' },
  {
    path: 'apps/cli/src/switch.ts',
    text: `export function name(of: 'a' | 'b'): string | undefined {\n  switch (of) {\n    case 'a':\n      return 'a';\n  }\n  return undefined;\n}`,
    rule: 'switch-exhaustiveness-check',
  },
  { path: 'apps/cli/src/any.ts', text: 'export const value: any = 1;', rule: 'no-explicit-any' },
  { path: 'apps/cli/src/default.ts', text: 'export default 1;', rule: 'no-default-export' },
];

const folder: string = mkdtempSync(join(tmpdir(), 'lint-'));
let reported = '';

before(() => {
  for (const file of ['.oxlintrc.json', 'tsconfig.json', 'tsconfig.base.json']) copyFileSync(join(root, file), join(folder, file));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  for (const { path, text } of planted) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const linter = join(root, 'node_modules/oxlint/bin/oxlint');
  reported = spawnSync(process.execPath, [linter, '--type-aware', '--format=unix'], { cwd: folder, encoding: 'utf8' }).stdout;
});

after(() => rmSync(folder, { recursive: true }));

for (const { path, rule } of planted) {
  test(`${path} breaks ${rule}`, () => {
    const lines = reported.split('\n').filter((line) => line.startsWith(`${path}:`) && line.includes(`(${rule})`));
    assert.notEqual(lines.length, 0, reported);
  });
}
