/** What opens a heading, as it is printed. */

export type NumberScheme = 'arabic' | 'roman' | 'words' | 'chinese';
/** What counts upward without being a number. */
export type NameScheme = 'letters' | 'months' | 'years' | 'dates';

export interface Label {
  /** The unit's word in lower case, null where the row has a number only. */
  readonly keyword: string | null;
  /** As printed; `LAST` and the like have a number without a value. */
  readonly number: string;
  readonly value: number | null;
  readonly scheme: NumberScheme | NameScheme;
  /** What follows the number, without the punctuation between. */
  readonly title: string;
  /** Whether punctuation, a change of case or nothing at all sets the title apart; else it may be running prose. */
  readonly apart: boolean;
}
