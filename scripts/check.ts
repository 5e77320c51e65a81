/** `npm run check`: everything a program can say about the code without running it, in parallel, one line for each. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, styleText } from 'node:util';

export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  readonly output: string;
}

interface Check {
  readonly name: string;
  /** A program of `node_modules` that Node runs, and its arguments. */
  readonly argv: readonly string[];
}

const root: string = fileURLToPath(new URL('..', import.meta.url));

const tsc = 'node_modules/typescript/bin/tsc';

/** Checks that are no tests; `npm test` runs them before the tests. */
export const checks: readonly Check[] = [
  { name: 'types', argv: [tsc, '-p', 'tsconfig.json'] },
  { name: 'types of the core, without a platform', argv: [tsc, '-p', 'packages/core'] },
  { name: 'lint', argv: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings', '--format=unix'] },
  { name: 'format', argv: ['node_modules/oxfmt/bin/oxfmt', '--list-different', '.'] },
  { name: 'dead code', argv: ['node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'] },
];

const tidy: Check = { name: 'tidy', argv: ['--test', '--test-reporter=dot', 'scripts/tidy.test.ts'] };

/** Runs all checks at once and prints each as it ends. */
export async function runChecks(which: readonly Check[]): Promise<readonly Outcome[]> {
  return Promise.all(
    which.map(async (check) => {
      const outcome = await runCheck(check);
      print(outcome);
      return outcome;
    }),
  );
}

async function runCheck({ name, argv }: Check): Promise<Outcome> {
  const start = performance.now();
  // The compiler and the linter are Go programs that end before it pays to free memory often.
  const env = { GOGC: '400', ...process.env, NODE_TEST_CONTEXT: undefined, NO_COLOR: '1' };
  const child = spawn(process.execPath, argv, { cwd: root, env });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  return { name, passed: code === 0, seconds: (performance.now() - start) / 1000, output: Buffer.concat(chunks).toString('utf8').trim() };
}

function print({ name, passed, seconds, output }: Outcome): void {
  const mark = passed ? styleText('green', 'ok    ') : styleText('red', 'FAILED');
  console.log(`${mark} ${name} ${styleText('dim', `${seconds.toFixed(1)} s`)}`);
  if (!passed) console.log(output.replaceAll(/^/gm, '       '));
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true });
  const all = [...checks, tidy];
  const which = positionals.length === 0 ? all : all.filter(({ name }) => positionals.some((word) => name.startsWith(word)));
  const outcomes = await runChecks(which);
  process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1;
}
