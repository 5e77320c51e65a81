import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createCommandLine } from './command-line.ts';
import type { CommandLine, Running } from './command-line.ts';

const flow = fileURLToPath(new URL('flows/approval.flow.yaml', import.meta.url));

async function asked(cli: CommandLine, ...words: readonly string[]): Promise<Running> {
  const running = cli.start(...words, '--progress', 'plain');
  await running.shows(/approve asks "Publish Dunes\?" of editor or chief, times out in 7/);
  return running;
}

describe('a run that waits for somebody', () => {
  it(
    'says how it is answered, outlives SIGKILL, and goes on with the answer that another process gave',
    { timeout: 120_000 },
    async (t) => {
      const cli = createCommandLine(t);
      const first = await asked(cli, 'run', flow, 'Dunes', '--out', 'out');
      await first.shows(/answer it with `\S*scriptorium answer \S+ approve --as editor decision=publish\|rework\|abandon`/);
      first.child.kill('SIGKILL');
      await first.done;

      const wrong = await cli.call('answer', 'latest', 'approve', 'decision=perhaps', '--as', 'editor');
      assert.equal(wrong.code, 2, wrong.out);
      assert.match(wrong.err, /\/decision must be one of "publish", "rework", "abandon"/);
      assert.match((await cli.call('answer', 'latest', 'decision=rework')).err, /put to editor or chief: say as whom/);
      assert.match((await cli.call('answer', 'latest', 'decision=rework', '--as', 'author')).err, /put to editor or chief, not to author/);
      const given = await cli.call('answer', 'latest', 'decision=rework', 'notes=["shorter"]', '--as', 'editor');
      assert.equal(given.code, 0, given.err);
      assert.match(
        given.out,
        /approve is answered: \{"decision":"rework","notes":\["shorter"\]\}\.\nThe run is interrupted: it goes on with/,
      );
      assert.match(
        (await cli.call('answer', 'latest', 'decision=rework', 'notes=["shorter"]', '--as', 'editor')).out,
        /had this answer already, from cli:/,
      );

      const second = await asked(cli, 'resume', 'latest');
      assert.match((await cli.call('status')).out, /approve asks "Publish Dunes\?"/);
      assert.match((await cli.call('why', 'latest', 'approve')).out, /approve waits for an answer to 'approval'/);
      assert.match((await cli.call('waits')).out, /approve asks[\s\S]*answer \S+ approve/);
      const approved = await cli.call('approve', 'latest', '--as', 'chief');
      assert.match(approved.out, /approve is answered: \{"decision":"publish"\}\.\n$/, approved.err);
      const { code, out } = await second.done;
      assert.equal(code, 0, out);
      assert.match(out, /output {3}\{"published":"Dunes","notes":\["shorter"\]\}/);

      assert.match((await cli.call('approve', 'latest', '--as', 'chief')).out, /had this answer already/);
      const late = await cli.call('answer', 'latest', 'approve', 'decision=abandon', '--as', 'chief');
      assert.equal(late.code, 6);
      assert.match(late.err, /approve waits no longer: it was answered by cli:\S* as chief at /);
      assert.match((await cli.call('logs', 'latest')).out, /approve: answered by cli:\S+ as editor/);
    },
  );

  it('says so too where only a run that it called waits', { timeout: 60_000 }, async (t) => {
    const cli = createCommandLine(t);
    writeFileSync(
      join(cli.directory, 'below.flow.yaml'),
      'flow: try/below\nversion: "1.0.0"\nsteps:\n  good: { wait: { event: good, ask: "Is it good?", answer: { type: boolean } } }\noutput: ${ good }\n',
    );
    writeFileSync(
      join(cli.directory, 'above.flow.yaml'),
      'flow: try/above\nversion: "1.0.0"\nsteps:\n  below: { uses: try/below }\noutput: ${ below }\n',
    );
    const running = cli.start('run', 'above.flow.yaml', '--out', 'out', '--progress', 'plain', '--json');
    await running.shows(/good asks "Is it good\?"[\s\S]*answer it with `\S*scriptorium answer \S+ good true\|false`/);
    const [, child = ''] = /answer (\S+) good/.exec((await cli.call('waits')).out) ?? [];
    assert.match(child, /\./, 'it is the answer of the run below');
    assert.equal((await cli.call('answer', child, 'good', 'true')).code, 0);
    const { code, out } = await running.done;
    assert.deepEqual([code, (JSON.parse(out) as { output: boolean }).output], [0, true]);
  });

  it('can be led elsewhere by a signal from another terminal', { timeout: 60_000 }, async (t) => {
    const cli = createCommandLine(t);
    const running = await asked(cli, 'run', flow, 'Dunes', '--out', 'out');
    const unknown = await cli.call('signal', 'latest', 'withdrow');
    assert.deepEqual([unknown.code, /did you mean 'withdraw'/.test(unknown.err)], [2, true], unknown.err);
    assert.match((await cli.call('signal', 'latest', 'approval', '{}')).err, /is a question, which no signal answers/);
    const sent = await cli.call('signal', 'latest', 'withdraw', '--id', 'w1');
    assert.match(sent.out, /has received 'withdraw'\.\n/, sent.err);
    const { out } = await running.done;
    assert.match(out, /output {3}"abandoned"/);
    assert.equal((await cli.call('signal', 'latest', 'withdraw')).code, 6);
  });
});
