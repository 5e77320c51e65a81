/**
 * The book document: what every stage of the pipeline reads and writes, and what `book.schema.json` describes for
 * everybody else.
 *
 * Offsets into the source are Unicode code points into the decoded input file, end exclusive. Offsets into a block's
 * own text are code points too. Nothing is lost unseen: every letter of the source is in a block or in `removed`.
 */

/** Version of the document format; a reader refuses another major version. */
export const bookVersion = '1.1.0';

export interface SourceSpan {
  readonly start: number;
  readonly end: number;
  /** Index into `meta.source.files`; absent means 0. */
  readonly file?: number;
}

export type BlockType = 'heading' | 'paragraph' | 'verse' | 'quote' | 'list' | 'listItem' | 'note' | 'illustration' | 'break';

/** How the block stood on the page, where the source says so; evidence for alignment, dropped by it. */
export interface BlockLayout {
  /** Blank lines before it. */
  readonly gap: number;
  /** Smallest indentation of its lines, in characters. */
  readonly indent: number;
  /** Its lines in the source. */
  readonly lines: number;
  /** The text of each line where there are few enough for it to be a heading. */
  readonly rows?: readonly string[];
}

/** A mark in the text that points at a note. */
export interface NoteLink {
  readonly mark: string;
  /** Where in the block's text the mark stood. */
  readonly at: number;
  /** Id of the note's block. */
  readonly note: string;
}

/** A picture that lies in a file of its own, by its content. */
export interface Picture {
  /** Its file's name: the first half of the hash of its bytes, and what it is: `3f0c….jpg`. */
  readonly file: string;
  readonly mediaType: string;
  /** In pixels; absent for drawings, which have any size. */
  readonly width?: number;
  readonly height?: number;
}

/** A picture at one place. */
export interface PlacedPicture extends Picture {
  /** What it shows, in words; null where nobody said, empty for an ornament. */
  readonly alt: string | null;
}

export interface Block {
  readonly id: string;
  readonly type: BlockType;
  /** Verse and other blocks whose line breaks matter keep them as `\n`. */
  readonly text: string;
  /** Of headings: 1 part, 2 chapter, 3 section; of list items: depth from 1. */
  readonly level?: number;
  /** Of notes: the mark as printed. */
  readonly mark?: string;
  readonly links?: readonly NoteLink[];
  /** Ranges of the text printed in italics, as [from, to). */
  readonly emphasis?: readonly (readonly [number, number])[];
  readonly layout?: BlockLayout;
  /** Of illustrations: the picture, whose caption is the text. */
  readonly picture?: PlacedPicture;
  readonly source: SourceSpan;
}

export type ChapterKind = 'part' | 'chapter' | 'section';

/** A unit of the body. Its own heading, if it has one, is its first block; its own text comes before its children. */
export interface Chapter {
  /** Unique in the document although numbers may repeat. */
  readonly id: string;
  readonly kind: ChapterKind;
  /** Without the number; empty when the unit has a number only. */
  readonly title: string;
  /** The number as printed: `XII`, `12`, `Twelve`, `第十二回`. */
  readonly number?: string;
  /** The number's value. */
  readonly ordinal: number | null;
  readonly blocks: readonly Block[];
  readonly children: readonly Chapter[];
  readonly metadata?: { readonly [key: string]: string | number | boolean };
}

export type SectionRole =
  | 'titlePage'
  | 'contents'
  | 'illustrations'
  | 'dedication'
  | 'epigraph'
  | 'preface'
  | 'foreword'
  | 'introduction'
  | 'prologue'
  | 'epilogue'
  | 'afterword'
  | 'appendix'
  | 'notes'
  | 'bibliography'
  | 'glossary'
  | 'index'
  | 'credits'
  | 'advertisement'
  | 'other';

/** A unit of the front or back matter. */
export interface Section {
  readonly id: string;
  readonly role: SectionRole;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface TocEntry {
  /** As printed, null when the entry has none. */
  readonly number: string | null;
  readonly title: string;
  readonly fullTitle: string;
  /** From 1: the depth in the tree. */
  readonly level: number;
  /** Id of the chapter or section; null when the book has no such unit. */
  readonly ref: string | null;
  readonly ordinal: number | null;
}

/**
 * Why source text is not in a block as it stands: cut with the distributor's words, the page's own marks or the
 * transcriber's markup; or changed, because it was decoded wrongly, set in ligatures, misread or broken at a line's end.
 */
export type RemovedKind =
  | 'boilerplate'
  | 'licence'
  | 'pageMark'
  | 'runningHead'
  | 'markup'
  | 'noteMark'
  | 'duplicate'
  | 'mojibake'
  | 'ligature'
  | 'misreading'
  | 'hyphen';

/** Source text that is in no block, or reads otherwise there: whoever applies these has the letters of the blocks. */
export interface Removed {
  readonly kind: RemovedKind;
  readonly start: number;
  readonly end: number;
  /** Letters (Unicode \p{L}) that it costs; negative where a change adds some. */
  readonly letters: number;
  readonly file?: number;
  /** What stands there, where it is no more than a line. */
  readonly before?: string;
  /** What the block has instead; absent where it has nothing. */
  readonly after?: string;
  /** From 0 to 1 how sure the change is; absent where there is no doubt. */
  readonly confidence?: number;
}

/** A place that may be wrong but is not sure enough to be changed. */
export interface Doubt {
  readonly kind: RemovedKind;
  readonly start: number;
  readonly end: number;
  readonly file?: number;
  readonly before: string;
  /** What may be meant; null where nothing is found. */
  readonly suggestion: string | null;
  readonly confidence: number;
}

export interface BookFile {
  readonly name: string;
  readonly encoding: string;
  readonly declared: string | null;
  readonly codePoints: number;
  readonly hash: string;
}

export interface BookMeta {
  readonly title: string | null;
  readonly author: string | null;
  readonly language: string | null;
  readonly workNumber?: string;
  readonly volume?: string;
  readonly source: { readonly kind: 'text' | 'html' | 'json' | 'epub'; readonly files: readonly BookFile[] };
  /** The picture that the source calls its cover. */
  readonly cover?: Picture;
  /** What a catalog or the file itself said beside. */
  readonly extra?: { readonly [key: string]: string | number | boolean | null };
}

export interface LetterAccount {
  readonly source: number;
  readonly kept: number;
  /** The sum of `removed[].letters`; `source = kept + removed` always holds. */
  readonly removed: number;
}

/** A picture between cleaning, which knows where it stood, and alignment, which knows what stands there. */
export interface LoosePicture {
  readonly picture: PlacedPicture;
  /** Of its caption's first block, else where it stood, without extent. */
  readonly source: SourceSpan;
  readonly captioned: boolean;
  /** Whether it belongs to the heading behind it. */
  readonly leads: boolean;
}

export interface Book {
  readonly version: typeof bookVersion;
  readonly id: string;
  readonly meta: BookMeta;
  readonly structure: {
    readonly frontMatter: { readonly toc: readonly TocEntry[]; readonly sections: readonly Section[] };
    readonly body: { readonly chapters: readonly Chapter[] };
    readonly backMatter: { readonly sections: readonly Section[] };
  };
  readonly removed: readonly Removed[];
  /** Until alignment gives them a block. */
  readonly pictures?: readonly LoosePicture[];
  readonly letters: LetterAccount;
  /** What may be wrong in the text and was left; absent where cleaning had no doubt. */
  readonly doubts?: readonly Doubt[];
  /** What a stage found doubtful and went on with. */
  readonly warnings: readonly Warning[];
}

export interface Warning {
  readonly stage: 'read' | 'clean' | 'align' | 'toc';
  readonly type: string;
  readonly message: string;
  readonly ref?: string;
}

/** Every chapter of a tree, parents before their children, with its depth from 1. */
export function* walkChapters(
  chapters: readonly Chapter[],
  depth: number = 1,
): Generator<{ readonly chapter: Chapter; readonly depth: number }> {
  for (const chapter of chapters) {
    yield { chapter, depth };
    yield* walkChapters(chapter.children, depth + 1);
  }
}

/** Every block of a book in the order front, body, back. */
export function* blocksOf(book: Book): Generator<Block> {
  for (const section of book.structure.frontMatter.sections) yield* section.blocks;
  for (const { chapter } of walkChapters(book.structure.body.chapters)) yield* chapter.blocks;
  for (const section of book.structure.backMatter.sections) yield* section.blocks;
}

/**
 * Number of letters (Unicode \p{L}) in a text. Every stage counts all of it, so this is a table look-up a character, and
 * no branch by letters and spaces, which nobody can foretell: twice as fast as with one.
 */
export function countLetters(text: string): number {
  let letters = 0;
  for (let index = 0; index < text.length; index += 1) {
    const kind = kinds[text.charCodeAt(index)]!;
    letters += kind & 1;
    if (kind === 2 && letter.test(text.slice(index, index + 2))) letters += 1;
  }
  return letters;
}

const letter: RegExp = /^\p{L}/u;
/** Of each UTF-16 unit: 1 for a letter, 2 for the first half of a pair, 0 for the rest. */
const kinds: Uint8Array = new Uint8Array(0x10000).map((_, code) =>
  code >= 0xd800 && code <= 0xdbff ? 2 : letter.test(String.fromCharCode(code)) ? 1 : 0,
);
