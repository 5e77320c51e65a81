/** What a store has of the pages that an agent asks for, and of what its programs print: what the model is told, once, without keys, and only for as long as the run is kept. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { collectGarbage } from '@scriptorium/engine';
import { openToolWorld } from './tool-world.ts';

const FETCHES = 10;
const PAGE_CHARACTERS = 2_000_000;
/** Characters of a page, and of what a program prints, that the model is told. */
const TOLD = 30_000;

function bytesIn(home: string): { readonly events: number; readonly values: number } {
  const db = new DatabaseSync(join(home, 'journal.db'), { readOnly: true });
  const sum = (table: string): number =>
    db.prepare(`SELECT ifnull(sum(length(body)), 0) AS bytes FROM ${table}`).get()?.['bytes'] as number;
  const bytes = { events: sum('events'), values: sum('contents') };
  db.close();
  return bytes;
}

it('a long page that is asked for again and again costs little more than what the model is told of it, and goes with the run', async (t) => {
  const world = await openToolWorld();
  t.after(() => world.close());
  const home = join(world.folder, '.store');
  world.pages.set('/page', 'The tide came in. '.repeat(PAGE_CHARACTERS / 18));
  const call = { tool: 'http_get', input: { url: `http://${world.host}/page` } };

  const answers = await world.play({
    tools: [{ tool: 'http', hosts: [world.host], calls: FETCHES }],
    turns: Array.from({ length: FETCHES }, () => [call]),
  });

  const { text, ...facts } = answers[0]?.output as { readonly text: string };
  const characters = world.pages.get('/page')?.length;
  assert.deepEqual([text.length, facts], [TOLD, { status: 200, headers: {}, json: null, characters }]);
  const { events, values } = bytesIn(home);
  assert.ok(events < FETCHES * 5_000, `${events} bytes of events`);
  // The page, which is the same each time, then what the model was told of each as the script's own output.
  assert.ok(values < (FETCHES + 2) * (TOLD + 500), `${values} bytes of values`);

  await world.leave();
  collectGarbage(home, { olderThanMs: 0, keep: 0, forgetAfterMs: null, dryRun: false, purge: false, by: 'test', now: Date.now() + 1_000 });
  assert.equal(bytesIn(home).values, 0);
});

it('what programs print costs what the model is told of it, also where their lines have to be written as JSON', async (t) => {
  const world = await openToolWorld();
  t.after(() => world.close());
  const argv = ['node', '-e', 'for (let n = 10_000; n < 100_000; n += 1) console.log(n)'];

  const [answer] = await world.play({
    tools: [{ tool: 'program', programs: [argv] }],
    turns: [[{ tool: 'program', input: { argv } }]],
  });

  const { text, ...facts } = answer?.output as { readonly text: string };
  assert.deepEqual([text.slice(0, 12), text.length, facts], ['10000\n10001\n', TOLD, { characters: 540_000 }]);
  const { values } = bytesIn(join(world.folder, '.store'));
  // What it printed, and the script's own output; each line ends with two characters there.
  assert.ok(values < 2 * (TOLD + TOLD / 6 + 500), `${values} bytes of values`);
});
