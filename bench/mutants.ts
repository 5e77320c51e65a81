/**
 * Whether the oracle's tests see a wrong reducer: plants one mistake after the other into a copy of the core and runs them
 * against it.
 *
 *     node bench/mutants.ts [name…]
 */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Mutant {
  readonly name: string;
  /** Below `packages/core/src`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const mutants: readonly Mutant[] = [
  { name: 'one retry too many', file: 'failures/retrying.ts', from: 'failures > policy.max', to: 'failures > policy.max + 1' },
  {
    name: 'losses count as failures',
    file: 'failures/retrying.ts',
    from: 'const failures = attempt - losses;',
    to: 'const failures = attempt;',
  },
  { name: 'a retry without codes covers all', file: 'failures/retrying.ts', from: '? isTransient(error.code)', to: '? true' },
  { name: 'the last retry policy wins', file: 'failures/retrying.ts', from: 'node.retry.find(', to: 'node.retry.findLast(' },
  { name: 'the last catch wins', file: 'failures/failing.ts', from: 'place.node.catch.findIndex(', to: 'place.node.catch.findLastIndex(' },
  {
    name: 'broken contracts are caught in strict mode',
    file: 'failures/failing.ts',
    from: `scene.mode === 'strict' && error.code`,
    to: `scene.mode === 'best_effort' && error.code`,
  },
  {
    name: 'an item can lead to another state',
    file: 'failures/failing.ts',
    from: 'entry.to === undefined ? whole : each !== undefined && !whole',
    to: 'entry.to === undefined && whole',
  },
  { name: 'one visit too many', file: 'scopes/entering.ts', from: 'visits > max', to: 'visits > max + 1' },
  { name: 'the last next wins', file: 'scopes/entering.ts', from: 'state.node.next.find(', to: 'state.node.next.findLast(' },
  { name: 'a diverted scope is not degraded', file: 'scopes/entering.ts', from: 'machine.diverted || ', to: '' },
  { name: 'steps of a state that is left are kept', file: 'scopes/visiting.ts', from: '!isWithin(id, left)', to: 'true' },
  { name: 'a visit does not count', file: 'scopes/visiting.ts', from: '.set(state, visit)', to: '.set(state, 1)' },
  { name: 'needs are not waited for', file: 'scopes/scoping.ts', from: 'known === undefined && !child', to: 'known === null && !child' },
  { name: 'a scope is never degraded', file: 'scopes/scoping.ts', from: `state?.type === 'succeeded' && state.degraded`, to: 'false' },
  { name: 'one failed item too many', file: 'items/fan.ts', from: 'failed <= step.tolerate', to: 'failed <= step.tolerate + 1' },
  { name: 'strict tolerates', file: 'items/fanning.ts', from: `if (mode === 'strict') return 0;`, to: '' },
  { name: 'shares are rounded up', file: 'items/fanning.ts', from: 'Math.floor((total', to: 'Math.ceil((total' },
  { name: 'batches are one short', file: 'items/fanning.ts', from: '(index + 1) * size)', to: '(index + 1) * size - 1)' },
  {
    name: 'pages are put together in another order',
    file: 'items/fanning.ts',
    from: `step.results.get(chunk) ?? []`,
    to: `[...step.results.values()][0] ?? []`,
  },
  {
    name: 'a caught step is not degraded',
    file: 'decide.ts',
    from: 'output: state.output, degraded: true',
    to: 'output: state.output, degraded: false',
  },
  { name: 'a skipped step is not skipped', file: 'decide.ts', from: '!== true) {', to: '=== null) {' },
  {
    name: 'compensations run in the order of completion',
    file: 'compensation/compensating.ts',
    from: 'callsOf(own, scene.values.read).toReversed()',
    to: 'callsOf(own, scene.values.read)',
  },
  {
    name: 'what was done first is not undone',
    file: 'compensation/compensating.ts',
    from: '.toSorted((a, b) => a.at - b.at)',
    to: '.slice(1)',
  },
];

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = process.argv.slice(2);
const copy = copyOf(root);
let missed = 0;
try {
  if (!passes()) throw new Error('the tests fail without any mistake planted');
  for (const mutant of mutants.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    const path = join(copy, 'packages/core/src', mutant.file);
    const text = readFileSync(path, 'utf8');
    if (text.split(mutant.from).length !== 2) throw new Error(`${mutant.file} does not have once: ${mutant.from}`);
    writeFileSync(
      path,
      text.replace(mutant.from, () => mutant.to),
    );
    const survived = passes();
    writeFileSync(path, text);
    if (survived) missed += 1;
    console.log(`${survived ? 'MISSED' : 'found '} ${mutant.name}`);
  }
} finally {
  rmSync(copy, { recursive: true });
}
console.log(`${missed} missed`);
process.exitCode = missed === 0 ? 0 : 1;

function passes(): boolean {
  const test = ['--test', '--test-name-pattern', 'in memory', 'packages/testing/test/oracle.test.ts'];
  return (
    spawnSync(process.execPath, test, { cwd: copy, stdio: 'ignore', env: { ...process.env, NODE_TEST_CONTEXT: undefined } }).status === 0
  );
}

/** The packages by themselves, and links to everything else that is installed. */
function copyOf(from: string): string {
  const to = mkdtempSync(join(tmpdir(), 'mutants-'));
  cpSync(join(from, 'packages'), join(to, 'packages'), { recursive: true });
  cpSync(join(from, 'package.json'), join(to, 'package.json'));
  mkdirSync(join(to, 'node_modules/@scriptorium'), { recursive: true });
  for (const name of readdirSync(join(from, 'node_modules')))
    if (name !== '@scriptorium') symlinkSync(join(from, 'node_modules', name), join(to, 'node_modules', name));
  for (const name of readdirSync(join(from, 'packages')))
    symlinkSync(join(to, 'packages', name), join(to, 'node_modules/@scriptorium', name));
  return to;
}
