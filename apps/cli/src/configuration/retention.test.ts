import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { configurationOf } from './configuration.ts';
import { configName } from './config-file.ts';
import { CommandError } from '../exit-code.ts';
import { retentionOf } from './retention.ts';

const cwd = mkdtempSync(join(tmpdir(), 'scriptorium-retention-'));
after(() => rmSync(cwd, { recursive: true }));

function configured(text: string, environment?: string): ReturnType<typeof retentionOf> {
  writeFileSync(join(cwd, configName), text);
  return retentionOf(configurationOf({ cwd, env: {}, environment, flags: {} }));
}

const DAY_MS = 86_400_000;

it('given nothing, then nothing goes; given parts of it, then those, and an environment changes one of them', () => {
  assert.equal(configured('mode: strict\n'), null);
  assert.deepEqual(configured('retention: { keep: 30d, newest: 100, size: 1.5GB, forget: 365d }\n'), {
    keepMs: 30 * DAY_MS,
    newest: 100,
    bytes: 1_500_000_000,
    forgetMs: 365 * DAY_MS,
  });
  const two = 'retention: { keep: 30d, newest: 5 }\nenvironments: { prod: { retention: { keep: 90d } } }\n';
  assert.deepEqual(configured(two, 'prod'), { keepMs: 90 * DAY_MS, newest: 5, bytes: null, forgetMs: null });
  assert.equal(configured('retention: { size: 2GB }\n')?.keepMs, null, 'by its size alone nothing goes for its age');
  assert.deepEqual(configured('retention: { newest: 5 }\n'), { keepMs: 0, newest: 5, bytes: null, forgetMs: null });
});

it('given what is no retention, then it is refused with its place', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['retention: { keep: soon }\n', /1:20.*`keep` is a duration/s],
    ['retention: { newest: 0 }\n', /`newest` is a whole number/],
    ['retention: { size: 12 }\n', /`size` is a size/],
    ['retention: { kept: 30d }\n', /has no key 'kept' \(keys: keep, newest/],
  ];
  for (const [text, message] of refused)
    assert.throws(
      () => configured(text),
      (error) => error instanceof CommandError && message.test(error.message),
      text,
    );
});
