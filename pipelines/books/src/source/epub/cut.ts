import type { EpubDocument } from './documents.ts';
import type { Named } from './roles.ts';

/** The beginning of a section. */
export interface Cut {
  readonly line: number;
  readonly title: string;
  /** Depth in the navigation; null where it comes from the text. */
  readonly depth: number | null;
  readonly children: number;
  readonly headed: number | null;
  /** Rank of its heading, 0 without one. */
  readonly rank: number;
  readonly named: Named;
  readonly document: EpubDocument;
}
