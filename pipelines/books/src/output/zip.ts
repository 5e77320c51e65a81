/**
 * Packs files into a ZIP archive, each as a whole, so that its lengths and checksum stand before it and no reader has to
 * look for them behind. The same files give the same bytes: all of them are of one day.
 */

import { StepError } from '@scriptorium/core';
import { crc32, deflateRawSync } from 'node:zlib';

export interface PackedFile {
  /** With `/` between folders; ASCII. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether to deflate it; what is packed already grows by that. */
  readonly deflate: boolean;
}

/** What the plain format counts in two and four bytes (APPNOTE 4.4). */
const maxFiles = 0xffff;
const maxBytes = 0xffff_ffff;

/** Prose packs twice as fast as at 6, which everybody uses, and is 3 % larger. */
const level = 4;

const stored = 0;
const deflated = 8;
/** Of the deflate method: version 2.0. */
const version = 20;
/** 1 January 2000, midnight, as MS-DOS writes it: years since 1980, month, day. */
const day = (20 << 9) | (1 << 5) | 1;

/** In their order. @throws StepError `contract.output` for more than the format can count. */
export async function* zipArchive(files: AsyncIterable<PackedFile>): AsyncGenerator<Buffer> {
  const entries: Buffer[] = [];
  let at = 0;
  for await (const { name, bytes, deflate } of files) {
    const data = deflate ? deflateRawSync(bytes, { level }) : bytes;
    if (entries.length === maxFiles || bytes.length > maxBytes || at + data.length > maxBytes - headLength)
      throw new StepError('contract.output', `${name} is more than an archive can hold`, { fix: 'Divide the book into volumes.' });
    const path = Buffer.from(name, 'latin1');
    const common = commonHead(path.length, deflate ? deflated : stored, bytes, data.length);
    yield Buffer.concat([signature('PK\x03\x04'), common, path]);
    yield Buffer.from(data.buffer, data.byteOffset, data.length);
    entries.push(Buffer.concat([listHead(common, at), path]));
    at += 4 + common.length + path.length + data.length;
  }
  const list = Buffer.concat(entries);
  yield list;
  yield listEnd(entries.length, list.length, at);
}

/** Room for the list of a file beside its data. */
const headLength = 1 << 20;

/** What stands before a file as in the list: version, flags, method, time, day, checksum, lengths. */
function commonHead(nameLength: number, method: number, bytes: Uint8Array, packedLength: number): Buffer {
  const head = Buffer.alloc(26);
  head.writeUInt16LE(version, 0);
  head.writeUInt16LE(method, 4);
  head.writeUInt16LE(day, 8);
  head.writeUInt32LE(crc32(bytes), 10);
  head.writeUInt32LE(packedLength, 14);
  head.writeUInt32LE(bytes.length, 18);
  head.writeUInt16LE(nameLength, 22);
  return head;
}

/** In the list: who made it, the same again, and where the file begins. */
function listHead(common: Buffer, at: number): Buffer {
  const maker = Buffer.alloc(2);
  maker.writeUInt16LE(version);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(at, 10);
  return Buffer.concat([signature('PK\x01\x02'), maker, common, rest]);
}

function listEnd(count: number, bytes: number, at: number): Buffer {
  const end = Buffer.alloc(18);
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(bytes, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([signature('PK\x05\x06'), end]);
}

function signature(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
