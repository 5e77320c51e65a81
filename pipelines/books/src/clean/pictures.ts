/** Which pictures of a source a book keeps, and what its reader is told of the others. */

import type { Picture } from '../document.ts';
import { addressKey, type ReadPicture } from '../source/picture-files.ts';
import type { SourceIssue, SourcePicture } from '../source/source.ts';

export interface KeptPictures {
  readonly find: (address: Pick<SourcePicture, 'archive' | 'path'>) => Picture | undefined;
  readonly issues: readonly SourceIssue[];
}

export const noPictures: KeptPictures = { find: () => undefined, issues: [] };

/** Refusals beyond this are counted and not told. */
const maxTold = 20;
/** Half a hash: two pictures of one name would take 2^64 of them. */
const nameLength = 32;

/** `keep` is handed each picture that is carried, once by its file name. */
export async function keepPictures(
  found: AsyncIterable<ReadPicture>,
  keep: (file: string, bytes: Uint8Array) => Promise<void>,
): Promise<KeptPictures> {
  const kept = new Map<string, Picture>();
  const names = new Set<string>();
  const refused: string[] = [];
  for await (const one of found) {
    if ('refused' in one) {
      refused.push(`${shown(one.address.path)} ${one.refused}`);
      continue;
    }
    const { mediaType, ending, size } = one.type;
    const file = `${one.hash.slice(0, nameLength)}.${ending}`;
    if (!names.has(file)) await keep(file, one.bytes);
    names.add(file);
    kept.set(addressKey(one.address), { file, mediaType, ...size });
  }
  const issues = refused.slice(0, maxTold).map((message) => ({ type: 'picture_refused', message: `a picture stays behind: ${message}` }));
  const more = refused.length - issues.length;
  if (more > 0) issues.push({ type: 'picture_refused', message: `and ${String(more)} more pictures stay behind` });
  return { find: (address) => kept.get(addressKey(address)), issues };
}

function shown(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}…` : path;
}
