import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createCommandLine } from './command-line.ts';

describe('demo', () => {
  it('makes samples, runs them, scores the result, and shows three commands that work', async (t) => {
    const { call, directory } = createCommandLine(t);
    const { code, out, err } = await call('demo', '--count', '12', '--progress', 'plain');
    assert.equal(code, 0, err);
    assert.match(err, /Making 12 sample books/);
    assert.match(out, /✔ book\/batch .* succeeded/);
    assert.match(out, /outcomes +12\/12 books ended as they must/);
    assert.match(out, /chapter boundaries +F1 0\.9|chapter boundaries +F1 1\.0/);
    const commands = [...out.slice(out.indexOf('Try next')).matchAll(/^ {2}\S*scriptorium (.+)$/gm)].map(([, words = '']) =>
      words.split(' '),
    );
    assert.equal(commands.length, 3);
    for (const words of commands) {
      const ended = await call(...words, ...(words[0] === 'run' ? ['--no-progress'] : []));
      // Some of the samples have errors, which strict mode does not let pass.
      assert.equal(ended.code, words.includes('strict') ? 1 : 0, words.join(' '));
      if (words.includes('strict')) assert.match(ended.out + ended.err, /invalid_book|unreadable/);
    }
    assert.ok(existsSync(join(directory, 'scriptorium-demo', 'truth.json')));
    const again = await call('demo', '--count', '12', '--json', '--no-progress');
    assert.match(again.err, /Using the 12 sample books/);
    assert.equal((JSON.parse(again.out) as { score: { asExpected: number } }).score.asExpected, 12);
  });
});
