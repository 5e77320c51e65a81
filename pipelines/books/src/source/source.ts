/** A book as it was published: lines of plain text that know where they stand in the input. */

import type { SectionRole } from '../document.ts';
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
  /** What the markup says about it beside. */
  readonly markup?: LineMarkup;
}

/** Offsets are UTF-16 units of the line's text, as [from, to). */
export interface LineMarkup {
  /** The innermost of these that holds the line. */
  readonly within?: 'quote' | 'verse' | 'listItem' | 'illustration';
  readonly emphasis?: readonly (readonly [number, number])[];
  /** The note that the line is part of: what marks it, and the name that links to it use. */
  readonly note?: { readonly name: string; readonly mark: string };
  /** Where marks of notes stood, which are no part of the text. */
  readonly notes?: readonly { readonly at: number; readonly mark: string; readonly name: string }[];
}

/** One HTML file of a folder, one chapter of the toolkit's JSON, one entry of an EPUB's contents: lines [from, to). */
export interface SourceSection {
  readonly title: string;
  readonly file: number;
  readonly from: number;
  readonly to: number;
  /** Front matter, body or back matter where the source says so, else null. */
  readonly matter?: SourceMatter | null;
  /** Where the source says how sections nest: 0 and 1 hold chapters, 2 is a chapter, 3 is inside one. */
  readonly level?: number;
  /** How many of its paragraphs are its heading, where that is known. */
  readonly headed?: number;
}

export interface SourceMatter {
  readonly place: 'front' | 'body' | 'back';
  readonly role: SectionRole;
}

/** What reading found wrong and went on with. */
export interface SourceIssue {
  /** `epub_…` for faults of the file, `nav_…` where its navigation and its text disagree. */
  readonly type: string;
  readonly message: string;
}

/** Text of the source that is in no line: page marks, marks of notes. */
export interface SourceCut {
  readonly kind: 'pageMark' | 'markup';
  readonly start: number;
  readonly end: number;
  readonly file: number;
  readonly letters: number;
}

/** A picture of the source, which is read where it is wanted. */
export interface SourcePicture {
  /** The archive among the book's files that holds it; absent where it lies beside them. */
  readonly archive?: string;
  /** Its path there; the whole address where it leads elsewhere: `data:…`, `https://…`. */
  readonly path: string;
  /** Null where the source does not say what it shows; empty where it says that it is an ornament. */
  readonly alt: string | null;
  readonly file: number;
  /** Code points into the file: of the first line of its caption, else of what is printed behind it. */
  readonly at: number;
  readonly captioned: boolean;
  /** Whether it belongs to the heading behind it, not to what stands before. */
  readonly leads: boolean;
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
  /** Publisher, translator, series and the like. */
  readonly extra?: { readonly [name: string]: string };
}

export interface Source {
  readonly kind: BookKind;
  readonly files: readonly SourceFile[];
  readonly lines: readonly SourceLine[];
  /** Null where the files do not divide the book: plain text, and a single HTML file. */
  readonly sections: readonly SourceSection[] | null;
  readonly meta: SourceMeta;
  readonly issues?: readonly SourceIssue[];
  readonly cuts?: readonly SourceCut[];
  readonly pictures?: readonly SourcePicture[];
  /** The picture that the source calls its cover. */
  readonly cover?: Pick<SourcePicture, 'archive' | 'path'>;
}
