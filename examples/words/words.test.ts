import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const main = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));

it('the first flow of the README counts the words of every text', (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'words-'));
  t.after(() => rmSync(cwd, { recursive: true }));

  const argv = ['run', join(here, 'words.flow.yaml'), join(here, 'texts'), '--out', 'out', '--json', '--no-progress'];
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...argv], {
    cwd,
    encoding: 'utf8',
  });

  assert.equal(status, 0, stderr);
  const { run, output } = JSON.parse(stdout) as { readonly run: string; readonly output: unknown };
  assert.deepEqual(output, { texts: 3, words: 34 });
  const written = join(cwd, 'out', 'texts', run);
  assert.deepEqual(readdirSync(written).toSorted(), ['house.json', 'lamp.json', 'river.json']);
  assert.deepEqual(JSON.parse(readFileSync(join(written, 'house.json'), 'utf8')), { words: 13 });
});
