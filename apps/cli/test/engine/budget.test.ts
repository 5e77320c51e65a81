import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { RunPlan } from '@scriptorium/advisor';
import type { RunSummary } from '@scriptorium/core';
import { auditStore } from '../crash/killing.ts';
import { compileTree, createKit, finish, startTree, until } from './kit.ts';
import type { Kit } from './kit.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

const ITEMS = 30;

const WORKERS = 4;
/** So many items pass the gate while it is closed. */
const FREE = 2;

/** Each call may cost a dime, and costs half of that; all but the first ones wait at the gate. */
const source = (log: string): string => `
flow: try/costly
version: "1.0.0"
budget: { usd: 1.3 }
steps:
  list: { uses: try/list, with: { count: ${ITEMS} } }
  calls:
    each: { in: "\${ list }", as: one, key: "\${ one.id }", workers: ${WORKERS}, tolerate: "100%" }
    uses: try/pay
    with: { text: "\${ one.id }", log: ${log}, usd: 0.1, gate: "\${ one.n < ${FREE} ? null : '${gateOf(log)}' }" }
output: { paid: "\${ calls.ok.size() }", refused: "\${ calls.failed.map(f, f.error.code).distinct() }" }
`;

function gateOf(log: string): string {
  return `${log}.gate`;
}

function start(kit: Kit, ...words: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...words, '--home', kit.home], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function writeFlow(kit: Kit): string {
  const file = join(dirname(kit.out), 'flow', 'test.flow.yaml');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    join(dirname(file), 'handlers.ts'),
    `export { handlers } from ${JSON.stringify(new URL('./handlers.ts', import.meta.url).href)};\n`,
  );
  writeFileSync(file, source(kit.log));
  return file;
}

async function printed(child: ChildProcess): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (err += data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

describe('plan', () => {
  it('given handlers that say what a call may cost, then that is the cost of a run that has never been', async (t) => {
    const kit = createKit(t);
    const { code, out, err } = await printed(start(kit, 'plan', writeFlow(kit), '--out', kit.out, '--json'));
    assert.equal(code, 0, err);
    const { usd, recommendations } = JSON.parse(out) as RunPlan;
    assert.deepEqual([usd?.low, usd?.expected.toFixed(6)], [0, (ITEMS * 0.1).toFixed(6)]);
    assert.match(recommendations.at(-1)?.because.join('\n') ?? '', /its budget of 1\.3 usd may not do/);
    assert.deepEqual(
      kit.calls().filter(({ step }) => step === 'calls'),
      [],
    );
  });
});

describe('a flow that is called', () => {
  const parent = (steps: string): string => `
flow: try/thrifty
version: "1.0.0"
budget: { usd: 1 }
steps:
${steps}
`;
  const child = (kit: Kit, budget: string): string => `
flow: try/child
version: "1.0.0"
${budget}
input: { usd: { type: number } }
steps:
  paid: { uses: try/pay, with: { text: a, log: ${kit.log}, usd: "\${ input.usd }" } }
output: \${ paid.text }
`;

  it('counts with its own budget where it has one, and gives back what it did not use', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const steps = `
  one: { uses: try/child@^1, with: { usd: 0.6 } }
  two: { needs: [one], uses: try/child@^1, with: { usd: 0.6 } }
  three: { needs: [two], uses: try/child@^1, with: { usd: 0.6 }, catch: [ { value: "\${ error.code }" } ] }
output: \${ three }`;
    const run = await startTree(engine, kit, compileTree(parent(steps), child(kit, 'budget: { usd: 0.6 }')));
    const { output, progress } = await finish(engine, run);
    assert.deepEqual([output, progress.usage.used.usd], ['budget.exceeded', 0.6]);
    assert.equal((await engine.list({ parent: run })).length, 2);
  });

  it('has what is left of the budgets around it where it has none of its own, and what it uses counts there', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const steps = `
  one: { uses: try/child@^1, with: { usd: 1.8 }, catch: [ { value: "\${ error.code }" } ] }
  two: { needs: [one], uses: try/child@^1, with: { usd: 0.6 } }
  three: { needs: [two], uses: try/pay, with: { text: b, log: ${kit.log}, usd: 0.8 }, catch: [ { value: { text: "\${ error.code }", call: 0 } } ] }
output: \${ [one, two, three.text] }`;
    const run = await startTree(engine, kit, compileTree(parent(steps), child(kit, '')));
    const { output, progress } = await finish(engine, run);
    assert.deepEqual([output, progress.usage.used.usd], [['budget.exceeded', 'a', 'budget.exceeded'], 0.3]);
  });

  it('shares a budget with others at work: one waits until the others have settled, and none goes beyond it', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const steps = `
  all:
    each: { in: "\${ [1, 2, 3, 4, 5, 6] }", as: n, workers: ${WORKERS}, tolerate: 6 }
    uses: try/child@^1
    with: { usd: 0.4 }
output: \${ [all.ok.size(), all.failed.size()] }`;
    const run = await startTree(engine, kit, compileTree(parent(steps), child(kit, '')));
    const { output, progress } = await finish(engine, run);
    // A call holds 0.4 and uses 0.2: after four of them a fifth does not fit any more.
    assert.deepEqual([output, progress.usage.used.usd], [[4, 2], 0.8]);
  });
});

describe('on the command line', () => {
  it(
    'a run that is killed in the midst of its calls never goes beyond its budget, and says what it has used',
    { timeout: 120_000 },
    async (t) => {
      const kit = createKit(t);
      const begun = (): number => kit.calls().filter(({ what }) => what === 'start').length;
      const first = start(kit, 'run', writeFlow(kit), '--out', kit.out, '--no-progress');
      t.after(() => first.kill('SIGKILL'));
      let running = first;
      for (const calls of [FREE + WORKERS, FREE + 2 * WORKERS]) {
        const closed = once(running, 'close');
        await until(() => begun() === calls);
        running.kill('SIGKILL');
        await closed;
        running = start(kit, 'resume', 'latest', '--no-progress', '--json');
        t.after(() => running.kill('SIGKILL'));
      }
      writeFileSync(gateOf(kit.log), '');
      const { code, out, err } = await printed(running);
      assert.equal(code, 3, err);
      const { run, output, progress } = JSON.parse(out) as RunSummary;
      const { paid, refused } = output as { readonly paid: number; readonly refused: readonly string[] };

      const { events, restarts, succeededTwice } = auditStore(kit.home);
      const lost = events.filter(({ event }) => event.type === 'attempt.lost').length;
      assert.ok(lost > 0 && restarts >= 2, `${lost} lost, ${restarts} restarts`);
      assert.deepEqual([refused, succeededTwice], [['budget.exceeded'], []]);
      let [used, held, most] = [0, 0, 0];
      for (const { event } of events) {
        if (event.type === 'attempt.started' && event.reserved !== undefined) held += 10;
        if (event.type === 'attempt.lost' || (event.type === 'attempt.succeeded' && event.used !== undefined)) {
          held -= 10;
          used += event.type === 'attempt.lost' ? 10 : 5;
        }
        most = Math.max(most, used + held);
      }
      assert.ok(most <= 130, `${most} cents`);
      assert.equal(used, 10 * lost + 5 * paid);
      assert.ok(used > 120, 'it is used up but for less than a call');
      assert.deepEqual(progress.usage, {
        used: { usd: used / 100, tokens: 0, calls: lost + paid },
        reserved: { usd: 0, tokens: 0, calls: 0 },
        budget: { usd: 1.3 },
      });

      const status = await printed(start(kit, 'status', run));
      assert.match(status.out, new RegExp(`used ${used / 100} of 1\\.3 USD · ${lost + paid} calls`));
      const logs = join(kit.out, 'logs', run);
      const report = JSON.parse(readFileSync(join(logs, 'report.json'), 'utf8')) as { readonly usage: RunSummary['progress']['usage'] };
      assert.deepEqual(report.usage, progress.usage);
      const rows = readFileSync(join(logs, 'trace.csv'), 'utf8')
        .split('\r\n')
        .filter((line) => line.includes(',calls,'));
      const cents = rows.map((line) => Number(line.split(',').at(-2)) * 100).reduce((sum, one) => sum + one, 0);
      assert.equal(Math.round(cents), used);
    },
  );
});
