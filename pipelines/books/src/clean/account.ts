/** Where every letter of the source went. A stage that cannot say so does not hand its document on. */

import { StepError } from '@scriptorium/core';
import type { LetterAccount, Removed, RemovedKind } from '../document.ts';

export interface Ledger {
  readonly remove: (
    kind: RemovedKind,
    letters: number,
    span: { readonly start: number; readonly end: number; readonly file: number },
    change?: Pick<Removed, 'before' | 'after' | 'confidence'>,
  ) => void;
  readonly keep: (letters: number) => void;
  /** @throws StepError `letters.lost` when letters kept and removed are not the letters of the source. */
  readonly close: (source: number) => { readonly removed: readonly Removed[]; readonly letters: LetterAccount };
}

export function openLedger(): Ledger {
  const removed: Removed[] = [];
  let kept = 0;
  return {
    remove: (kind, letters, { start, end, file }, change) => {
      removed.push({ kind, start, end, letters, ...(file === 0 ? {} : { file }), ...change });
    },
    keep: (letters) => {
      kept += letters;
    },
    close: (source) => {
      const gone = removed.reduce((sum, entry) => sum + entry.letters, 0);
      requireBalance({ source, kept, removed: gone });
      return { removed, letters: { source, kept, removed: gone } };
    },
  };
}

/** @throws StepError `letters.lost` */
export function requireBalance({ source, kept, removed }: LetterAccount): void {
  if (source === kept + removed) return;
  throw new StepError(
    'letters.lost',
    `${source} letters in the source, but ${kept} kept and ${removed} removed: ${source - kept - removed} unexplained`,
    {
      fix: 'This is a defect of the stage, not of the book: report it with the book.',
      details: { source, kept, removed },
    },
  );
}
