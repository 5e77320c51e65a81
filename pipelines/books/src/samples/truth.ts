/** What is true about sample books: written beside them, read when a run over them is scored. */

export type DefectType =
  | 'running_heads'
  | 'page_numbers'
  | 'hyphens'
  | 'ligatures'
  | 'mojibake'
  | 'wrong_encoding'
  | 'bom'
  | 'crlf'
  | 'gap'
  | 'duplicate'
  | 'out_of_order'
  | 'empty'
  | 'unmatched_entry'
  | 'missing_entry';

/** How to see that a defect was found or mended: an issue that must be reported, or text of the final document. */
export type Sign =
  | { readonly type: 'issue'; readonly issue: string }
  | { readonly type: 'absent'; readonly text: string }
  | { readonly type: 'present'; readonly text: string }
  | { readonly type: 'file'; readonly property: 'bom' | 'crlf' };

export interface Defect {
  readonly type: DefectType;
  readonly sign: Sign;
}

export interface TrueUnit {
  readonly kind: 'part' | 'chapter' | 'matter';
  readonly title: string;
  readonly value: number | null;
  /** Index of the file in a folder. */
  readonly file: number;
  /** Code point offset of the heading, or of the first text where the heading stands outside the text. */
  readonly start: number;
}

export interface TrueBook {
  readonly id: string;
  readonly shape: string;
  /** What a run must make of it. */
  readonly outcome: 'done' | 'skipped' | 'failed';
  readonly units: readonly TrueUnit[];
  readonly defects: readonly Defect[];
}

export interface Truth {
  readonly version: '1.0.0';
  readonly seed: number;
  readonly books: readonly TrueBook[];
}
