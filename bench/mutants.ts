/**
 * Whether the tests see a wrong reducer or engine: plants one mistake after the other into a copy of the packages, runs
 * the oracles against it, then the tests that the mistake names, and says which of them found it.
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
  /** Below `packages`; without a package, below `packages/core/src`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Below `packages`: tests of what the oracles do not model. */
  readonly tests?: readonly string[];
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
  {
    name: 'a failing compensation is passed over',
    file: 'compensation/compensating.ts',
    from: `    case 'failed':
      return end(failed(scene, step, call, known.error));`,
    to: `    case 'failed':
      return end(step.error);`,
  },
  {
    name: 'a compensation that failed is caught by everything',
    file: 'failures/failing.ts',
    from: 'isGrave(error) ? entry.errors.includes(error.code) : ',
    to: '',
    tests: ['core/src/compensation/compensating.test.ts'],
  },
  {
    name: 'a scope undoes what another visit did',
    file: 'compensation/compensation.ts',
    from: `return iteration === '' || undoable.iteration`,
    to: `return iteration !== '?' || undoable.iteration`,
  },
  {
    name: 'what is cut off is not undone',
    file: 'scopes/ending.ts',
    from: `return type === 'entered' || type === 'fanned' || type === 'caught' ? undoAll`,
    to: `return type === 'caught' ? undoAll`,
    tests: ['core/src/scopes/ending.test.ts'],
  },
  {
    name: 'what an inner scope undid is undone again',
    file: 'compensation/compensation.ts',
    from: 'set(node, undoing), undoable: without(item, node) }',
    to: 'set(node, undoing), undoable: item.undoable }',
  },
  {
    name: 'a lost compensation is counted as made',
    file: 'compensation/compensating.ts',
    from: `    case 'again':
      return known.crashes`,
    to: `    case 'again':
      return known.losses > 0 ? end(step.error) : known.crashes`,
  },
  { name: 'until is not looked at', file: 'scopes/scoping.ts', from: 'if (over === true) return', to: 'if (over === null) return' },
  {
    name: 'until of an each is not looked at',
    file: 'items/fanning.ts',
    from: 'if (over === true) return',
    to: 'if (over === null) return',
    tests: ['core/src/scopes/ending.test.ts'],
  },
  {
    name: 'until is not final',
    file: 'scopes/scoping.ts',
    from: 'if (step.ended) return endScope(',
    to: 'if (step.ended && firstFailure(children, states) === null) return endScope(',
    tests: ['core/src/scopes/ending.test.ts'],
  },
  {
    name: 'enough counts failures as successes',
    file: 'scopes/ending.ts',
    from: `new Collection('ok', succeeded, []`,
    to: `new Collection('ok', succeeded + failed, []`,
    tests: ['core/src/scopes/ending.test.ts'],
  },
  {
    name: 'successes are not told where until counts them',
    file: 'items/chunking.ts',
    from: 'isCounted && state.counts.succeeded',
    to: '!isCounted && state.counts.succeeded',
    tests: ['core/src/scopes/ending.test.ts'],
  },
  {
    name: 'what was cut off reads as missing',
    file: 'scopes/scoping.ts',
    from: 'place.node.do.until !== undefined ? null : undefined;',
    to: 'place.node.do.until !== undefined ? undefined : undefined;',
  },
  {
    name: 'a wait is due at once',
    file: 'waits/waits.ts',
    from: 'null : at + event.forMs',
    to: 'null : at',
    tests: ['core/src/waits/waiting.test.ts'],
  },
  {
    name: 'a wait is due late',
    file: 'waits/waits.ts',
    from: 'null : at + event.forMs',
    to: 'null : at + event.forMs + 60_000',
    tests: ['core/src/waits/waiting.test.ts'],
  },
  {
    name: 'a wait that timed out is over',
    file: 'waits/waiting.ts',
    from: `    case 'timed_out':
      return failStep(scene, item, place, tooLong(node));`,
    to: `    case 'timed_out':
      return [append({ ...at, type: 'step.settled', output: { v: null }, degraded: false })];`,
    tests: ['core/src/waits/waiting.test.ts'],
  },
  {
    name: 'waits have no timeout',
    file: 'waits/waiting.ts',
    from: '...(node.timeout === undefined',
    to: '...(node.timeout !== null',
    tests: ['core/src/waits/waiting.test.ts'],
  },
  {
    name: 'the second answer counts',
    file: 'waits/mail.ts',
    from: `step.end !== null || iterationOf(steps, event.node) !== (event.iteration ?? '')) return undefined;`,
    to: `iterationOf(steps, event.node) !== (event.iteration ?? '')) return undefined;`,
    tests: ['core/src/waits/signals.test.ts'],
  },
  {
    name: 'a signal that is sent again is a second one',
    file: 'waits/mail.ts',
    from: 'if (mail.known.has(event.id)) return mail;',
    to: '',
    tests: ['core/src/waits/signals.test.ts'],
  },
  {
    name: 'signals that come early are not kept',
    file: 'waits/delivering.ts',
    from: `if (signal.unfit.includes(node)`,
    to: `if (signal.seq < since || signal.unfit.includes(node)`,
    tests: ['core/src/waits/signals.test.ts'],
  },
  {
    name: 'signals from before lead out of states',
    file: 'waits/delivering.ts',
    from: 'return signal.seq > since;',
    to: 'return true;',
  },
  {
    name: 'what is handed back is lost',
    file: 'waits/mail.ts',
    from: 'signals: mail.signals.toSpliced(after === -1 ? mail.signals.length : after, 0, event.signal) };',
    to: 'signals: after === -1 ? mail.signals : mail.signals };',
    tests: ['core/src/waits/signals.test.ts'],
  },
  {
    name: 'nothing is handed back',
    file: 'waits/mail.ts',
    from: '{ ...state, returns: [...state.returns, signal] }',
    to: 'state',
    tests: ['core/src/waits/signals.test.ts'],
  },
  {
    name: 'what runs in a state that is left goes on',
    file: 'scopes/entering.ts',
    from: `decideCancel(scene, item, state) ??
      undoCutOff`,
    to: `undoCutOff`,
    tests: ['core/src/waits/signals.test.ts'],
  },
  {
    name: 'a state that is left by a signal is degraded',
    file: 'scopes/visiting.ts',
    from: `steps.get(left)?.type === 'caught')`,
    to: `steps.get(left)?.type !== 'succeeded')`,
    tests: ['core/src/waits/signals.test.ts'],
  },
  {
    name: 'scopes have no timeout',
    file: 'scopes/scoping.ts',
    from: 'const failure = step.timedOut',
    to: 'const failure = step.timedOut && step.ended',
  },
  {
    name: 'late results count',
    file: 'evolve.ts',
    from: `return step?.type === 'running' && step.attempt === attempt;`,
    to: `return step?.type === 'running' || step?.type === 'again';`,
  },
  {
    name: 'a budget around several visits is one for each',
    file: 'budgets/budgeting.ts',
    from: `.slice(0, repeating)`,
    to: ``,
    tests: ['core/src/budgets/budgeting.test.ts'],
  },
  {
    name: 'budgets end at the item',
    file: 'budgets/budgeting.ts',
    from: 'if (isBorder(at)) up += 1;',
    to: 'if (isBorder(at)) break;',
    tests: ['core/src/budgets/budgeting.test.ts'],
  },
  {
    name: 'a budget of the flow is left out',
    file: 'budgets/budgeting.ts',
    from: '? flow.budget : at.node.budget',
    to: '? undefined : at.node.budget',
    tests: ['core/src/budgets/budgeting.test.ts'],
  },
  {
    name: 'what was lost has used nothing',
    file: 'engine/src/pools/ledger.ts',
    from: 'attemptOf(actor, event), event.used);',
    to: `attemptOf(actor, event), event.type === 'attempt.lost' ? noUsage : event.used);`,
    tests: ['engine/src/pools/ledger.test.ts'],
  },
  {
    name: 'those that came later take the room',
    file: 'engine/src/pools/ledger.ts',
    from: 'for (const { id } of lacking) scarce.add(id);',
    to: '',
    tests: ['engine/src/pools/ledger.test.ts'],
  },
  {
    name: 'a timer that was cleared fires',
    file: 'engine/src/kernel/timers.ts',
    from: `    clear: (key) => {
      due.delete(key);`,
    to: `    clear: (key) => {
      due.get(key);`,
    tests: ['engine/src/kernel/timers.test.ts'],
  },
  {
    name: 'a breaker counts failures that are not in a row',
    file: 'engine/src/pools/breaker.ts',
    from: 'return { ...closedBreaker, ramp: breaker.ramp === null',
    to: 'return { ...breaker, ramp: breaker.ramp === null',
    tests: ['engine/src/pools/breaker.test.ts', 'engine/src/pools/breaker-chart.test.ts'],
  },
];

/** A mistake may also keep a test from ending. */
const MAX_TEST_MS = 60_000;

const oracles = ['testing/test/eventful.oracle.test.ts', 'testing/test/oracle.test.ts'];

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = process.argv.slice(2);
const copy = copyOf(root);
let missed = 0;
try {
  const all = mutants.flatMap(({ tests = [] }) => tests);
  const broken = finder([...new Set(all)]);
  if (broken !== null) throw new Error(`${broken} fails without any mistake planted`);
  for (const mutant of mutants.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    const path = join(copy, 'packages', mutant.file.includes('/src/') ? '' : 'core/src', mutant.file);
    const text = readFileSync(path, 'utf8');
    if (text.split(mutant.from).length !== 2) throw new Error(`${mutant.file} does not have once: ${mutant.from}`);
    writeFileSync(
      path,
      text.replace(mutant.from, () => mutant.to),
    );
    const found = finder(mutant.tests ?? []);
    writeFileSync(path, text);
    if (found === null) missed += 1;
    console.log(`${found === null ? 'MISSED' : 'found '} ${mutant.name}${found === null ? '' : `: ${found}`}`);
  }
} finally {
  rmSync(copy, { recursive: true });
}
console.log(`${missed} missed`);
process.exitCode = missed === 0 ? 0 : 1;

/** The first of the tests that fails, or does not come to an end; null when all pass. */
function finder(tests: readonly string[]): string | null {
  return [...oracles, ...tests].find((test) => !passes(test)) ?? null;
}

function passes(test: string): boolean {
  const only = test === 'testing/test/oracle.test.ts' ? ['--test-name-pattern', 'in memory'] : [];
  const args = ['--import', './first-failure.ts', ...only, `packages/${test}`];
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  return spawnSync(process.execPath, args, { cwd: copy, stdio: 'ignore', env, timeout: MAX_TEST_MS, killSignal: 'SIGKILL' }).status === 0;
}

/** The packages by themselves, and links to everything else that is installed. */
function copyOf(from: string): string {
  const to = mkdtempSync(join(tmpdir(), 'mutants-'));
  cpSync(join(from, 'packages'), join(to, 'packages'), { recursive: true });
  cpSync(join(from, 'package.json'), join(to, 'package.json'));
  // One counterexample is enough: nobody reads it.
  writeFileSync(join(to, 'first-failure.ts'), `import fc from 'fast-check';\nfc.configureGlobal({ endOnFailure: true });\n`);
  mkdirSync(join(to, 'node_modules/@scriptorium'), { recursive: true });
  for (const name of readdirSync(join(from, 'node_modules')))
    if (name !== '@scriptorium') symlinkSync(join(from, 'node_modules', name), join(to, 'node_modules', name));
  for (const name of readdirSync(join(from, 'packages')))
    symlinkSync(join(to, 'packages', name), join(to, 'node_modules/@scriptorium', name));
  return to;
}
