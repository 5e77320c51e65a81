import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createKit, until } from './kit.ts';
import type { Kit } from './kit.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

interface Terminal {
  readonly output: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<number | null>;
}

/** A command in a process of its own, as in a terminal of its own. */
function open(t: TestContext, kit: Kit, ...args: string[]): Terminal {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args, '--home', kit.home], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  t.after(() => child.kill('SIGKILL'));
  return {
    output: () => output,
    kill: (signal) => void child.kill(signal),
    ended: once(child, 'close').then(([code]) => code as number | null),
  };
}

/** A flow file of `count` items in the shared pool `slow` that take `ms` each, and longer until `gate` exists. */
function flowFile(kit: Kit, name: string, count: number, ms: number, gate?: string): string {
  const file = join(dirname(kit.out), name, 'test.flow.yaml');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    join(dirname(file), 'handlers.ts'),
    `export { handlers } from ${JSON.stringify(new URL('./handlers.ts', import.meta.url).href)};\n`,
  );
  const wait = gate === undefined ? '' : `, gate: ${JSON.stringify(gate)}`;
  const step = `uses: try/write, limit: slow, with: { text: "\${ file.id } of ${name}", log: ${JSON.stringify(kit.log)}, ms: ${ms}${wait} }`;
  writeFileSync(
    file,
    `flow: try/${name}
version: "1.0.0"
limits: { slow: { concurrent: 3 } }
steps:
  list: { uses: try/list, with: { count: ${count} } }
  ${name}: { each: { in: "\${ list }", as: file, key: "\${ file.id }", workers: 20 }, ${step} }
output: \${ ${name}.ok.size() }
`,
  );
  return file;
}

function mostAtOnce(kit: Kit, from = 0): number {
  let now = 0;
  let most = 0;
  for (const call of kit.calls().toSorted((a, b) => a.at - b.at || (a.what === 'end' ? -1 : 1))) {
    now += call.what === 'start' ? 1 : -1;
    if (call.at >= from) most = Math.max(most, now);
  }
  return most;
}

const steps = (kit: Kit, what: string): readonly string[] =>
  kit
    .calls()
    .filter((call) => call.what === what)
    .map(({ step }) => step);

describe('two terminals on one store', () => {
  it(
    'share the engine and its pools, and a limit changed from a third takes effect while their runs go on',
    { timeout: 60_000 },
    async (t) => {
      const kit = createKit(t);
      const gate = join(dirname(kit.out), 'gate');
      const one = open(t, kit, 'run', flowFile(kit, 'one', 12, 0, gate), '--out', kit.out, '--progress', 'plain');
      await until(() => steps(kit, 'start').length === 3);
      const two = open(t, kit, 'run', flowFile(kit, 'two', 12, 0, gate), '--out', kit.out, '--progress', 'plain');
      await until(() => two.output().includes('run 2'));
      assert.equal(mostAtOnce(kit), 3);
      const limits = open(t, kit, 'limits', 'set', 'slow', '--concurrent', '9');
      assert.equal(await limits.ended, 0, limits.output());
      await until(() => steps(kit, 'start').length === 9);
      const nine = new Set(steps(kit, 'start'));
      assert.deepEqual([...nine].toSorted(), ['one', 'two']);
      writeFileSync(gate, '');
      assert.deepEqual([await one.ended, await two.ended], [0, 0], one.output() + two.output());
      assert.deepEqual([steps(kit, 'end').length, mostAtOnce(kit)], [24, 9]);
    },
  );

  it('the second takes over when the first is killed, and goes on with its own run', { timeout: 60_000 }, async (t) => {
    const kit = createKit(t);
    const one = open(t, kit, 'run', flowFile(kit, 'one', 5_000, 60), '--out', kit.out, '--progress', 'plain');
    await until(() => steps(kit, 'start').includes('one'));
    const two = open(t, kit, 'run', flowFile(kit, 'two', 40, 60), '--out', kit.out, '--progress', 'plain');
    await until(() => steps(kit, 'end').filter((step) => step === 'two').length >= 5);
    one.kill('SIGKILL');
    assert.equal(await two.ended, 0, two.output());
    const engine = await kit.open();
    const runs = await engine.list();
    assert.deepEqual(
      runs.map(({ flow, status, progress }) => [flow.name, status, progress.items.succeeded === progress.items.total]),
      [
        ['try/two', 'succeeded', true],
        ['try/one', 'interrupted', false],
      ],
    );
  });

  it('the second goes on when the first has finished and leaves', { timeout: 60_000 }, async (t) => {
    const kit = createKit(t);
    const one = open(t, kit, 'run', flowFile(kit, 'one', 10, 60), '--out', kit.out, '--progress', 'plain');
    await until(() => steps(kit, 'start').includes('one'));
    const two = open(t, kit, 'run', flowFile(kit, 'two', 60, 60), '--out', kit.out, '--progress', 'plain');
    assert.deepEqual([await one.ended, await two.ended], [0, 0], one.output() + two.output());
    const twos = kit
      .calls()
      .filter(({ what, step }) => what === 'end' && step === 'two')
      .map(({ key }) => key);
    assert.deepEqual([twos.length, new Set(twos).size], [60, 60]);
  });
});
