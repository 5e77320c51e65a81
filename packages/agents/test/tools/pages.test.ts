/** What a store has of the pages that an agent asks for: what the model is told, without keys, and only for as long as the run is kept. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { collectGarbage } from '@scriptorium/engine';
import { openToolWorld } from './tool-world.ts';

const FETCHES = 10;
const PAGE_CHARACTERS = 2_000_000;
/** Characters of a page that the model is told. */
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

  const { beginning, ...facts } = answers[0]?.output as { readonly beginning: string };
  assert.deepEqual([beginning.length, facts], [TOLD, { status: 200, cut: true, characters: world.pages.get('/page')?.length }]);
  const { events, values } = bytesIn(home);
  assert.ok(events < FETCHES * 5_000, `${events} bytes of events`);
  // Of each fetch what its run gave and what the model was told of it, then all of these as the script's own output.
  assert.ok(values < (3 * FETCHES + 2) * (TOLD + 500), `${values} bytes of values`);

  await world.leave();
  collectGarbage(home, { olderThanMs: 0, keep: 0, forgetAfterMs: null, dryRun: false, purge: false, by: 'test', now: Date.now() + 1_000 });
  assert.equal(bytesIn(home).values, 0);
});
