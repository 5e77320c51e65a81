import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRange, isVersion, satisfies } from './version.ts';

test('given a version and a range, what satisfies follows semver', () => {
  const cases: readonly [version: string, range: string, holds: boolean][] = [
    ['1.2.3', '*', true],
    ['1.2.3', '1.2.3', true],
    ['1.2.4', '1.2.3', false],
    ['1.9.0', '^1.2.3', true],
    ['2.0.0', '^1.2.3', false],
    ['1.2.2', '^1.2.3', false],
    ['1.2.0', '^1', true],
    ['2.1.0', '^1', false],
    ['0.2.9', '^0.2.3', true],
    ['0.3.0', '^0.2.3', false],
    ['0.0.3', '^0.0.3', true],
    ['0.0.4', '^0.0.3', false],
    ['1.2.9', '~1.2.3', true],
    ['1.3.0', '~1.2.3', false],
    ['1.9.0', '~1', true],
    ['1.2.7', '1.2', true],
    ['1.3.0', '1.2', false],
    ['1.3.0-rc.1', '^1.2.0', false],
    ['1.3.0-rc.2', '^1.3.0-rc.1', true],
    ['1.3.0', '^1.3.0-rc.1', true],
    ['1.3.0-rc.1', '1.3.0-rc.1', true],
  ];
  for (const [version, range, holds] of cases) {
    assert.equal(satisfies(version, range), holds, `${version} in ${range}`);
  }
});

test('versions have three numbers, ranges may have fewer', () => {
  assert.deepEqual(['1.2.0', '1.2.0-rc.1', '1.2', '1', '01.2.3', 'v1.2.3', ''].map(isVersion), [
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
  assert.deepEqual(['*', '^1', '~1.2', '1.2.3', '>=1', 'latest', '^'].map(isRange), [true, true, true, true, false, false, false]);
});
