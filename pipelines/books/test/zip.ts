/** Archives as nobody should make them: every field of every header can be given. */

import { crc32, deflateRawSync } from 'node:zlib';

export interface RawEntry {
  readonly name: string | Buffer;
  readonly data?: string | Buffer;
  readonly method?: number;
  readonly flags?: number;
  readonly madeBy?: number;
  readonly attributes?: number;
  /** Instead of what is true, in both headers. */
  readonly crc?: number;
  readonly bytes?: number;
  readonly packedBytes?: number;
  /** Instead of what the list says, in the local header. */
  readonly localName?: string;
  readonly localBytes?: number;
  /** Where the list says that it stands. */
  readonly offset?: number;
}

/** A whole archive; `count` is what its end says it has. */
export function rawZip(entries: readonly RawEntry[], count: number = entries.length): Buffer {
  const parts: Buffer[] = [];
  const list: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const data = Buffer.from(entry.data ?? 'text');
    const method = entry.method ?? 8;
    const packed = method === 8 ? deflateRawSync(data) : data;
    const fields = {
      flags: entry.flags ?? 0,
      method,
      crc: entry.crc ?? crc32(data),
      packed: entry.packedBytes ?? packed.length,
      bytes: entry.bytes ?? data.length,
    };
    const offset = at;
    const local = [header(fields, entry.localName ?? entry.name, null, entry.localBytes), packed];
    parts.push(...local);
    at += local[0]!.length + packed.length;
    list.push(
      header(fields, entry.name, { madeBy: entry.madeBy ?? 20, attributes: entry.attributes ?? 0, offset: entry.offset ?? offset }),
    );
  }
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, directory, end]);
}

interface Fields {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly bytes: number;
}

function header(
  { flags, method, crc, packed, bytes }: Fields,
  name: string | Buffer,
  listed: { readonly madeBy: number; readonly attributes: number; readonly offset: number } | null,
  localBytes: number = bytes,
): Buffer {
  const raw = Buffer.from(name);
  const from = listed === null ? 6 : 8;
  const made = Buffer.alloc(listed === null ? 30 : 46);
  made.writeUInt32LE(listed === null ? 0x04034b50 : 0x02014b50, 0);
  made.writeUInt16LE(flags, from);
  made.writeUInt16LE(method, from + 2);
  made.writeUInt32LE(crc, from + 8);
  made.writeUInt32LE(packed, from + 12);
  made.writeUInt32LE(localBytes, from + 16);
  made.writeUInt16LE(raw.length, from + 20);
  if (listed !== null) {
    made.writeUInt16LE(listed.madeBy, 4);
    made.writeUInt32LE(listed.attributes, 38);
    made.writeUInt32LE(listed.offset, 42);
  }
  return Buffer.concat([made, raw]);
}
