/** What is wrong with an expression: found before the run as an issue, or during it as a failure. */

/** `from` and `to` are offsets into the source, in UTF-16 code units, `to` exclusive. */
export interface ExprIssue {
  readonly code: string;
  readonly message: string;
  readonly from: number;
  readonly to: number;
  /** What to write instead of the range. */
  readonly suggestion?: string;
}

/**
 * The only thing that evaluation throws for what an expression or its data do wrong. It has a place in the source and no
 * stack: one that is dropped, as the left side of `||` may be, would cost ten times as much with it.
 */
export class ExprFailure extends Error {
  readonly code: string;
  readonly from: number;
  readonly to: number;
  readonly source: string;
  readonly suggestion: string | undefined;

  constructor(source: string, issue: ExprIssue) {
    const { stackTraceLimit } = errors;
    errors.stackTraceLimit = 0;
    super(issue.message);
    errors.stackTraceLimit = stackTraceLimit;
    this.name = 'ExprFailure';
    this.code = issue.code;
    this.from = issue.from;
    this.to = issue.to;
    this.source = source;
    this.suggestion = issue.suggestion;
  }
}

/** How many calls the stack of an error tells, where the platform can be told that. */
const errors = Error as ErrorConstructor & { stackTraceLimit?: number | undefined };

export function issueOf(failure: ExprFailure): ExprIssue {
  const { code, message, from, to, suggestion } = failure;
  return suggestion === undefined ? { code, message, from, to } : { code, message, from, to, suggestion };
}
