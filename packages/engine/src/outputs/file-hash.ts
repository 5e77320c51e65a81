/** What a file is known by, as it is on the disk now. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** `sha256:<hex>`, read piece by piece; null where it cannot be read. */
export async function hashOfFile(file: string): Promise<string | null> {
  const digest = createHash('sha256');
  try {
    for await (const part of createReadStream(file) as AsyncIterable<Buffer>) digest.update(part);
  } catch {
    return null;
  }
  return `sha256:${digest.digest('hex')}`;
}
