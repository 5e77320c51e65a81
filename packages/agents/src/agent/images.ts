/** Pictures that a step gives to its agent: files of the run, as models take them. */

import { StepError } from '@scriptorium/core';
import type { ArtifactRef, Context, Json } from '@scriptorium/core';
import type { ImagePart } from '../models/model.ts';

/** Pictures of one step. */
export const MAX_IMAGES = 20;
/** Of one picture: what every service takes. */
const MAX_BYTES = 5_000_000;

/** What files of each kind begin with. */
const kinds: readonly { readonly mediaType: string; readonly begins: (bytes: Buffer) => boolean }[] = [
  { mediaType: 'image/png', begins: (bytes) => bytes.toString('latin1', 0, 8) === '\x89PNG\r\n\x1a\n' },
  { mediaType: 'image/jpeg', begins: (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff },
  { mediaType: 'image/gif', begins: (bytes) => /^GIF8[79]a/.test(bytes.toString('latin1', 0, 6)) },
  { mediaType: 'image/webp', begins: (bytes) => /^RIFF[\s\S]{4}WEBP/.test(bytes.toString('latin1', 0, 12)) },
];

/** Raises `contract.input` for a file that is no picture, or too large for one. */
export async function readImages(images: readonly Json[], { artifacts }: Pick<Context, 'artifacts'>): Promise<readonly ImagePart[]> {
  return Promise.all(images.map((image) => readImage(image as unknown as ArtifactRef, artifacts)));
}

async function readImage(ref: ArtifactRef, artifacts: Context['artifacts']): Promise<ImagePart> {
  const bytes = Buffer.from(await artifacts.read(ref));
  if (bytes.length > MAX_BYTES)
    throw new StepError('contract.input', `${ref.path} has ${bytes.length} bytes, and a picture ${MAX_BYTES} at most`, {
      fix: 'Make it smaller before it is given to the agent.',
    });
  const kind = kinds.find(({ begins }) => begins(bytes));
  if (kind === undefined) throw new StepError('contract.input', `${ref.path} is no PNG, JPEG, GIF or WebP`);
  return { mediaType: kind.mediaType, data: bytes.toString('base64') };
}

/** In place of pictures where only their number counts. */
export function unreadImages(images: readonly Json[]): readonly ImagePart[] {
  return images.map(() => ({ mediaType: 'image/png', data: '' }));
}
