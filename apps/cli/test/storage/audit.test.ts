/** `audit`, from the command line, on a store with the outputs of real runs. */

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createCommandLine } from '../command-line.ts';

const wordsFlow = fileURLToPath(new URL('../flows/words.flow.yaml', import.meta.url));

interface Verified {
  readonly ok: boolean;
  readonly events: number;
  readonly outputs: number | null;
  readonly findings: readonly { readonly fault: string; readonly level: string; readonly place: { readonly file?: string } }[];
}

it('audit verify: nothing is wrong with a good store; what is wrong is named, and the exit code says how grave it is', async (t) => {
  const { call, directory } = createCommandLine(t);
  await call('run', wordsFlow, '2', '--out', 'out', '--no-progress');
  const verify = async (
    ...flags: readonly string[]
  ): Promise<Verified & { readonly code: number | null; readonly faults: readonly string[] }> => {
    const { code, out } = await call('audit', 'verify', '--json', ...flags);
    const verified = JSON.parse(out) as Verified;
    return { ...verified, code, faults: verified.findings.filter(({ level }) => level === 'problem').map(({ fault }) => fault) };
  };

  const good = await verify('--outputs');
  assert.deepEqual([good.code, good.ok, good.faults], [0, true, []]);
  assert.ok(good.events > 10 && (good.outputs ?? 0) > 0, JSON.stringify(good));

  const store = new DatabaseSync(join(directory, '.scriptorium', 'journal.db'));
  const files = store.prepare(`SELECT root || '/' || path AS file FROM artifacts ORDER BY id`).all() as object[] as { file: string }[];
  const [first = '', second = ''] = files.map(({ file }) => file);
  writeFileSync(first, 'something else');
  rmSync(second);
  const changed = await verify('--outputs');
  assert.deepEqual([changed.code, changed.faults.toSorted()], [1, ['output_changed', 'output_missing']]);
  assert.deepEqual(changed.findings.map(({ place }) => place.file).filter((file) => file === first || file === second).length, 2);

  store.exec(`UPDATE runs SET status = 'failed'`);
  assert.deepEqual(await verify().then(({ code, faults }) => [code, faults]), [77, ['fold_differs']]);
  assert.match((await call('audit', 'rebuild')).out, /were computed anew from \d+ events/);
  assert.equal((await verify()).code, 0);

  store.exec(`UPDATE flows SET ir = replace(ir, '"words"', '"other"')`);
  store.close();
  const { code, err, out } = await call('audit', 'verify');
  assert.equal(code, 77, err);
  assert.match(out, /✗ definition_changed: the definition sha256:\w+ is not what was written\n {2}fix: /);
});
