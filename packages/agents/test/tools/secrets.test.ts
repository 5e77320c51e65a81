/** A key of the environment comes back from the tools of an agent: what is kept of the run has it nowhere. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { z } from 'zod';
import { defineTool } from '../../src/tools/define-tool.ts';
import { openToolWorld } from './tool-world.ts';
import type { ToolWorld } from './tool-world.ts';

/** The value of SERVICE_TOKEN in the world of tools. */
const canary = 'canary-of-the-service';

const hex = Buffer.from(canary).toString('hex');
/** In base64 wherever it begins, with what may stand around it. */
const encoded = ['', 'x', 'xy'].map((start) => Buffer.from(`${start}${canary} and more`).toString('base64'));
const told: readonly string[] = [canary, hex, ...encoded];
/** What is the same of each in whatever text: nothing of that may be kept. */
const forms: readonly string[] = [canary, hex, ...encoded.map((text, start) => text.slice(Math.ceil((start * 4) / 3), 26))];

const tell = defineTool({
  name: 'tell',
  doc: 'Gives the key.',
  input: z.strictObject({ as: z.number() }),
  effects: 'read',
  run: ({ as }) => ({ [`the key is ${told[as]}`]: [`it is ${told[as]}`] }),
});

const fail = defineTool({
  name: 'fail',
  doc: 'Fails with the key.',
  input: z.strictObject({ as: z.number() }),
  effects: 'read',
  run: ({ as }) => {
    throw new Error(`refused ${told[as]}`, { cause: new AggregateError([new Error(`inner ${told[as]}`)], 'several') });
  },
});

let world: ToolWorld;
before(async () => {
  world = await openToolWorld({ tools: [tell, fail] });
});
after(() => world.close());

it('in results and failures, in every form', async () => {
  const turns = [...told.keys()].flatMap((as) => [[{ tool: 'tell', input: { as } }], [{ tool: 'fail', input: { as } }]]);
  const answers = await world.play({ tools: ['tell', 'fail'], turns });
  assert.equal(answers.length, turns.length);
  assertNothingKept();
});

it('in pages, in every form', async () => {
  for (const [as, text] of told.entries()) world.pages.set(`/${as}`, `the key is ${text}`);
  const turns = [...told.keys()].map((as) => [{ tool: 'http_get', input: { url: `http://${world.host}/${as}` } }]);
  const answers = await world.play({ tools: [{ tool: 'http', hosts: [world.host] }], turns });
  assert.ok(answers.every(({ isError }) => !isError));
  assertNothingKept();
});

it('in what programs print and fail with, in every form', async (t) => {
  const outside = mkdtempSync(join(tmpdir(), 'printed-'));
  t.after(() => rmSync(outside, { recursive: true }));
  for (const [as, text] of told.entries()) writeFileSync(join(outside, String(as)), `the key is ${text}\n`);
  const programs = [['cat'], ['sh', '-c', 'cat "$0" >&2; exit 3']];
  const argvs = [...told.keys()].flatMap((as) => programs.map((words) => [...words, join(outside, String(as))]));
  const turns = argvs.map((argv) => [{ tool: 'program', input: { argv } }]);
  const answers = await world.play({ tools: [{ tool: 'program', programs, trusted: true }], turns });
  assert.deepEqual(
    answers.map(({ isError }) => isError),
    argvs.map(([name]) => name === 'sh'),
  );
  assertNothingKept();
});

function assertNothingKept(): void {
  const kept = readdirSync(world.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const leaks = kept.flatMap(({ parentPath, name }) => {
    const bytes = readFileSync(join(parentPath, name));
    return forms.filter((form) => bytes.includes(form)).map((form) => `${name}: ${form}`);
  });
  assert.deepEqual(leaks, []);
}
