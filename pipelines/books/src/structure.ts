/** The deterministic stages as functions, for whoever wants them without an engine. */

export { alignBook } from './align/align.ts';
export { cleanBook, type GivenMeta } from './clean/clean.ts';
export {
  blocksOf,
  bookVersion,
  countLetters,
  walkChapters,
  type Block,
  type Book,
  type Chapter,
  type Section,
  type TocEntry,
} from './document.ts';
export { usualLimits, type Limits } from './headings/limits.ts';
export { decodeBytes } from './source/encoding.ts';
export { readSource } from './source/read.ts';
export type { Source } from './source/source.ts';
export { publicationOf } from './output/publication.ts';
export { restructureToc } from './toc/toc.ts';
export { measureTopology, type Topology } from './topology/topology.ts';
export { jsonBytes } from './stages/json-bytes.ts';
