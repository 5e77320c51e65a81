import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rewriteYaml } from '../index.ts';

const source = `# about
limits: { disk: { concurrent: 4 } } # of the disk
input:
  folder: { type: string, default: "./in" }
`;

test('given places, then their values change and every comment and quote stays', () => {
  const values = new Map<string, string | number>([
    ['/limits/disk/concurrent', 8],
    ['/input/folder/default', 'elsewhere: "here"'],
  ]);
  assert.equal(rewriteYaml(source, values), source.replace('4', '8').replace('"./in"', '"elsewhere: \\"here\\""'));
});

test('given a place that is not there, then it is an error: nothing is added by a slip', () => {
  assert.throws(() => rewriteYaml(source, new Map([['/limits/dsk/concurrent', 8]])), { name: 'TypeError', message: /\/limits\/dsk/ });
});
