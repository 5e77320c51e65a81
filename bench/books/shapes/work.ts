/** A work as its author left it: units in reading order, with how each is to be printed. The truth is known from it. */

import type { Matter } from '../score/gold.ts';

export interface Unit {
  readonly matter: Matter;
  /** From 1: the depth in the tree. */
  readonly level: number;
  readonly value: number | null;
  /** Without its number; '' where it has a number only. */
  readonly title: string;
  /** Rows of the heading as printed, '' for blank ones; none where the unit has no heading. */
  readonly heading: readonly string[];
  /** As the contents list has it; null where it is not listed. */
  readonly entry: string | null;
  /** Blank lines above and below the heading. */
  readonly above: number;
  readonly below: number;
  /** Paragraphs; those with line ends are printed as they are. */
  readonly text: readonly string[];
}

export interface ContentsStyle {
  readonly title: string;
  /** What stands after an entry: nothing, spaces and a page, dots and a page. */
  readonly pages: 'none' | 'spaces' | 'leaders';
  readonly indent: number;
  /** Blank lines between entries. */
  readonly gap: 0 | 1;
  /** Entries that the list leaves out, or has although there is no such unit. */
  readonly wrong: boolean;
  /** Whether what a chapter speaks of stands below its entry. */
  readonly topics: boolean;
}

/** Who released the file: nobody, or a distributor in its years. */
export type Distributor = 'none' | 'small print' | 'early' | 'recent';

/** How the file is set, whatever the work is. */
export interface Setting {
  readonly distributor: Distributor;
  /** Whether paragraphs are told by the indentation of their first lines instead of by blank ones. */
  readonly indented: boolean;
  /** Characters a line; null where each paragraph is one. */
  readonly width: number | null;
}

export interface Work {
  readonly title: string;
  readonly author: string;
  readonly language: string;
  /** Rows printed after the title page and before the contents: a list of illustrations, advertisements. */
  readonly preliminary: readonly string[];
  readonly contents: ContentsStyle | null;
  /** Whether the title is printed again above the first unit. */
  readonly halfTitle: boolean;
  readonly setting: Setting;
  readonly units: readonly Unit[];
}
