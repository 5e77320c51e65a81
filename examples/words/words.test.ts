import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createCommandLine } from '../../apps/cli/test/command-line.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

it('the first flow of the README counts the words of every text', async (t) => {
  const { call, directory } = createCommandLine(t);

  const { code, out, err } = await call('run', join(here, 'words.flow.yaml'), join(here, 'texts'), '--out', 'out', '--json');

  assert.equal(code, 0, err);
  const { run, output } = JSON.parse(out) as { readonly run: string; readonly output: unknown };
  assert.deepEqual(output, { texts: 3, words: 34 });
  const written = join(directory, 'out', 'texts', run);
  assert.deepEqual(readdirSync(written).toSorted(), ['house.json', 'lamp.json', 'river.json']);
  assert.deepEqual(JSON.parse(readFileSync(join(written, 'house.json'), 'utf8')), { words: 13 });
});
