import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { it } from 'node:test';
import { createCommandLine } from './command-line.ts';

const looks = [['status'], ['watch', 'latest'], ['cancel', 'latest'], ['report'], ['mailboxes'], ['why', 'latest']];

for (const words of looks)
  it(`${words.join(' ')}: where there is no store, that is said with its place, and none is made`, async (t) => {
    const cli = createCommandLine(t);
    const { code, err } = await cli.call(...words);
    assert.equal(code, 5);
    assert.ok(err.includes(`there is no store in ${cli.directory}`), err);
    assert.match(err, /fix: .*--home <dir>/);
    assert.deepEqual(readdirSync(cli.directory), []);
  });

it('list and limits: where there is no store, they are empty, and none is made', async (t) => {
  const cli = createCommandLine(t);
  assert.match((await cli.call('list')).out, /^No runs in .*; start one with/);
  assert.deepEqual([(await cli.call('list', '--json')).out, (await cli.call('limits', '--json')).out], ['[]\n', '[]\n']);
  assert.deepEqual(readdirSync(cli.directory), []);
});
