/** Which pictures of a publication can be shown, and what is said of them where they cannot be seen. */

import type { Publication, PublishedBlock, PublishedPicture } from './publication.ts';

export interface Shown {
  /** The picture of a block, if the publication has it. */
  readonly pictureOf: (block: PublishedBlock) => PublishedPicture | undefined;
}

export function shownIn({ pictures = [] }: Publication): Shown {
  const byFile = new Map(pictures.map((picture) => [picture.file, picture]));
  return { pictureOf: ({ picture }) => (picture === undefined ? undefined : byFile.get(picture.file)) };
}

/** In the place of the picture: what the source says that it shows, else its caption, else that there is one. */
export function altOf({ picture, text }: PublishedBlock): string {
  return picture?.alt ?? (oneLine(text) || 'Illustration');
}

/** As Project Gutenberg writes it: `[Illustration: a quay]`. */
export function namedPicture({ picture, text }: PublishedBlock, caption: string = oneLine(text)): string {
  const words = caption === '' ? (picture?.alt ?? '') : caption;
  return words === '' ? '[Illustration]' : `[Illustration: ${words}]`;
}

function oneLine(text: string): string {
  return text.replaceAll('\n', ' ').trim();
}
