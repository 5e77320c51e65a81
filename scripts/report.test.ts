import assert from 'node:assert/strict';
import { it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { causesText, createReport } from './report.ts';

const file = '/project/some/long.test.ts';

function failing(name: string, message: string) {
  return {
    type: 'test:fail',
    data: {
      name,
      file,
      entryFile: file,
      line: 7,
      column: 3,
      details: { error: Object.assign(new Error('outer'), { cause: new Error(message) }) },
    },
  };
}

it('names every failure again with its cause, in few lines, however long it is', () => {
  const printed: string[] = [];
  const report = createReport('/project', (line) => printed.push(line));
  report.add(failing('adds up', 'two and two are five'));
  report.add(failing('goes on', 'x'.repeat(200_000)));
  report.add(failing('lists', Array.from({ length: 5_000 }, (_, n) => `line ${n}`).join('\n')));
  report.add({ type: 'test:stdout', data: { file, message: `${'y'.repeat(200_000)}the last of it` } });
  report.finish([file]);
  const causes = stripVTControlCharacters(causesText(report.causes()));
  assert.match(causes, /FAILED adds up \(some\/long\.test\.ts:7:3\)\n {2}Error: two and two are five/);
  assert.match(causes, /FAILED goes on .*\n {2}Error: x+\n {2}…/);
  assert.ok(causes.includes('line 12\n') && !causes.includes('line 20\n'));
  assert.ok(causes.length < 4_000, `${causes.length} characters`);
  const all = printed.join('\n');
  assert.ok(all.length < 30_000 && all.includes('the last of it'), `${all.length} characters`);
});

it('counts a file as failed whose process ended in the midst of its tests, though all that it told of had passed', () => {
  const report = createReport('/project', () => undefined);
  const whole = '/project/whole.test.ts';
  for (const one of [file, whole]) report.add({ type: 'test:pass', data: { name: 'adds up', file: one, entryFile: one, details: {} } });
  report.add({ type: 'test:summary', data: { file: whole, duration_ms: 1 } });
  report.finish([file, whole]);
  assert.deepEqual(report.totals(), { passed: 2, failed: 1, skipped: 0 });
  assert.deepEqual(
    report.causes().map(({ name }) => name),
    ['the file ended before its tests (some/long.test.ts)'],
  );
});

it('says how many causes it leaves out', () => {
  const causes = Array.from({ length: 40 }, (_, n) => ({ name: `test ${n}`, text: 'no' }));
  assert.match(stripVTControlCharacters(causesText(causes)), /and 28 more$/);
});
