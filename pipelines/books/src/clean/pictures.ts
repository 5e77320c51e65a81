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
  const issues = refused.length === 0 ? [] : [{ type: 'picture_refused', message: refusal(refused) }];
  return { find: (address) => kept.get(addressKey(address)), issues };
}

function refusal(refused: readonly string[]): string {
  const behind = refused.length === 1 ? '1 picture stays behind' : `${String(refused.length)} pictures stay behind`;
  const more = refused.length - maxTold;
  return `${behind}: ${refused.slice(0, maxTold).join('; ')}${more > 0 ? `; and ${String(more)} more` : ''}`;
}

function shown(path: string): string {
  if (path.length <= 100) return path;
  return `${/^data:[^,;]{1,80}/i.exec(path)?.[0] ?? path.slice(0, 100)}…`;
}
