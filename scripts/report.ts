/**
 * Turns the test runner's events into one line a file, the failures in full after all files, the totals, and for each
 * failure a few lines that say what it was: whoever sees only the end of the output sees the cause.
 */

import { relative } from 'node:path';
import { inspect, styleText } from 'node:util';

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One event of `node:test`'s stream; the parts that are read here. */
export interface TestEvent {
  readonly type: string;
  readonly data?: object | undefined;
}

export interface Report {
  readonly add: (event: TestEvent) => void;
  /** Prints the failures. One of these files that has not told of its end is a failure, too: its process left its tests. */
  readonly finish: (files: readonly string[]) => void;
  readonly totals: () => Totals;
  readonly causes: () => readonly Cause[];
}

/** Why something failed. */
export interface Cause {
  readonly name: string;
  readonly text: string;
}

/** Of what a file of tests has printed, the end: where the tests print much, the failure is what was printed last. */
const OUTPUT_CHARACTERS = 6_000;
const FAILURE_CHARACTERS = 6_000;
/** Of a cause. */
const CAUSE_LINES = 14;
const CAUSE_CHARACTERS = 900;
const CAUSES = 12;

/** The causes in a few lines each, and how many more there are: at most some 12,000 characters. */
export function causesText(causes: readonly Cause[]): string {
  const shown = causes.slice(0, CAUSES).map(({ name, text }) => {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    const few = lines.slice(0, CAUSE_LINES).join('\n');
    const cut = few.slice(0, CAUSE_CHARACTERS);
    const more = lines.length > CAUSE_LINES || cut.length < few.length ? '\n…' : '';
    return `${styleText('red', 'FAILED')} ${styleText('bold', name)}\n${`${cut}${more}`.replaceAll(/^/gm, '  ')}`;
  });
  const left = causes.length - shown.length;
  return [...shown, ...(left > 0 ? [`and ${left} more`] : [])].join('\n');
}

interface TestEnd {
  readonly name: string;
  readonly file?: string;
  readonly entryFile?: string;
  readonly classname?: string;
  readonly line?: number;
  readonly column?: number;
  readonly skip?: string | boolean;
  readonly details: { readonly type?: string; readonly error?: TestError };
}

interface TestError extends Error {
  readonly failureType?: string;
}

interface FileCount {
  passed: number;
  failed: number;
  skipped: number;
  output: string;
}

export function createReport(root: string, print: (line: string) => void): Report {
  const files = new Map<string, FileCount>();
  const failures: Failure[] = [];
  const ended = new Set<string>();

  const countOf = (file: string): FileCount => {
    const known = files.get(file) ?? { passed: 0, failed: 0, skipped: 0, output: '' };
    files.set(file, known);
    return known;
  };

  const end = (test: TestEnd, failed: boolean): void => {
    const ofGroup = test.details.type === 'suite' && (!failed || test.details.error?.failureType === 'subtestsFailed');
    if (ofGroup) return;
    const file = test.entryFile ?? test.file ?? '';
    const skipped = test.skip !== undefined && test.skip !== false;
    countOf(file)[failed ? 'failed' : skipped ? 'skipped' : 'passed']++;
    if (failed && test.details.error?.failureType !== 'subtestsFailed') failures.push(failureOf(root, test));
    if (test.name === file) print(lineOf(root, file, countOf(file)));
  };

  const add = ({ type, data }: TestEvent): void => {
    if (type === 'test:pass' || type === 'test:fail') end(data as TestEnd, type === 'test:fail');
    if (type === 'test:stdout' || type === 'test:stderr') {
      const { file, message } = data as { readonly file: string; readonly message: string };
      countOf(file).output += message;
    }
    if (type === 'test:summary') {
      const { file, duration_ms: ms } = data as { readonly file?: string; readonly duration_ms: number };
      if (file !== undefined) {
        ended.add(file);
        print(lineOf(root, file, countOf(file), ms));
      }
    }
  };

  const finish = (all: readonly string[]): void => {
    for (const file of all.filter((one) => !ended.has(one) && countOf(one).failed === 0)) {
      countOf(file).failed += 1;
      failures.push({
        name: 'the file ended before its tests',
        place: relative(root, file),
        text: 'Its process ended, with exit code 0: look for process.exit in what it calls.',
      });
    }
    for (const [file, { failed, output }] of files) {
      if (failed > 0 && output !== '')
        print(`\n${styleText('bold', `What ${relative(root, file)} printed`)}\n${lastOf(output.trimEnd(), OUTPUT_CHARACTERS)}`);
    }
    for (const { name, place, text } of failures)
      print(
        `\n${styleText('red', 'FAILED')} ${styleText('bold', name)}\n${styleText('dim', place)}\n${firstOf(text, FAILURE_CHARACTERS).replaceAll(/^/gm, '  ')}`,
      );
  };

  const totals = (): Totals =>
    [...files.values()].reduce<Totals>(
      (sum, file) => ({ passed: sum.passed + file.passed, failed: sum.failed + file.failed, skipped: sum.skipped + file.skipped }),
      { passed: 0, failed: 0, skipped: 0 },
    );

  const causes = (): readonly Cause[] =>
    failures.map(({ name, place, text }) => ({
      name: `${name} (${place})`,
      text: text
        .split('\n')
        .filter((line) => !/^\s+at /.test(line))
        .join('\n'),
    }));

  return { add, finish, totals, causes };
}

function lineOf(root: string, file: string, { passed, failed, skipped }: FileCount, ms?: number): string {
  const mark = failed === 0 ? styleText('green', 'ok    ') : styleText('red', 'FAILED');
  const counts = [`${passed} passed`, ...(failed > 0 ? [`${failed} failed`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(
    ', ',
  );
  return `${mark} ${relative(root, file)} ${styleText('dim', ms === undefined ? counts : `${counts}, ${(ms / 1000).toFixed(1)} s`)}`;
}

interface Failure extends Cause {
  readonly place: string;
}

function failureOf(root: string, test: TestEnd): Failure {
  const group = test.classname === undefined ? '' : `${test.classname} › `;
  const name = test.name === test.file ? 'the file could not be run' : `${group}${test.name}`;
  const place = `${relative(root, test.file ?? '')}:${test.line ?? 1}:${test.column ?? 1}`;
  const error: unknown = test.details.error?.cause ?? test.details.error;
  const text = error instanceof Error ? (error.stack ?? error.message) : inspect(error);
  const own = text.split('\n').filter((line) => !/^\s+at .*\bnode:/.test(line));
  return { name, place, text: own.join('\n') };
}

function firstOf(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters)}\n…`;
}

function lastOf(text: string, characters: number): string {
  return text.length <= characters ? text : `…\n${text.slice(-characters)}`;
}
