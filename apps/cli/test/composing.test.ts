import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createCommandLine } from './command-line.ts';

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
    writeFileSync(join(cli.directory, 'shared/base.flow.yaml'), base.replace('input.name', 'input.nam'));
    while (!running.shown().includes('no_such_field')) await new Promise((resolve) => running.child.stdout?.once('data', resolve));
    running.child.kill('SIGINT');
    const { code, out } = await running.done;
    assert.equal(code, 0);
    assert.match(out, /try\/top 1\.0\.0 is fine[\s\S]*shared\/base\.flow\.yaml:6:\d+: error: no_such_field/);
  });
});
