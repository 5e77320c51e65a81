import assert from 'node:assert/strict';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openJournal } from '@scriptorium/engine';
import { createCommandLine, replaceFile, wordsFlow } from './command-line.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const base = `
flow: try/base
version: "1.0.0"
input: { name: { type: string, default: you } }
steps:
  greet: { value: "Hello, \${ input.name }" }
output: \${ greet }
`;

describe('a flow file that extends another', () => {
  it('runs as if it were written out, and a mistake is shown in the file that it stands in', async (t) => {
    const cli = createCommandLine(t);
    const folder = join(cli.directory, 'flows');
    mkdirSync(folder);
    writeFileSync(join(folder, 'base.flow.yaml'), base);
    writeFileSync(
      join(folder, 'loud.flow.yaml'),
      'extends: ./base.flow.yaml\nflow: try/loud\nsteps: { shout: { value: "${ greet.upper() }" } }\noutput: ${ shout }\n',
    );
    const ran = await cli.call('run', 'flows/loud.flow.yaml', 'all', '--out', 'out', '--json');
    assert.equal(ran.code, 0, ran.err);
    assert.equal((JSON.parse(ran.out) as { output: string }).output, 'HELLO, ALL');
    const drawn = await cli.call('graph', 'flows/loud.flow.yaml');
    assert.match(drawn.out, /greet[\s\S]*shout/);
    writeFileSync(join(folder, 'base.flow.yaml'), base.replace('input.name', 'input.nam'));
    const { code, out } = await cli.call('check', 'flows/loud.flow.yaml');
    assert.equal(code, 2);
    assert.match(out, /flows\/base\.flow\.yaml:6:\d+: error: no_such_field: .*'nam'.*\n 6 \| {3}greet: /);
  });

  it('is checked again by --watch when the file that it extends changes', { timeout: 60_000 }, async (t) => {
    const cli = createCommandLine(t);
    for (const name of ['flows', 'shared']) mkdirSync(join(cli.directory, name));
    writeFileSync(join(cli.directory, 'shared/base.flow.yaml'), base);
    writeFileSync(join(cli.directory, 'flows/top.flow.yaml'), 'extends: ../shared/base.flow.yaml\nflow: try/top\n');
    const running = cli.start('check', 'flows/top.flow.yaml', '--watch');
    await running.shows(/Watching/);
    replaceFile(join(cli.directory, 'shared/base.flow.yaml'), base.replace('input.name', 'input.nam'));
    while (!running.shown().includes('no_such_field')) await new Promise((resolve) => running.child.stdout?.once('data', resolve));
    running.child.kill('SIGINT');
    const { code, out } = await running.done;
    assert.equal(code, 0);
    assert.match(out, /try\/top 1\.0\.0 is fine[\s\S]*shared\/base\.flow\.yaml:6:\d+: error: no_such_field/);
  });
});

/** Flows of one folder: the top one, and below `flows/` what it calls, with handlers of their own. */
function family(directory: string): void {
  for (const name of ['team', 'team/flows']) mkdirSync(join(directory, name));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'), 'dir');
  for (const name of ['handlers.ts', 'words.flow.yaml']) cpSync(join(dirname(wordsFlow), name), join(directory, 'team/flows', name));
  writeFileSync(
    join(directory, 'team/top.flow.yaml'),
    `flow: try/top
version: "1.0.0"
input: { count: { type: integer, default: 3 }, ms: { type: integer, default: 1 } }
steps:
  mid: { uses: try/middle@^1, with: { count: "\${ input.count }", ms: "\${ input.ms }" } }
output: \${ mid.written }
`,
  );
  writeFileSync(
    join(directory, 'team/flows/middle.flow.yaml'),
    `flow: try/middle
version: "1.4.0"
input: { count: { type: integer }, ms: { type: integer } }
steps:
  low: { uses: words/batch, with: { count: "\${ input.count }", ms: "\${ input.ms }", workers: 2 } }
output: { written: "\${ low.done }" }
`,
  );
}

describe('flows that call flows', () => {
  it('are found beside the file and below flows/, with their own handlers; status and list show them', async (t) => {
    const cli = createCommandLine(t);
    family(cli.directory);
    const ran = await cli.call('run', 'team/top.flow.yaml', '3', '--out', 'out', '--json');
    assert.equal(ran.code, 0, ran.err);
    const { run, output } = JSON.parse(ran.out) as { run: string; output: number };
    assert.equal(output, 3);
    const listed = async (
      ...more: readonly string[]
    ): Promise<readonly { readonly run: string; readonly flow: { readonly name: string } }[]> =>
      JSON.parse((await cli.call('list', '--json', ...more)).out) as readonly { run: string; flow: { name: string } }[];
    assert.deepEqual(
      (await listed()).map((one) => one.run),
      [run],
    );
    const all = await listed('--all');
    assert.deepEqual(
      all.map(({ flow }) => flow.name),
      ['words/batch', 'try/middle', 'try/top'],
    );
    assert.match((await cli.call('status')).out, new RegExp(`mid +try/middle 1\\.4\\.0 +succeeded +1/1 +${run}\\.`));
    const again = await cli.call('retry', all[1]?.run ?? '', '--json');
    assert.equal(again.code, 0, again.err);
    const { definitions, properties } = JSON.parse((await cli.call('schema', '--project', 'team')).out) as {
      definitions: { [name: string]: unknown };
      properties: object;
    };
    assert.ok('words/batch' in definitions && 'try/middle' in definitions && 'extends' in properties);
  });

  it(
    'go on together after the process was killed while the innermost run was at work, and repeat nothing',
    { timeout: 120_000 },
    async (t) => {
      const cli = createCommandLine(t);
      family(cli.directory);
      cli.hold(3);
      const running = cli.start('run', 'team/top.flow.yaml', '30', '--out', 'out', '--no-progress');
      const written = (): number =>
        existsSync(join(cli.directory, 'out/write')) ? globSync('out/write/*/*', { cwd: cli.directory }).length : 0;
      while (written() < 3) await new Promise((resolve) => setTimeout(resolve, 10));
      running.child.kill('SIGKILL');
      await running.done;
      cli.release();
      const resumed = await cli.call('resume', 'latest', '--json');
      assert.equal(resumed.code, 0, resumed.err);
      assert.equal((JSON.parse(resumed.out) as { output: number }).output, 30);
      const journal = openJournal(join(cli.directory, '.scriptorium/journal.db'));
      t.after(() => journal.close());
      const runs = journal.runs();
      assert.deepEqual(
        runs.map(({ flow, status }) => [flow.name, status]),
        [
          ['words/batch', 'succeeded'],
          ['try/middle', 'succeeded'],
          ['try/top', 'succeeded'],
        ],
      );
      for (const { run } of runs) {
        const done = journal
          .readRun(run, 0, 100_000)
          .flatMap(({ actor, event }) => (event.type === 'attempt.succeeded' ? [`${actor} ${event.item} ${event.node}`] : []));
        assert.equal(new Set(done).size, done.length);
      }
    },
  );

  it('are told of at the call when they are wrong, and a flow that is nowhere is no handler', async (t) => {
    const cli = createCommandLine(t);
    family(cli.directory);
    const middle = join(cli.directory, 'team/flows/middle.flow.yaml');
    writeFileSync(middle, readFileSync(middle, 'utf8').replace('low.done', 'low.dune'));
    const wrong = await cli.call('check', 'team/top.flow.yaml');
    assert.equal(wrong.code, 2);
    assert.match(wrong.out, /top\.flow\.yaml:5:16: error: broken_flow: .*team\/flows\/middle\.flow\.yaml:6:\d+: .*'dune'/);
    rmSync(middle);
    assert.match((await cli.call('check', 'team/top.flow.yaml')).out, /no_such_handler: there is no handler 'try\/middle'/);
  });
});
