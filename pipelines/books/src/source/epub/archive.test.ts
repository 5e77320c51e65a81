import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StepError } from '@scriptorium/core';
import { zipped } from '../../../test/epub.ts';
import { rawZip, type RawEntry } from '../../../test/zip.ts';
import { archiveErrors, openArchive } from './archive.ts';

const unix = 3 << 8;

/** Two files of the list that are the same bytes: the second is inside of the first. */
function overlapping(): Buffer {
  const inner = rawZip([{ name: 'two', data: 'abc', method: 0 }]).subarray(0, 36);
  return rawZip([
    { name: 'one', data: inner, method: 0 },
    { name: 'two', data: 'abc', method: 0, offset: 33 },
  ]);
}

/** Both headers call packed what is plain. */
function undeflated(): Buffer {
  const bytes = rawZip([{ name: 'a', data: 'not deflated at all', method: 0 }]);
  bytes.writeUInt16LE(8, 8);
  bytes.writeUInt16LE(8, bytes.indexOf('PK\x01\x02', 0, 'latin1') + 10);
  return bytes;
}

/** The code that the archive is refused with, by opening it or by reading all that it holds. */
async function refusal(bytes: Uint8Array): Promise<string> {
  try {
    const archive = await openArchive(bytes, 'book.epub');
    for (const name of archive.names) archive.read(name);
    return 'accepted';
  } catch (error) {
    assert.ok(error instanceof StepError, String(error));
    assert.match(error.message, /^book\.epub: /);
    assert.ok(error.fix !== undefined && error.fix.length > 0);
    return error.code;
  }
}

describe('a whole archive', () => {
  it('gives its files, packed and stored', async () => {
    const archive = await openArchive(await zipped({ mimetype: 'application/epub+zip', 'a/b.txt': 'text'.repeat(1000) }), 'book.epub');
    assert.deepEqual(archive.names, ['mimetype', 'a/b.txt']);
    assert.equal(Buffer.from(archive.read('a/b.txt')).toString(), 'text'.repeat(1000));
    assert.equal(archive.has('a'), false);
  });

  it('may have folders, prose that packs well, and files whose sizes follow them', async () => {
    const streamed: RawEntry = { name: 'streamed', flags: 8, data: 'x' };
    assert.equal(
      await refusal(rawZip([{ name: 'folder/', data: '', method: 0, madeBy: unix, attributes: 0o040755 * 65_536 }, streamed])),
      'accepted',
    );
    assert.equal(
      await refusal(rawZip([{ name: 'a', data: Array.from({ length: 60_000 }, (_, n) => `line ${n * n}`).join('\n') }])),
      'accepted',
    );
  });
});

describe('a hostile or damaged archive is refused', () => {
  const cases: readonly (readonly [why: string, code: string, bytes: Buffer])[] = [
    ['a path that climbs', 'archive.path', rawZip([{ name: '../outside' }])],
    ['a path that climbs in its middle', 'archive.path', rawZip([{ name: 'a/../../outside' }])],
    ['an absolute path', 'archive.path', rawZip([{ name: '/etc/passwd' }])],
    ['a path of another system', 'archive.path', rawZip([{ name: 'a\\..\\b' }])],
    ['a drive', 'archive.path', rawZip([{ name: 'C:/x' }])],
    ['a drive without a slash', 'archive.path', rawZip([{ name: 'c:x' }])],
    ['a zero byte in a name', 'archive.path', rawZip([{ name: 'a\0.xhtml' }])],
    ['a line break in a name', 'archive.path', rawZip([{ name: 'a\nb' }])],
    ['an empty name', 'archive.path', rawZip([{ name: '' }])],
    ['a huge name', 'archive.path', rawZip([{ name: 'x'.repeat(5000) }])],
    ['a symbolic link', 'archive.link', rawZip([{ name: 'link', data: '/etc/passwd', madeBy: unix, attributes: 0o120777 * 65_536 }])],
    ['a device', 'archive.link', rawZip([{ name: 'device', madeBy: unix, attributes: 0o060666 * 65_536 }])],
    ['a bomb by its ratio', 'archive.bomb', rawZip([{ name: 'zeros', data: Buffer.alloc(4_000_000) }])],
    ['a bomb by one size', 'archive.bomb', rawZip([{ name: 'huge', bytes: 4_000_000_000 }])],
    [
      'a bomb by its total',
      'archive.bomb',
      rawZip(Array.from({ length: 20 }, (_, n) => ({ name: `f${n}`, bytes: 200_000_000, packedBytes: 4, method: 0 }))),
    ],
    ['a bomb by the number of files', 'archive.bomb', rawZip([{ name: 'a' }], 65_000)],
    ['a file that is longer than it says', 'archive.bomb', rawZip([{ name: 'liar', data: 'x'.repeat(5000), bytes: 10 }])],
    ['a file that is shorter than it says', 'archive.inconsistent', rawZip([{ name: 'liar', data: 'x', bytes: 10 }])],
    ['overlapping files', 'archive.overlap', overlapping()],
    ['two files of one name', 'archive.duplicate', rawZip([{ name: 'a' }, { name: 'a' }])],
    [
      'two files whose names look the same',
      'archive.duplicate',
      rawZip([
        { name: 'é', flags: 0x800 },
        { name: 'e\u0301', flags: 0x800 },
      ]),
    ],
    ['an encrypted file', 'archive.encrypted', rawZip([{ name: 'a', flags: 1 }])],
    ['a strongly encrypted file', 'archive.encrypted', rawZip([{ name: 'a', flags: 0x41 }])],
    ['a wrong checksum', 'archive.checksum', rawZip([{ name: 'a', crc: 1 }])],
    ['data that cannot be unpacked', 'archive.checksum', undeflated()],
    ['a name that differs in its place', 'archive.inconsistent', rawZip([{ name: 'a.xhtml', localName: 'b.xhtml' }])],
    ['a size that differs in its place', 'archive.inconsistent', rawZip([{ name: 'a', localBytes: 9 }])],
    ['a list that counts wrong', 'archive.truncated', rawZip([{ name: 'a' }], 9)],
    ['a file that is not where the list says', 'archive.truncated', rawZip([{ name: 'a', offset: 3 }])],
    ['data beyond the end', 'archive.truncated', rawZip([{ name: 'a', packedBytes: 1_000_000 }])],
    ['an unknown method', 'archive.unsupported', rawZip([{ name: 'a', method: 12 }])],
    ['half an archive', 'archive.truncated', rawZip([{ name: 'a', data: 'x'.repeat(100) }]).subarray(0, 80)],
    ['an empty file', 'archive.truncated', Buffer.alloc(0)],
    ['a page that says “not found”', 'archive.truncated', Buffer.from('<html>404</html>'.repeat(10))],
  ];
  for (const [why, code, bytes] of cases) {
    it(`for ${why}`, async () => {
      assert.equal(await refusal(bytes), code);
      assert.ok(code in archiveErrors);
    });
  }

  it('whatever single byte of it is wrong: it is refused by a code, or nothing that it gives has changed', async () => {
    const whole = rawZip([
      { name: 'one', data: 'first '.repeat(20) },
      { name: 'two', data: 'second '.repeat(20) },
    ]);
    const expected = new Set(['first '.repeat(20), 'second '.repeat(20)]);
    for (let index = 0; index < whole.length; index += 1) {
      const broken = Buffer.from(whole);
      broken[index]! ^= 0xff;
      const code = await refusal(broken);
      if (code !== 'accepted') {
        assert.ok(code in archiveErrors, code);
        continue;
      }
      const archive = await openArchive(broken, 'book.epub');
      for (const name of archive.names) assert.ok(expected.has(Buffer.from(archive.read(name)).toString()));
    }
  });
});
