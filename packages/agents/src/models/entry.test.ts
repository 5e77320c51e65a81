import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryProblem } from './entry.ts';

const good = { provider: 'openai', model: 'm' };

for (const [entry, says] of [
  ['openai/m', /a model is \{ provider, model \}/],
  [{ provider: 'openai' }, /`model` is its name/],
  [{ ...good, provider: 'none' }, /`provider` is one of openai, anthropic, google, compatible/],
  [{ ...good, key: 'sk-1234' }, /a model has no `key`/],
  [{ ...good, url: 'ftp://x' }, /`url` begins with http/],
  [{ ...good, key_env: 'sk-1234' }, /`key_env` names the environment variable/],
  [{ ...good, price: { input: 1 } }, /`price` has the numbers input, output, cachedInput, input and output at least/],
  [{ ...good, timeouts: { firstMs: -1 } }, /`timeouts` has the numbers/],
] as const) {
  test(`given ${JSON.stringify(entry)}, then it says what is wrong`, () => assert.match(entryProblem(entry) ?? '', says));
}

test('given all that a model may have, then nothing is wrong', () => {
  const all = {
    ...good,
    url: 'http://x/v1',
    key_env: 'TEAM_KEY',
    price: { input: 1, output: 2, cachedInput: 0 },
    timeouts: { wholeMs: 1 },
  };
  assert.equal(entryProblem(all), null);
});
