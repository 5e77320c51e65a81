import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { ArtifactRef, JsonObject } from '@scriptorium/core';
import { call, scratch } from '../../test/core-call.ts';

/** A folder with these files, by their paths. */
function folderOf(files: { readonly [name: string]: string | Uint8Array }): string {
  const folder = mkdtempSync(join(scratch, 'folder-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

async function namesIn(folder: string, match?: string | readonly string[]): Promise<readonly string[]> {
  const { output, code } = await call('core/files', { folder, ...(match === undefined ? {} : { match: match }) });
  assert.equal(code, undefined);
  return (output as { readonly files: readonly { readonly name: string }[] }).files.map(({ name }) => name);
}

describe('core/files', () => {
  it('says of each file its name, its place and the hash of its bytes', async () => {
    const folder = folderOf({ 'sub/Moby Dick.txt': 'Call me Ishmael.' });

    const { output } = await call('core/files', { folder, match: '**/*.txt' });

    const hash = `sha256:${createHash('sha256').update('Call me Ishmael.').digest('hex')}`;
    const file = { name: 'sub/Moby Dick.txt', stem: 'Moby Dick', path: join(folder, 'sub/Moby Dick.txt'), bytes: 16, hash };
    assert.deepEqual(output, { files: [file] });
  });

  it('lists what a pattern matches, in the order of names', async () => {
    const folder = folderOf({
      'b.txt': '',
      'a.txt': '',
      'é.txt': '',
      'c.md': '',
      '.hidden.txt': '',
      'x/d.txt': '',
      'x/y/e.txt': '',
      '.git/f.txt': '',
    });

    assert.deepEqual(await namesIn(folder), ['a.txt', 'b.txt', 'c.md', 'é.txt']);
    assert.deepEqual(await namesIn(folder, '*.txt'), ['a.txt', 'b.txt', 'é.txt']);
    assert.deepEqual(await namesIn(folder, '**/*.txt'), ['a.txt', 'b.txt', 'x/d.txt', 'x/y/e.txt', 'é.txt']);
    assert.deepEqual(await namesIn(folder, 'x/*.txt'), ['x/d.txt']);
    assert.deepEqual(await namesIn(folder, '{x/y,.}/*.txt'), ['x/y/e.txt']);
    assert.deepEqual(await namesIn(folder, ['*.md', '.hidden.*']), ['.hidden.txt', 'c.md']);
    assert.deepEqual(await namesIn(folder, '*.csv'), []);
  });

  it('follows links to files and none to folders, and leaves out what is no file', async () => {
    const folder = folderOf({ 'a.txt': '' });
    symlinkSync(join(folder, 'a.txt'), join(folder, 'link.txt'));
    symlinkSync(folder, join(folder, 'loop'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'gone.txt'));

    assert.deepEqual(await namesIn(folder, '**/*'), ['a.txt', 'link.txt']);
    const { logs } = await call('core/files', { folder, match: 'gone*' });
    assert.match(logs.map(({ message }) => message).join('\n'), /gone\.txt was left out/);
  });

  it('refuses a folder that is not there', async () => {
    const folder = join(scratch, 'not-there');
    const { code, message, fix } = await call('core/files', { folder });

    assert.equal(code, 'io');
    assert.match(message ?? '', /not-there cannot be listed/);
    assert.match(fix ?? '', /Name a folder/);
  });
});

describe('core/read', () => {
  it('reads a text in its encoding, and the value of a JSON file', async () => {
    const folder = folderOf({ 'latin.txt': Buffer.from('caf\u00e9', 'latin1'), 'a.json': '{"n": 1}' });

    const latin = await call('core/read', { path: join(folder, 'latin.txt'), encoding: 'windows-1252' });
    const value = await call('core/read', { path: join(folder, 'a.json') });

    assert.deepEqual(latin.output, { text: 'café', json: null });
    assert.deepEqual(value.output, { text: '{"n": 1}', json: { n: 1 } });
  });

  it('says what is wrong with a file that it cannot read', async () => {
    const folder = folderOf({ 'latin.txt': Buffer.from('caf\u00e9', 'latin1'), 'long.txt': 'x'.repeat(100), 'broken.json': '{' });
    const failing = async (name: string, more: JsonObject = {}): Promise<string> => {
      const { code, message } = await call('core/read', { path: join(folder, name), ...more });
      return `${code}: ${message?.replaceAll(`${folder}/`, '')}`;
    };

    assert.equal(await failing('latin.txt'), 'read.not_text: latin.txt is no text in utf-8');
    assert.equal(await failing('latin.txt', { encoding: 'klingon' }), 'read.not_text: there is no encoding "klingon"');
    assert.equal(await failing('long.txt', { maxBytes: 99 }), 'read.too_large: long.txt has 100 bytes, and 99 are read at most');
    assert.match(await failing('broken.json'), /^read\.not_text: broken\.json holds no JSON/);
    assert.match(await failing('gone.txt'), /^io: gone\.txt cannot be read: ENOENT/);
    assert.match(await failing('.'), /^io: /);
  });
});

describe('core/write', () => {
  it('writes a text or a value, which core/read reads again', async () => {
    const text = await call('core/write', { name: 'a/b.txt', text: 'lamp' });
    const json = await call('core/write', { name: 'c.json', json: { lamp: [1] } });

    const again = await call('core/read', { artifact: text.output as JsonObject });
    assert.deepEqual(again.output, { text: 'lamp', json: null });
    const { path } = json.output as JsonObject & ArtifactRef;
    assert.equal(readFileSync(join(scratch, 'out', path), 'utf8'), '{\n  "lamp": [\n    1\n  ]\n}\n');
  });

  it('writes nowhere but below its stage', async () => {
    for (const name of ['../x.txt', '/tmp/x.txt', 'a//b'])
      assert.equal((await call('core/write', { name, text: '' })).code, 'contract.output');
  });
});
