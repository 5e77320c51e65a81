import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ArtifactRef, JsonObject } from '@scriptorium/core';
import { call, scratch } from '../../test/core-call.ts';

interface Made {
  readonly result: { readonly folder: string; readonly words: number };
  readonly files: readonly ArtifactRef[];
}

function script(code: string, ...args: readonly string[]): JsonObject {
  return {
    argv: [process.execPath, '--eval', `const fs = require('node:fs'); const out = process.env.SCRIPTORIUM_OUTPUTS; ${code}`, ...args],
  };
}

describe('core/make', () => {
  it('keeps the files that a program leaves, and what it prints', async () => {
    const code = `
      fs.writeFileSync(process.argv[1], 'argument');
      fs.mkdirSync(out + '/deep');
      fs.writeFileSync(out + '/deep/b.txt', 'variable');
      console.log(JSON.stringify({ folder: out, words: 2 }));`;

    const { output } = await call('core/make', script(code, '{outputs}/a.txt'));

    const { result, files } = output as unknown as Made;
    assert.equal(result.words, 2);
    assert.deepEqual(
      files.map(({ path }) => [path, readFileSync(join(scratch, 'out', path), 'utf8')]),
      [
        ['s/b/a.txt', 'argument'],
        ['s/b/deep/b.txt', 'variable'],
      ],
    );
    assert.equal(existsSync(result.folder), false);
  });

  it('keeps nothing of a program that fails, and nothing that is no file', async () => {
    const failed = await call('core/make', script(`fs.writeFileSync(out + '/half.txt', ''); console.error(out); process.exit(3)`));
    const linked = await call('core/make', script(`fs.symlinkSync('/etc/passwd', out + '/users.txt')`));

    assert.equal(failed.code, 'exec.failed');
    assert.equal(existsSync(join(scratch, 'out/s/b/half.txt')), false);
    assert.equal(existsSync(failed.logs.at(-1)?.message ?? ''), false);
    assert.equal(linked.code, 'make.outputs');
    assert.equal(linked.message, 'users.txt among the outputs is no file');
  });
});
