/** A book as it was published: lines of plain text that know where they stand in the input. */

import type { BookKind } from './sniff.ts';

export interface SourceLine {
  /** Entities resolved, tags dropped, without the line break. */
  readonly text: string;
  /** Unicode code point offset into the file's decoded text (its BOM not counted). */
  readonly start: number;
  /** Exclusive, without the line break. */
  readonly end: number;
  /** Index into `files`. */
  readonly file: number;
  /** 1 to 6 where the markup calls the line a heading. */
  readonly level?: number;
}

/** One HTML file of a folder, or one chapter of the toolkit's JSON: lines [from, to). */
export interface SourceSection {
  readonly title: string;
  readonly file: number;
  readonly from: number;
  readonly to: number;
}

export interface SourceFile {
  readonly name: string;
  /** What the bytes are, in lower case: `ascii`, `utf-8`, `windows-1252`, … */
  readonly encoding: string;
  /** What the file says it is, in lower case. */
  readonly declared: string | null;
  readonly bom: boolean;
  readonly lineEnd: 'lf' | 'crlf' | 'cr' | 'mixed' | 'none';
  readonly codePoints: number;
  /** `sha256:<hex>` of the bytes. */
  readonly hash: string;
}

export interface SourceMeta {
  readonly title?: string;
  readonly author?: string;
  /** ISO 639-1 where the name is known, else as written. */
  readonly language?: string;
  /** Without leading zeros. */
  readonly workNumber?: string;
  readonly volume?: string;
}

export interface Source {
  readonly kind: BookKind;
  readonly files: readonly SourceFile[];
  readonly lines: readonly SourceLine[];
  /** Null where the files do not divide the book: plain text, and a single HTML file. */
  readonly sections: readonly SourceSection[] | null;
  readonly meta: SourceMeta;
}
