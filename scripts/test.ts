/**
 * `npm test`: the checks, then every test of the project. The last line of the output is `N passed, N failed`, with
 * `, N skipped` where something was; it counts every check and every test. Just before it each failure is named again
 * with its cause, in a few lines.
 *
 * `npm test -- packages/core apps` runs the tests below those folders and no checks.
 */

import { globSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseArgs, styleText } from 'node:util';
import { checks, runChecks } from './check.ts';
import { causesText, createReport } from './report.ts';
import type { Cause, Totals } from './report.ts';
import { together } from './together.ts';

const root: string = fileURLToPath(new URL('..', import.meta.url));

const testFiles = ['{packages,apps,pipelines}/*/{src,test}/**/*.test.ts', '{bench,sim,scripts,examples}/**/*.test.ts'];

/** No file of tests needs longer; one that hangs fails by its name instead of holding up all. */
const testTimeoutMs = 5 * 60_000;

/** Files at once. Those that start processes and wait for them leave the processor to others for a third of their time. */
const concurrency = Math.ceil(availableParallelism() * 1.5);

// Each file of tests is a process, and so is each command line that they start: all run the same code.
process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules/.cache/compiled');

// A store that is gone in a moment needs no 128 MB in reserve, written and synced; where they are tested it is said.
process.env['SCRIPTORIUM_RESERVE'] ??= 'none';

const { positionals } = parseArgs({ allowPositionals: true });
const started = performance.now();
const checked = positionals.length === 0 ? await check() : { passed: 0, failed: 0, skipped: 0, causes: [] };
const tested = await test(filesBelow(positionals));
const total: Totals = { passed: checked.passed + tested.passed, failed: checked.failed + tested.failed, skipped: tested.skipped };
console.log(styleText('dim', `\n${((performance.now() - started) / 1000).toFixed(0)} s`));
const causes = [...checked.causes, ...tested.causes];
if (causes.length > 0) console.log(`\n${causesText(causes)}\n`);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

type Ended = Totals & { readonly causes: readonly Cause[] };

async function check(): Promise<Ended> {
  const outcomes = await runChecks(checks);
  const passed = outcomes.filter((outcome) => outcome.passed).length;
  const causes = outcomes.filter((outcome) => !outcome.passed).map(({ name, output }) => ({ name, text: output }));
  return { passed, failed: outcomes.length - passed, skipped: 0, causes };
}

function filesBelow(folders: readonly string[]): readonly string[] {
  const files = globSync(testFiles, { cwd: root, exclude: (path) => path.includes('node_modules') }).map((file) => join(root, file));
  const wanted = folders.map((folder) => join(root, folder));
  const chosen = wanted.length === 0 ? files : files.filter((file) => wanted.some((folder) => file.startsWith(folder)));
  // The long tests are those of whole programs, which do not stand beside the code, and among the others those of large
  // files; started first, they do not leave the other cores idle at the end.
  const isOfProgram = (file: string): number => (file.includes('/src/') ? 0 : 1);
  const sorted = chosen.toSorted((a, b) => isOfProgram(b) - isOfProgram(a) || statSync(b).size - statSync(a).size);
  return together(root, sorted);
}

async function test(files: readonly string[]): Promise<Ended> {
  const report = createReport(root, (line) => console.log(line));
  if (files.length === 0) return { ...report.totals(), causes: [] };
  const stream = run({
    cwd: root,
    files,
    concurrency,
    timeout: testTimeoutMs,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  for await (const event of stream) report.add(event);
  report.finish(files);
  return { ...report.totals(), causes: report.causes() };
}
