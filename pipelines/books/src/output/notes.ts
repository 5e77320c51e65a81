/** Which blocks are notes that something leads to, and by what number they go. */

import type { Publication, PublishedBlock, PublishedUnit } from './publication.ts';

export interface Notes {
  /** From 1, in the order in which their marks stand; undefined for a block that nothing leads to. */
  readonly numberOf: (id: string | undefined) => number | undefined;
}

export function notesOf(publication: Publication): Notes {
  const present = new Set<string>();
  const wanted: string[] = [];
  for (const block of blocksOf(publication)) {
    if (block.id !== undefined && block.type === 'note') present.add(block.id);
    for (const link of block.links ?? []) wanted.push(link.note);
  }
  const numbers = new Map<string, number>();
  for (const id of wanted) if (present.has(id) && !numbers.has(id)) numbers.set(id, numbers.size + 1);
  return { numberOf: (id) => (id === undefined ? undefined : numbers.get(id)) };
}

function* blocksOf(publication: Publication): Generator<PublishedBlock> {
  for (const unit of [...(publication.front ?? []), ...publication.body, ...(publication.back ?? [])]) yield* blocksIn(unit);
}

function* blocksIn(unit: PublishedUnit): Generator<PublishedBlock> {
  yield* unit.blocks;
  for (const child of unit.children ?? []) yield* blocksIn(child);
}
