/**
 * Opens a ZIP archive that anybody may have made, and reads single files of it into memory.
 *
 * 1. Nothing is ever written: there is no path that an entry could lead to.
 * 2. What is refused is refused before any of it is inflated, but for a wrong checksum and a length that lies.
 * 3. The central directory is what counts; a local header that says something else is a refusal and no choice.
 * 4. Archives inside of the archive are data: none is opened.
 */

import { isUtf8 } from 'node:buffer';
import { crc32, inflateRawSync } from 'node:zlib';
import yauzl from 'yauzl';
import { StepError } from '@scriptorium/core';

/** The codes of {@link openArchive} and {@link Archive.read}, for the `errors` of handlers. */
export const archiveErrors: { readonly [code: string]: string } = {
  'archive.truncated': 'The archive ends too early, or is none: an interrupted download.',
  'archive.checksum': 'A file of the archive is not what its checksum says.',
  'archive.path': 'A file of the archive has a name that leads elsewhere, or is no name.',
  'archive.link': 'The archive holds a link or a device where a file should be.',
  'archive.bomb': 'The archive would become far larger than it is, or holds far too many files.',
  'archive.overlap': 'Two files of the archive share the same bytes.',
  'archive.duplicate': 'Two files of the archive have the same name.',
  'archive.encrypted': 'The archive, or a file in it that is needed, is encrypted.',
  'archive.inconsistent': 'The list of the archive and its files contradict each other.',
  'archive.unsupported': 'A file of the archive is packed in a way that books do not use.',
};

/** A book of a hundred million letters has some hundred files of a few megabytes. */
export const archiveLimits: {
  readonly entries: number;
  readonly nameBytes: number;
  /** Of one file when inflated. */
  readonly fileBytes: number;
  /** Of all files when inflated. */
  readonly totalBytes: number;
  /** Inflated to packed: prose packs to a third, the emptiest markup to a fiftieth; deflate reaches 1,032. */
  readonly ratio: number;
  /** Files below this size may pack as well as they like. */
  readonly ratioFromBytes: number;
} = { entries: 20_000, nameBytes: 1024, fileBytes: 2 ** 28, totalBytes: 2 ** 31, ratio: 200, ratioFromBytes: 2 ** 20 };

export interface Archive {
  /** Of its regular files, in the order of the list. */
  readonly names: readonly string[];
  readonly has: (name: string) => boolean;
  /** @throws StepError with a code of {@link archiveErrors}; `archive.inconsistent` for a name that is not there. */
  readonly read: (name: string) => Uint8Array;
}

interface Packed {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly encrypted: boolean;
  readonly packedBytes: number;
  readonly bytes: number;
  /** Where its data stand, [from, to). */
  readonly from: number;
  readonly to: number;
}

/** `label` names the archive in messages. @throws StepError with a code of {@link archiveErrors}. */
export async function openArchive(bytes: Uint8Array, label: string): Promise<Archive> {
  const refuse = refusal(label);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = await listed(buffer, refuse);
  const byName = new Map<string, Packed>();
  for (const entry of entries) {
    const key = entry.name.normalize('NFC');
    if (byName.has(key)) throw refuse('archive.duplicate', `it holds ${shown(entry.name)} twice`);
    byName.set(key, entry);
  }
  refuseOverlaps(entries, refuse);
  return {
    names: entries.map((entry) => entry.name),
    has: (name) => byName.has(name.normalize('NFC')),
    read: (name) => {
      const entry = byName.get(name.normalize('NFC'));
      if (entry === undefined) throw refuse('archive.inconsistent', `it has no file ${shown(name)}`);
      return unpacked(buffer, entry, refuse);
    },
  };
}

type Refuse = (code: string, why: string, cause?: unknown) => StepError;

const fixes: { readonly [code: string]: string } = {
  'archive.truncated': 'Download it again.',
  'archive.checksum': 'Download it again.',
  'archive.encrypted': 'Give a copy without a lock: what is locked cannot be read.',
};

function refusal(label: string): Refuse {
  return (code, why, cause) =>
    new StepError(code, `${label}: ${why}`, {
      fix: fixes[code] ?? 'Do not trust it: get the book from its publisher, or unpack and pack it again with a tool that you trust.',
      ...(cause === undefined ? {} : { cause }),
    });
}

/** What the list says, each entry checked against the limits and its own local header. */
async function listed(buffer: Buffer, refuse: Refuse): Promise<Packed[]> {
  const archive = await yauzl
    .fromBufferPromise(buffer, { lazyEntries: true, decodeStrings: false, validateEntrySizes: false })
    .catch((error: unknown) => {
      throw refuse('archive.truncated', `it is no whole archive (${messageOf(error)})`, error);
    });
  if (archive.entryCount > archiveLimits.entries)
    throw refuse('archive.bomb', `it lists ${String(archive.entryCount)} files; a book has at most ${String(archiveLimits.entries)}`);
  const entries: Packed[] = [];
  let total = 0;
  try {
    for await (const entry of archive.eachEntry()) {
      const name = nameOf(entry, refuse);
      total += entry.uncompressedSize;
      refuseExcess(name, entry, total, refuse);
      refuseSpecial(name, entry, refuse);
      const packed = await located(archive, entry, name, buffer, refuse);
      if (!name.endsWith('/')) entries.push(packed);
    }
  } catch (error) {
    if (error instanceof StepError) throw error;
    throw refuse(codeOf(error), `its list cannot be read (${messageOf(error)})`, error);
  }
  return entries;
}

function codeOf(error: unknown): string {
  const message = messageOf(error);
  if (/encrypt/i.test(message)) return 'archive.encrypted';
  return /eof|end of|bounds|truncat|out of range/i.test(message) ? 'archive.truncated' : 'archive.inconsistent';
}

function nameOf(entry: yauzl.Entry, refuse: Refuse): string {
  const raw = entry.fileNameRaw;
  if (raw.length > archiveLimits.nameBytes)
    throw refuse(
      'archive.path',
      `it holds a file whose name has ${String(raw.length)} bytes; at most ${String(archiveLimits.nameBytes)} are read`,
    );
  // Names in an EPUB are UTF-8, whether or not the archive says so.
  const name = isUtf8(raw) ? raw.toString('utf8') : yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, raw, entry.extraFields, true);
  const fault = yauzl.validateFileName(name);
  // Backslashes, `..`, drives and roots are the library's refusals; the rest are names that only mean harm.
  if (fault !== null || name === '' || /[\u0000-\u001f\u007f]|(^|\/)\.(\/|$)|\/\/|^[a-z]:/i.test(name))
    throw refuse('archive.path', `it holds a file that is named ${shown(name)}`);
  return name;
}

function refuseExcess(name: string, entry: yauzl.Entry, total: number, refuse: Refuse): void {
  const { compressedSize: packed, uncompressedSize: bytes } = entry;
  if (bytes > archiveLimits.fileBytes)
    throw refuse('archive.bomb', `${shown(name)} would have ${String(bytes)} bytes; at most ${String(archiveLimits.fileBytes)} are read`);
  if (total > archiveLimits.totalBytes)
    throw refuse('archive.bomb', `its files would have more than ${String(archiveLimits.totalBytes)} bytes together`);
  if (bytes >= archiveLimits.ratioFromBytes && bytes > packed * archiveLimits.ratio)
    throw refuse('archive.bomb', `${shown(name)} would grow from ${String(packed)} to ${String(bytes)} bytes`);
}

/** Unix tells the kind of a file in the upper bits of its attributes: only regular files (8), directories (4) and none. */
function refuseSpecial(name: string, entry: yauzl.Entry, refuse: Refuse): void {
  const unix = entry.versionMadeBy >>> 8 === 3 || entry.versionMadeBy >>> 8 === 19;
  const kind = unix ? entry.externalFileAttributes >>> 28 : 0;
  if (kind !== 0 && kind !== 8 && kind !== 4)
    throw refuse('archive.link', `${shown(name)} is ${kind === 10 ? 'a link' : 'a device'} and no file`);
}

async function located(archive: yauzl.ZipFile, entry: yauzl.Entry, name: string, buffer: Buffer, refuse: Refuse): Promise<Packed> {
  const header = await archive.readLocalFileHeaderPromise(entry).catch((error: unknown) => {
    throw refuse('archive.truncated', `${shown(name)} is not where the list says (${messageOf(error)})`, error);
  });
  const from = header.fileDataStart;
  const to = from + entry.compressedSize;
  if (to > buffer.length) throw refuse('archive.truncated', `${shown(name)} ends after the end of the archive`);
  // Streamed entries leave their sizes to a descriptor after the data.
  const streamed = (header.generalPurposeBitFlag & 8) !== 0;
  const differs = (local: number, central: number): boolean => local !== central && local !== 0xffffffff && !(streamed && local === 0);
  if (
    !header.fileName.equals(entry.fileNameRaw) ||
    header.compressionMethod !== entry.compressionMethod ||
    differs(header.compressedSize, entry.compressedSize) ||
    differs(header.uncompressedSize, entry.uncompressedSize) ||
    differs(header.crc32, entry.crc32)
  )
    throw refuse('archive.inconsistent', `${shown(name)} is something else in the list than in its place`);
  return {
    name,
    method: entry.compressionMethod,
    crc: entry.crc32,
    encrypted: ((entry.generalPurposeBitFlag | header.generalPurposeBitFlag) & 1) !== 0,
    packedBytes: entry.compressedSize,
    bytes: entry.uncompressedSize,
    from,
    to,
  };
}

function refuseOverlaps(entries: readonly Packed[], refuse: Refuse): void {
  const placed = entries.toSorted((one, other) => one.from - other.from);
  for (const [index, entry] of placed.entries()) {
    const next = placed[index + 1];
    // Between two files stands at least the local header of the second: thirty bytes and its name.
    if (next !== undefined && next.from - 30 < entry.to)
      throw refuse('archive.overlap', `${shown(entry.name)} and ${shown(next.name)} share bytes`);
  }
}

function unpacked(buffer: Buffer, entry: Packed, refuse: Refuse): Uint8Array {
  if (entry.encrypted) throw refuse('archive.encrypted', `${shown(entry.name)} is encrypted`);
  const data = buffer.subarray(entry.from, entry.to);
  const bytes = entry.method === 0 ? data : inflated(data, entry, refuse);
  if (bytes.length !== entry.bytes)
    throw refuse(
      'archive.inconsistent',
      `${shown(entry.name)} has ${String(bytes.length)} bytes, and the list says ${String(entry.bytes)}`,
    );
  if (crc32(bytes) !== entry.crc) throw refuse('archive.checksum', `${shown(entry.name)} is damaged: its checksum is wrong`);
  return bytes;
}

function inflated(data: Buffer, entry: Packed, refuse: Refuse): Uint8Array {
  if (entry.method !== 8) throw refuse('archive.unsupported', `${shown(entry.name)} is packed by method ${String(entry.method)}`);
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, entry.bytes) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw refuse('archive.bomb', `${shown(entry.name)} grows beyond the ${String(entry.bytes)} bytes that the list says`, error);
    throw refuse('archive.checksum', `${shown(entry.name)} is damaged: it cannot be unpacked (${messageOf(error)})`, error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function shown(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
