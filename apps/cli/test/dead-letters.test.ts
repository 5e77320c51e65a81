/** What failed for good is listed with all that is known of it, also after a restart, and tried again only when asked for. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { DeadLetter } from '@scriptorium/core';
import { createCommandLine } from './command-line.ts';

const flow = `
flow: try/letters
version: "1.0.0"
input: { log: { type: string } }
steps:
  all:
    each: { in: [{ id: a, code: "" }, { id: b, code: net.down }, { id: c, code: net.gone }, { id: d, code: io }], as: one, key: "\${ one.id }" }
    steps:
      first: { uses: letters/note, with: { log: "\${ input.log }", text: "first \${ one.id }", code: "" } }
      second:
        uses: letters/note
        needs: [first]
        with: { log: "\${ input.log }", text: "second \${ one.id }", code: "\${ one.code }" }
        retry: { max: 1, delay: 1ms, errors: [io] }
`;

const handlers = `
import { appendFileSync, existsSync } from 'node:fs';
import { defineHandler, StepError } from '@scriptorium/core';
export const handlers = [
  defineHandler({
    name: 'letters/note',
    version: '1.0.0',
    doc: 'Notes its call, and fails with the code unless the file \`mended\` is there.',
    input: { type: 'object', properties: { log: { type: 'string' }, text: { type: 'string' }, code: { type: 'string' } } },
    output: true,
    effects: 'write',
    errors: { '*': 'As it is told.' },
    run: ({ log, text, code }) => {
      appendFileSync(log, text + '\\n');
      if (code !== '' && !existsSync(log + '.mended')) throw new StepError(code, 'as told');
      return text;
    },
  }),
];
`;

describe('dead letters', () => {
  it('are listed with payload and history, and only those that are selected are tried again', async (t) => {
    const { call, directory } = createCommandLine(t);
    mkdirSync(join(directory, 'flows'));
    writeFileSync(join(directory, 'flows', 'letters.flow.yaml'), flow);
    writeFileSync(join(directory, 'flows', 'handlers.ts'), handlers);
    const log = join(directory, 'calls');
    const first = await call(
      'run',
      'flows/letters.flow.yaml',
      '--out',
      'out',
      '--mode',
      'best_effort',
      '--set',
      `log=${log}`,
      '--json',
      '--no-progress',
    );
    assert.equal(first.code, 3, first.err);
    const { run } = JSON.parse(first.out) as { run: string };

    const letters = async (...words: string[]): Promise<readonly DeadLetter[]> => {
      const { code, out, err } = await call('dead-letters', ...words, '--json');
      assert.equal(code, 0, err);
      return out
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as DeadLetter);
    };
    const all = await letters();
    assert.deepEqual(
      all.map(({ step, key, error, attempts, retriedBy }) => [step, key, error.code, attempts.length, retriedBy]),
      [
        ['all/second', 'b', 'net.down', 1, null],
        ['all/second', 'c', 'net.gone', 1, null],
        ['all/second', 'd', 'io', 2, null],
      ],
    );
    assert.deepEqual(all[0]?.input, { log, text: 'second b', code: 'net.down' });
    assert.deepEqual(
      all[2]?.attempts.map(({ handler, error }) => [handler, error?.code]),
      [
        ['letters/note@1.0.0', 'io'],
        ['letters/note@1.0.0', 'io'],
      ],
    );
    assert.equal((await letters(run, '--error', 'net.*')).length, 2);
    const words = (await call('dead-letters', run, '--item', 'b', '--show')).out;
    assert.match(
      words,
      /all\/second \[b\][\s\S]*net\.down: as told[\s\S]*attempt 1 \(letters\/note@1\.0\.0[\s\S]*input: \{"log"[\s\S]*again: .*retry \S+ --step all\/second --item "b"/,
    );

    writeFileSync(`${log}.mended`, '');
    writeFileSync(log, '');
    const again = await call('retry', run, '--item', 'b', '--json', '--no-progress');
    const second = (JSON.parse(again.out) as { run: string }).run;
    assert.deepEqual(callsIn(log), ['second b'], again.err);
    assert.deepEqual(
      (await letters(second)).map(({ key, error }) => [key, error.code, error.details?.['code']]),
      [
        ['c', 'not_retried', 'net.gone'],
        ['d', 'not_retried', 'io'],
      ],
    );
    assert.equal((await letters(run))[0]?.retriedBy, second);

    writeFileSync(log, '');
    await call('retry', second, '--error', 'net.gone', '--json', '--no-progress');
    assert.deepEqual(callsIn(log), ['second c'], 'what was set aside twice is not tried by the way');
    assert.match((await call('retry', second, '--error', 'nothing.of.it')).err, /Nothing to retry/);
  });
});

function callsIn(log: string): readonly string[] {
  return readFileSync(log, 'utf8').split('\n').filter(Boolean);
}

it('a message that nobody came to an end with is a dead letter, with the command that gives it out again', async (t) => {
  const { call, directory } = createCommandLine(t);
  const mail = 'mail: { uses: core/receive, with: { mailbox: inbox, deliveries: 1 } }';
  const fall = 'fall: { needs: [mail], uses: core/fail, with: { error: broken, message: no } }';
  writeFileSync(join(directory, 'falling.flow.yaml'), `flow: try/falling\nversion: "1.0.0"\nsteps:\n  ${mail}\n  ${fall}\n`);
  assert.equal((await call('send', 'inbox', 'rain', '--id', 'm1')).code, 0);
  assert.equal((await call('run', 'falling.flow.yaml', '--out', 'out', '--no-progress')).code, 1);
  const { out } = await call('dead-letters', 'latest');
  assert.match(out, /fall .*\n {2}broken: no/);
  assert.match(
    out,
    /notification m1 from .* in the mailbox inbox .*\n {2}given out 1 times, the last time to mail of run .*: .*failed\n {2}again: .* redeliver inbox m1\n/,
  );
  const lines = (await call('dead-letters', '--json')).out.trim().split('\n');
  assert.deepEqual([lines.length, (JSON.parse(lines[1] ?? '') as { readonly status: string }).status], [2, 'dead']);
  assert.doesNotMatch((await call('dead-letters', '--step', 'fall')).out, /m1/);
});
