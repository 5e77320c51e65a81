/** A batch in numbers and lists, gathered book by book: what `books.json` holds and the page shows. */

import type { Issue, Severity } from '../sanity/issue.ts';
import type { BookAccount } from '../validate/account.ts';
import { mergeBands, type Band } from '../validate/disagreement.ts';
import type { Validation } from '../validate/verdict.ts';

export interface DoneBook {
  readonly id: string;
  readonly skipped: string | null;
  readonly method: string | null;
  readonly quality: number | null;
  readonly issues: readonly Issue[];
  /** The finished book. */
  readonly document?: { readonly path: string } | null;
}

export interface FailedBook {
  readonly key: string;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly fix?: string;
    /** Path of the step. */ readonly step?: string;
  };
  /** The document that it came to before it failed. */
  readonly document?: { readonly path: string } | null;
}

/** One that the run was at, or had not begun, when it stopped. */
export interface UnfinishedBook {
  readonly id: string;
  /** The step that it had done last, or null where it was not begun. */
  readonly reached: string | null;
}

export interface IssueCount {
  readonly severity: Severity;
  readonly count: number;
  readonly books: number;
}

/** A book as the page shows it. */
export interface ReportedBook {
  readonly id: string;
  readonly quality: number;
  /** The gravest first; at most {@link mostIssues}. */
  readonly issues: readonly Issue[];
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  readonly validation: Validation | null;
  /** Path of its document below the output root. */
  readonly document: string | null;
  /** It was judged, and failed all the same: in strict mode, by an error among its findings. */
  readonly failed: boolean;
}

export interface BatchSummary {
  readonly version: '1.2.0';
  readonly counts: {
    readonly books: number;
    readonly clean: number;
    readonly withIssues: number;
    /** Of those with issues: they have an error or a warning, and not notes alone. */
    readonly doubtful: number;
    readonly skipped: number;
    readonly failed: number;
    /** Those that the run was at, or had not begun, when it stopped. */
    readonly unfinished: number;
    readonly ignored: number;
  };
  readonly methods: { readonly [method: string]: number };
  readonly issues: { readonly [type: string]: IssueCount };
  readonly quality: { readonly median: number | null; readonly lowest: readonly { readonly id: string; readonly quality: number }[] };
  readonly letters: { readonly source: number; readonly kept: number; readonly removed: number };
  /** Over all books, by kind. */
  readonly removed: { readonly [kind: string]: { readonly spans: number; readonly letters: number } };
  /** Model beside rules; empty where no model judged. */
  readonly agreement: readonly Band[];
  readonly disagreements: number;
  readonly fallbacks: readonly { readonly reason: string; readonly books: number }[];
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
  readonly failures: readonly Failing[];
  readonly unfinished: readonly UnfinishedBook[];
}

export interface Failing {
  readonly id: string;
  readonly code: string;
  readonly message: string;
  readonly fix: string | null;
  readonly step: string | null;
}

export interface Gathering {
  readonly add: (book: DoneBook, validation: Validation | null) => void;
  /** `validation` where it came so far. */
  readonly fail: (book: FailedBook, validation: Validation | null) => void;
  readonly leave: (book: UnfinishedBook) => void;
  readonly summary: (ignored: number) => BatchSummary;
  /** Those that need a human most first; at most {@link mostBooks}. */
  readonly books: () => readonly ReportedBook[];
}

/** Books of the lowest quality that the summary names. */
const worstListed = 20;
/** Books that the page shows one by one; the others are counted. */
export const mostBooks = 1_000;
/** Findings of one book that the page shows. */
export const mostIssues = 60;

const rank: { readonly [severity in Severity]: number } = { error: 0, warning: 1, info: 2 };

export function gatherBooks(): Gathering {
  const tally = { clean: 0, withIssues: 0, doubtful: 0, disagreements: 0 };
  const issues = new Map<string, IssueCount>();
  const methods = new Map<string, number>();
  const fallbacks = new Map<string, number>();
  const removed: Removals = new Map();
  const letters = { source: 0, kept: 0, removed: 0 };
  const skipped: { id: string; reason: string }[] = [];
  const failures: Failing[] = [];
  const unfinished: UnfinishedBook[] = [];
  const qualities: { id: string; quality: number }[] = [];
  const bands: Band[] = [];
  let reported: ReportedBook[] = [];
  const judge = (book: DoneBook, validation: Validation | null, failed: boolean): void => {
    raise(methods, book.method ?? 'none');
    if (book.quality !== null) qualities.push({ id: book.id, quality: book.quality });
    countIssues(book.issues, issues);
    if (validation !== null) {
      const { agreement, fallback } = validation;
      if (fallback !== null) raise(fallbacks, fallback);
      bands.push(...(agreement?.bands ?? []));
      tally.disagreements += (agreement?.disagreements.length ?? 0) + (agreement?.more ?? 0);
      countLetters(validation.account, letters, removed);
    }
    reported.push(reportedBook(book, validation, failed));
    // Twice as many as are shown, so that sorting them is seldom.
    if (reported.length > 2 * mostBooks) reported = sortedBooks(reported).slice(0, mostBooks);
  };
  return {
    add: (book, validation) => {
      if (book.skipped !== null) {
        skipped.push({ id: book.id, reason: book.skipped });
        return;
      }
      tally[book.issues.length === 0 ? 'clean' : 'withIssues'] += 1;
      if (book.issues.some(({ severity }) => severity !== 'info')) tally.doubtful += 1;
      judge(book, validation, false);
    },
    fail: ({ key, error, document = null }, validation) => {
      failures.push({ id: key, code: error.code, message: error.message, fix: error.fix ?? null, step: error.step ?? null });
      if (validation === null) return;
      const { method, quality, issues: found } = validation;
      judge({ id: key, skipped: null, method, quality, issues: found, document }, validation, true);
    },
    leave: (book) => unfinished.push(book),
    summary: (ignored) => ({
      version: '1.2.0',
      counts: {
        books: tally.clean + tally.withIssues + skipped.length + failures.length + unfinished.length,
        clean: tally.clean,
        withIssues: tally.withIssues,
        doubtful: tally.doubtful,
        ...{ skipped: skipped.length, failed: failures.length, unfinished: unfinished.length, ignored },
      },
      methods: Object.fromEntries(methods),
      issues: Object.fromEntries(
        [...issues].sort(([, one], [, other]) => rank[one.severity] - rank[other.severity] || other.count - one.count),
      ),
      quality: qualityOfBatch(qualities),
      letters: { ...letters },
      removed: Object.fromEntries([...removed].sort(([, one], [, other]) => other.letters - one.letters)),
      agreement: mergeBands(bands),
      disagreements: tally.disagreements,
      fallbacks: [...fallbacks].map(([reason, books]) => ({ reason, books })),
      skipped,
      failures,
      unfinished,
    }),
    books: () => sortedBooks(reported).slice(0, mostBooks),
  };
}

type Removals = Map<string, { readonly spans: number; readonly letters: number }>;

function countLetters(account: BookAccount, letters: { source: number; kept: number; removed: number }, removed: Removals): void {
  for (const name of ['source', 'kept', 'removed'] as const) letters[name] += account.letters[name];
  for (const { kind, spans, letters: count } of account.removed) {
    const known = removed.get(kind) ?? { spans: 0, letters: 0 };
    removed.set(kind, { spans: known.spans + spans, letters: known.letters + count });
  }
}

function reportedBook(book: DoneBook, validation: Validation | null, failed: boolean): ReportedBook {
  const count = (severity: Severity): number => book.issues.filter((issue) => issue.severity === severity).length;
  return {
    id: book.id,
    quality: book.quality ?? 0,
    issues: book.issues.toSorted((one, other) => rank[one.severity] - rank[other.severity]).slice(0, mostIssues),
    errors: count('error'),
    warnings: count('warning'),
    notes: count('info'),
    // Of the units a page shows none, and of a large batch they would be the most.
    validation: validation === null ? null : { ...validation, roles: [], issues: [] },
    document: book.document?.path ?? null,
    failed,
  };
}

function sortedBooks(books: readonly ReportedBook[]): ReportedBook[] {
  return books.toSorted(
    (one, other) =>
      Number(other.failed) - Number(one.failed) ||
      other.errors - one.errors ||
      other.warnings - one.warnings ||
      one.quality - other.quality ||
      (one.id < other.id ? -1 : 1),
  );
}

function qualityOfBatch(qualities: readonly { readonly id: string; readonly quality: number }[]): BatchSummary['quality'] {
  const sorted = qualities.toSorted((one, other) => one.quality - other.quality);
  return { median: sorted[sorted.length >> 1]?.quality ?? null, lowest: sorted.slice(0, worstListed) };
}

function raise(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function countIssues(found: readonly Issue[], issues: Map<string, IssueCount>): void {
  for (const [type, group] of Map.groupBy(found, (issue) => issue.type)) {
    const known = issues.get(type) ?? { severity: 'info', count: 0, books: 0 };
    const severity = [known, ...group].reduce<Severity>(
      (gravest, one) => (rank[one.severity] < rank[gravest] ? one.severity : gravest),
      'info',
    );
    issues.set(type, { severity, count: known.count + group.length, books: known.books + 1 });
  }
}
