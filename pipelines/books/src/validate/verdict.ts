/** Puts everything found about a book together: what earlier stages found, what a judge says, what is counted. */

import { walkChapters, type Book } from '../document.ts';
import { qualityOf, type Issue } from '../sanity/issue.ts';
import type { Place, PlaceFinder } from '../source/place.ts';
import { accountOf, type BookAccount } from './account.ts';
import { compareJudges, type Agreement, type Disagreement } from './disagreement.ts';
import { issueOfFinding, type Finding, type UnitRole } from './finding.ts';
import { judgeByRules } from './rules.ts';
import type { JudgedUnit } from './unit.ts';

export type Method = 'ai' | 'rules';

/** `validation.json` of a book. */
export interface Validation {
  readonly version: '1.3.0';
  readonly id: string;
  /** Who judged titles and roles. */
  readonly method: Method;
  /** Of the judge, where it was a model. */
  readonly model: string | null;
  /** Why rules judged although a model was there, null elsewhere. */
  readonly fallback: string | null;
  /** max(0, 100 - 20 errors - 5 warnings). */
  readonly quality: number;
  readonly counts: {
    readonly parts: number;
    readonly chapters: number;
    readonly sections: number;
    readonly front: number;
    readonly back: number;
    readonly contents: number;
    readonly unmatched: number;
    readonly errors: number;
    readonly warnings: number;
    readonly notes: number;
  };
  readonly roles: readonly { readonly unit: string; readonly heading: string; readonly role: UnitRole }[];
  readonly issues: readonly Issue[];
  /** Where model and rules differ; null where rules judged. */
  readonly agreement: Agreement | null;
  readonly account: BookAccount;
}

/** `units` are those of the book; `find` tells where in the input one begins. */
export function verdictOn(
  book: Book,
  units: readonly JudgedUnit[],
  earlier: readonly Issue[],
  findings: readonly Finding[],
  judge: Pick<Validation, 'method' | 'model' | 'fallback'>,
  find: PlaceFinder,
): Validation {
  const placeOf = (unit: JudgedUnit | undefined): Place | null => (unit?.source == null ? null : find(unit.source));
  const agreement = judge.method === 'ai' ? compareJudges(units, findings, judgeByRules(units), placeOf) : null;
  const headings = new Map(units.map((unit) => [unit.id, unit.heading]));
  const places = new Map(units.map((unit, index) => [unit.id, index]));
  const judged = findings.flatMap(
    (finding) => issueOfFinding(finding, places.get(finding.unit) ?? 0, headings.get(finding.unit) ?? '') ?? [],
  );
  const later = [...stageIssues(book, places, headings), ...emptyUnits(book, places, earlier), ...judged].map((issue) => {
    const place = issue.index === null ? null : placeOf(units[issue.index]);
    return place === null ? issue : { ...issue, place };
  });
  const issues = [...earlier, ...later, ...(agreement?.disagreements ?? []).map((one) => issueOfDisagreement(one, places))];
  const kinds = [...walkChapters(book.structure.body.chapters)].map(({ chapter }) => chapter.kind);
  const count = (severity: Issue['severity']): number => issues.filter((issue) => issue.severity === severity).length;
  return {
    version: '1.3.0',
    id: book.id,
    ...judge,
    quality: qualityOf(issues),
    counts: {
      parts: kinds.filter((kind) => kind === 'part').length,
      chapters: kinds.filter((kind) => kind === 'chapter').length,
      sections: kinds.filter((kind) => kind === 'section').length,
      front: book.structure.frontMatter.sections.length,
      back: book.structure.backMatter.sections.length,
      contents: book.structure.frontMatter.toc.length,
      unmatched: book.structure.frontMatter.toc.filter((entry) => entry.ref === null).length,
      errors: count('error'),
      warnings: count('warning'),
      notes: count('info'),
    },
    roles: findings.flatMap((finding) =>
      finding.type === 'role' ? [{ unit: finding.unit, heading: headings.get(finding.unit) ?? '', role: finding.role }] : [],
    ),
    issues,
    agreement,
    account: accountOf(book, find),
  };
}

function issueOfDisagreement({ unit, heading, kind, model, rules, place }: Disagreement, places: ReadonlyMap<string, number>): Issue {
  const sure = (confidence: number | null): string => (confidence === null ? '' : ` (${confidence.toFixed(2)})`);
  return {
    severity: 'info',
    index: places.get(unit) ?? null,
    title: heading,
    type: 'judges_differ',
    message: `of the ${kind} the model says ${model.says}${sure(model.confidence)}, the rules ${rules.says}${sure(rules.confidence)}`,
    expected: rules.says,
    actual: model.says,
    ...(place === null ? {} : { place }),
  };
}

/** Warnings by which an editor need do nothing: a title that is printed shorter in the list, pictures that stay behind. */
const mereNotes: ReadonlySet<string> = new Set(['normalised_match', 'contained_match', 'picture_refused', 'picture_drawn']);

/**
 * Warnings of the stages before. A type weighs once a book, however often it is met: of those that concern units of
 * their own the first is a warning and the others are notes, those that concern none make one issue.
 */
function stageIssues(book: Book, places: ReadonlyMap<string, number>, headings: ReadonlyMap<string, string>): Issue[] {
  const issues: Issue[] = [];
  // That a declared encoding is wrong the sanity check tells, with more about it.
  const told = book.warnings.filter((warning) => warning.type !== 'encoding');
  for (const [type, warnings] of Map.groupBy(told, (warning) => warning.type)) {
    const placed = warnings.filter((warning) => places.has(warning.ref ?? ''));
    const gravest = mereNotes.has(type) ? 'info' : 'warning';
    for (const [index, { message, ref = '' }] of placed.entries()) {
      const severity = index === 0 ? gravest : 'info';
      issues.push({ severity, index: places.get(ref) ?? 0, title: headings.get(ref) ?? '', type, message });
    }
    const loose = warnings.length - placed.length;
    const first = warnings.find((warning) => !placed.includes(warning));
    if (first !== undefined)
      issues.push({
        severity: placed.length > 0 ? 'info' : gravest,
        index: null,
        title: '',
        type,
        message: loose === 1 ? first.message : `${first.message} (and ${String(loose - 1)} more)`,
      });
  }
  return issues;
}

/** A chapter that holds neither text nor other units; those that the sanity check saw already are not told again. */
function emptyUnits(book: Book, places: ReadonlyMap<string, number>, earlier: readonly Issue[]): Issue[] {
  const told = earlier.filter((issue) => issue.type === 'empty').map((issue) => lettersOnly(issue.title));
  const empty = [...walkChapters(book.structure.body.chapters)]
    .map(({ chapter }) => chapter)
    .filter(
      (chapter) => chapter.children.length === 0 && chapter.blocks.every((block) => block.type === 'heading' || block.type === 'break'),
    )
    .map((chapter) => ({ id: chapter.id, title: [chapter.number ?? '', chapter.title].filter((part) => part !== '').join(' ') }));
  return empty
    .filter(({ title }) => !told.some((other) => other.endsWith(lettersOnly(title))))
    .map(({ id, title }) => ({ severity: 'warning', index: places.get(id) ?? 0, title, type: 'empty', message: 'the unit has no text' }));
}

function lettersOnly(title: string): string {
  return title.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
