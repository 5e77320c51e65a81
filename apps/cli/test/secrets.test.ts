/** Secrets go to handlers and nowhere else: nothing that a run leaves behind has one in any form. */

import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createCommandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

const flows = fileURLToPath(new URL('flows/vault', import.meta.url));
/** With all that is escaped somewhere: quotes, a slash, a percent sign, an umlaut, a blank. */
const canary = 'cnry/"7f3a%9e+Ü\\ second-half-81c2';

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const base64 = ['', 'x', 'xy'].map((before) =>
    Buffer.concat([Buffer.from(before), bytes])
      .toString('base64')
      .slice(Math.ceil((before.length * 4) / 3), -4),
  );
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

/** Every form of the secret in any file below the directory. */
function leaksIn(directory: string, secret: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((path) => {
      const bytes = readFileSync(path);
      return formsOf(secret)
        .filter((form) => bytes.includes(form))
        .map((form) => `${path}: ${form}`);
    });
}

function vault(t: TestContext, env: { readonly [name: string]: string } = {}): CommandLine {
  const cli = createCommandLine(t, env);
  cpSync(flows, join(cli.directory, 'flows'), { recursive: true });
  return cli;
}

interface Run {
  readonly run: string;
  readonly output: { readonly known: readonly string[]; readonly asked: { readonly fingerprint: string } };
}

describe('a secret by reference', () => {
  for (const [where, env] of [
    ['in the environment', { THE_CANARY: canary }],
    ['in a file', {}],
  ] as const) {
    it(`${where}, given handlers that log, throw, return and write it in every form, then no file of the run has it`, async (t) => {
      const { call, directory } = vault(t, env);
      const source = where === 'in a file' ? 'file: ../canary.txt' : 'env: THE_CANARY';
      writeFileSync(join(directory, 'flows', 'scriptorium.config.yaml'), `secrets: { CANARY: { ${source} } }\n`);
      if (where === 'in a file') writeFileSync(join(directory, 'canary.txt'), `${canary}\n`);
      writeFileSync(
        join(directory, 'scriptorium.config.yaml'),
        readFileSync(join(directory, 'flows', 'scriptorium.config.yaml'), 'utf8').replace('../', './'),
      );

      const { code, out, err } = await call('run', 'flows/vault.flow.yaml', '--out', 'out', '--json', '--progress', 'json');
      assert.ok(code === 0 || code === 3, err + out);
      const { run, output } = JSON.parse(out) as Run;
      const fingerprint = hash('sha256', canary).slice(0, 12);
      assert.deepEqual(output.asked.fingerprint, hash('sha256', 'secret:CANARY').slice(0, 12), 'data cannot ask for a secret');
      const seen = [
        out,
        err,
        ...(await Promise.all(
          [['logs'], ['report', '--json'], ['why', run, 'throw', 'raw'], ['why', run, 'give', 'raw'], ['status']].map(async (words) =>
            Object.values(await call(...words)).join('\n'),
          ),
        )),
      ].join('\n');
      for (const form of formsOf(canary)) assert.ok(!seen.includes(form), form);
      assert.match(seen, /undone\/made\/compensate\S*: sending \*\*\*CANARY\*\*\*/);
      assert.match(seen, /refused with \*\*\*CANARY\*\*\*/);
      assert.match(seen, /contract\.output: the result of vault\/return contains the secret CANARY/);
      assert.deepEqual(new Set(output.known), new Set([fingerprint]), 'the handlers had the real value');
      writeFileSync(join(directory, 'canary.txt'), '');
      assert.deepEqual(leaksIn(directory, canary), []);
    });
  }

  it('given one that is not there, then the run is refused before it exists, with the step and what to do', async (t) => {
    const { call, directory } = vault(t);
    const { code, err } = await call('run', 'flows/vault.flow.yaml', '--out', 'out');
    assert.equal(code, 4);
    assert.match(err, /`all\/log` needs the secret CANARY \(with\.key\), and the environment variable CANARY is not set\nfix: Set CANARY/);
    assert.equal((await call('list')).out.includes('vault/leaks'), false);
    assert.ok(!readdirSync(directory).includes('out'));
  });

  for (const [what, env, said] of [
    ['too short to be recognised', { CANARY: 'short' }, /has 5 characters: a secret has 8 to 65536/],
    ['empty', { CANARY: '' }, /CANARY is not set/],
  ] as const) {
    it(`given one that is ${what}, then the run is refused`, async (t) => {
      const { code, err } = await vault(t, env).call('run', 'flows/vault.flow.yaml', '--out', 'out');
      assert.equal(code, 4);
      assert.match(err, said);
    });
  }

  it('given a run that was killed, then it is resumed only where its secrets are', async (t) => {
    const { start, call, directory } = vault(t);
    const config = (source: string): void =>
      writeFileSync(join(directory, 'scriptorium.config.yaml'), `secrets: { CANARY: { file: ${source} } }\n`);
    writeFileSync(join(directory, 'canary.txt'), canary);
    config('canary.txt');
    const flow =
      'flow: vault/slow\nversion: "1.0.0"\nsteps:\n  hold: { uses: core/exec, with: { argv: [sleep, "600"], input: "secret:CANARY" } }\n';
    writeFileSync(join(directory, 'flows', 'slow.flow.yaml'), flow);
    const running = start('run', 'flows/slow.flow.yaml', '--out', 'out', '--progress', 'plain');
    await running.shows(/1 running/);
    running.child.kill('SIGKILL');
    await running.done;
    writeFileSync(join(directory, 'canary.txt'), '');
    const refused = await call('resume', 'latest');
    assert.notEqual(refused.code, 0);
    assert.match(refused.err, /`hold` needs the secret CANARY \(with\.input\), and \S*canary\.txt is empty[\s\S]*Put the value into/);
    writeFileSync(join(directory, 'canary.txt'), canary);
    const resumed = start('resume', 'latest', '--progress', 'plain');
    await resumed.shows(/1 running/);
    resumed.child.kill('SIGKILL');
    await resumed.done;
    writeFileSync(join(directory, 'canary.txt'), '');
    assert.deepEqual(leaksIn(directory, canary), []);
  });

  it('given a value where the configuration says where it is, then it is refused and not repeated', async (t) => {
    const { call, directory } = vault(t);
    writeFileSync(join(directory, 'scriptorium.config.yaml'), 'secrets:\n  CANARY: sk-not-to-be-shown\n');
    const { code, err } = await call('config', 'explain');
    assert.equal(code, 4);
    assert.match(err, /2:3: error: wrong_value: `secrets\.CANARY` says where a secret is, and never what it is/);
  });
});

it('a secret that comes back in the answer of a service, in whatever form and with whatever status, is kept nowhere', async (t) => {
  const server = createServer((request, response) => {
    const secret = Buffer.from(request.headers['x-key'] as string, 'latin1').toString('latin1');
    const form = formsOf(secret)[Number(new URL(request.url ?? '/', 'http://here').searchParams.get('form'))] ?? '';
    response.writeHead(request.url?.startsWith('/bad') === true ? 500 : 200, {
      'content-type': 'text/plain',
      'x-echo': encodeURIComponent(form),
    });
    response.end(`you sent ${form}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  // A header takes no umlauts.
  const key = 'cnry/"7f3a%9e+\\ second-half-81c2';
  const { call, directory } = createCommandLine(t, { CANARY: key, SCRIPTORIUM_HTTP_ALLOW: `127.0.0.1:${port}` });
  const forms = formsOf(key).map((_, form) => form);
  writeFileSync(
    join(directory, 'echo.flow.yaml'),
    `flow: vault/echo
version: "1.0.0"
steps:
  paths: { value: [good, bad] }
  forms: { value: [${forms.join(', ')}] }
  good:
    each: { in: "\${ forms }", as: form, key: "\${ 'good-' + string(form) }", tolerate: "100%" }
    uses: core/http
    with: { url: "\${ 'http://127.0.0.1:${port}/good?form=' + string(form) }", headers: { x-key: "secret:CANARY" } }
  bad:
    each: { in: "\${ forms }", as: form, key: "\${ 'bad-' + string(form) }", tolerate: "100%" }
    uses: core/http
    with: { url: "\${ 'http://127.0.0.1:${port}/bad?form=' + string(form) }", headers: { x-key: "secret:CANARY" } }
output: { good: "\${ good.failed.map(f, f.error.code) }", bad: "\${ bad.failed.size() }" }
`,
  );
  const { code, out, err } = await call('run', 'echo.flow.yaml', '--out', 'out', '--json', '--progress', 'json');
  assert.ok(code === 0 || code === 3, err + out);
  const { output } = JSON.parse(out) as { readonly output: { readonly good: readonly string[]; readonly bad: number } };
  assert.deepEqual(output, { good: forms.map(() => 'contract.output'), bad: forms.length }, 'each answer had the secret in it');
  const seen = [
    out,
    err,
    ...(await Promise.all(
      [['logs'], ['report', '--json'], ['status']].map(async (words) => Object.values(await call(...words)).join('\n')),
    )),
  ];
  for (const form of formsOf(key)) for (const text of seen) assert.ok(!text.includes(form), form);
  assert.deepEqual(leaksIn(directory, key), []);
});
