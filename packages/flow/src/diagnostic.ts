/** What is wrong with a definition, where, and what to do about it. */

import type { Lines } from './reading/lines.ts';

/** Half-open range of UTF-16 offsets into the source. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Diagnostic {
  /** Stable: programs may switch on it. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly col: number;
  /** Just past the last character; absent when the range goes on in another line. */
  readonly endCol?: number;
  /** The step's path, empty outside of any step. */
  readonly path: string;
  readonly fix?: string;
  /** The name that was probably meant. */
  readonly suggestion?: string;
}

export interface Finding {
  readonly code: string;
  readonly severity?: 'warning';
  readonly message: string;
  readonly span: Span;
  readonly path?: string;
  readonly fix?: string | undefined;
  readonly suggestion?: string | undefined;
}

/** Where findings go. */
export interface FindingSink {
  readonly add: (finding: Finding) => void;
}

/**
 * Collects findings. The same finding at the same place is kept once, however many steps inherit it from a `define`;
 * what stands in parentheses, such as the names that each of them sees, may differ.
 */
export class Findings {
  readonly #file: string;
  readonly #lines: Lines;
  readonly #found: Map<string, Diagnostic & { readonly from: number }> = new Map();
  #errors = 0;

  constructor(file: string, lines: Lines) {
    this.#file = file;
    this.#lines = lines;
  }

  /** Empty ones about the same file, for what may have to be taken back. */
  aside(): Findings {
    return new Findings(this.#file, this.#lines);
  }

  add(finding: Finding): void {
    const { code, message, span, fix, suggestion } = finding;
    const key = `${span.from} ${code} ${message.replaceAll(/ \(.*\)/g, '')}`;
    if (this.#found.has(key)) {
      return;
    }
    const severity = finding.severity ?? 'error';
    this.#errors += severity === 'error' ? 1 : 0;
    const start = this.#lines.at(span.from);
    const end = this.#lines.at(Math.max(span.from, span.to));
    this.#found.set(key, {
      code,
      severity,
      message,
      file: start.file ?? this.#file,
      line: start.line,
      col: start.col,
      ...(end.line === start.line ? { endCol: Math.max(end.col, start.col + 1) } : {}),
      path: finding.path ?? '',
      ...(fix === undefined ? {} : { fix }),
      ...(suggestion === undefined ? {} : { suggestion }),
      from: span.from,
    });
  }

  /** Takes over what another check of the same file found beyond this one, with a note on where it arises. */
  addNew(others: Findings, note = ''): void {
    for (const [key, diagnostic] of others.#found) {
      if (!this.#found.has(key)) {
        this.#errors += diagnostic.severity === 'error' ? 1 : 0;
        this.#found.set(key, { ...diagnostic, message: `${diagnostic.message}${note}` });
      }
    }
  }

  get errors(): number {
    return this.#errors;
  }

  /** By position; where several start at one place, in the order they were found. */
  sorted(): Diagnostic[] {
    return [...this.#found.values()].sort((a, b) => a.from - b.from).map(({ from: _, ...diagnostic }) => diagnostic);
  }
}

/**
 * As a person reads it: place, code and message, the line of the source with a mark under the range, then what was
 * probably meant and what to do.
 */
export function formatDiagnostic(diagnostic: Diagnostic, source: string): string {
  const { file, line, col, code, severity, message, suggestion, fix } = diagnostic;
  const text = source.split(/\r?\n/)[line - 1] ?? '';
  const gutter = String(line);
  const width = Math.max(1, Math.min(diagnostic.endCol ?? text.length + 1, text.length + 1) - col);
  const indent = text.slice(0, col - 1).replaceAll(/[^\t]/g, ' ');
  const said = suggestion !== undefined && message.includes('did you mean');
  return [
    `${file}:${line}:${col}: ${severity}: ${code}: ${message}${suggestion === undefined || said ? '' : ` — did you mean '${suggestion}'?`}`,
    ` ${gutter} | ${text}`,
    ` ${' '.repeat(gutter.length)} | ${indent}${'^'.repeat(width)}`,
    ...(fix === undefined ? [] : [` ${' '.repeat(gutter.length)} = fix: ${fix}`]),
  ].join('\n');
}
