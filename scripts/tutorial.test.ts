/** Every flow of the tutorial runs, and gives what the page says below it. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Handler, Json } from '@scriptorium/core';
import { rehearse } from '@scriptorium/testing';
import { fencesOf, type Fence } from './fences.ts';
import { root } from './sources.ts';

/** Below the root, so that the packages resolve. */
const folder: string = join(root, '.scriptorium', 'tutorial-test');
const fences = fencesOf(readFileSync(join(root, 'docs/tutorial.md'), 'utf8'));
const flows = fences.flatMap((fence, i) => (fence.note === 'flow' ? [{ fence, below: fences.slice(i + 1, i + 3) }] : []));
const json = (found: Fence | undefined): Json => JSON.parse(found?.text ?? 'null') as Json;

describe('the tutorial', () => {
  let handlers: readonly Handler[] = [];

  before(async () => {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'handlers.ts');
    writeFileSync(file, fences.find(({ language }) => language === 'ts')?.text ?? '');
    handlers = ((await import(pathToFileURL(file).href)) as { readonly handlers: readonly Handler[] }).handlers;
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('has flows, each with what it gives', () => {
    assert.equal(flows.length, 6);
    for (const { below } of flows) assert.ok(below.some(({ note }) => note === 'output'));
  });

  for (const { fence, below } of flows) {
    const [name = ''] = /^flow: \S+/m.exec(fence.text) ?? [];
    const answers = (json(below.find(({ note }) => note === 'answers')) ?? []) as readonly Json[];

    it(`${name} gives what the page says`, async () => {
      await using run = await rehearse(fence.text, { handlers, unscripted: 'call' });
      for (const answer of answers) {
        await run.advance('1d');
        await run.host().answer(run.id, { step: 'approve', item: null, answer, as: null, id: null, by: 'an editor' });
      }
      const output = json(below.find(({ note }) => note === 'output'));
      assert.deepEqual(await run.outcome(), { status: 'succeeded', output, error: null });
    });
  }

  it('drops the letter that nobody answers for in two days', async () => {
    await using run = await rehearse(flows.at(-1)?.fence.text ?? '', { handlers, unscripted: 'call' });
    assert.equal((await run.outcome()).output, 'nothing');
    assert.ok(run.elapsedMs() >= 2 * 86_400_000);
  });
});
