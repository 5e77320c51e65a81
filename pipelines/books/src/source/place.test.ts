import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { placeFinder } from './place.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'place-'));
});
after(() => rm(folder, { recursive: true }));

it('is a line and a column, whatever ends the lines and however wide the letters are', async () => {
  const path = join(folder, 'a.txt');
  for (const end of ['\n', '\r\n', '\r']) {
    const text = `\u{20000}first${end}  Zweite Zeile 🙂 hier${end}${end}last`;
    await writeFile(path, text);
    const points = [...text];
    const find = placeFinder(path, ['a.txt']);
    const at = (word: string): number => points.join('').indexOf(word) - 1;
    assert.deepEqual(find({ start: at('Zweite'), end: 0 }), { file: 'a.txt', line: 2, column: 3, text: 'Zweite Zeile 🙂 hier' });
    assert.deepEqual(find({ start: points.length - 4, end: 0 }), { file: 'a.txt', line: 4, column: 1, text: 'last' });
  }
});

it('shows of a long line what stands at the column', async () => {
  const path = join(folder, 'long.html');
  await writeFile(path, `${'x'.repeat(300)} here it is ${'y'.repeat(300)}`);
  const found = placeFinder(path, ['long.html'])({ start: 301, end: 310 });
  assert.deepEqual([found?.line, found?.column], [1, 302]);
  assert.match(found?.text ?? '', /^…x{19} here it is y+…$/);
});

it('is in the right file of a folder, and nowhere in one that is gone or no text', async () => {
  await writeFile(join(folder, 'b.html'), 'one\ntwo');
  await writeFile(join(folder, 'c.epub'), 'PK\u0003\u0004\0\0');
  assert.deepEqual(placeFinder(folder, ['a.txt', 'b.html'])({ start: 4, end: 7, file: 1 }), {
    file: 'b.html',
    line: 2,
    column: 1,
    text: 'two',
  });
  assert.equal(placeFinder(join(folder, 'gone'), ['x'])({ start: 0, end: 1 })?.line, null);
  assert.equal(placeFinder(join(folder, 'c.epub'), ['OPS/1.xhtml'])({ start: 0, end: 1 })?.line, null);
  assert.equal(placeFinder(folder, ['a.txt'])({ start: 0, end: 1, file: 3 }), null);
});
