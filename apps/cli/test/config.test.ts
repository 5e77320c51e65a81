import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createCommandLine, wordsFlow } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

const config = `out: ./results
mode: flexible
limit: 4
inputs: { count: 6, somebodyElses: 1 }
limits:
  disk: { concurrent: 3, rate: 1000/s }
environments:
  dev: { limit: 2, limits: { disk: { concurrent: 1 } } }
  prod: { mode: best_effort, out: ./published }
`;

function configured(t: TestContext, text: string, env: { readonly [name: string]: string } = {}): CommandLine {
  const cli = createCommandLine(t, env);
  writeFileSync(join(cli.directory, 'scriptorium.config.yaml'), text);
  return cli;
}

interface Explained {
  readonly environment: string | null;
  readonly settings: readonly {
    readonly key: string;
    readonly value: unknown;
    readonly layer: string | null;
    readonly place: string | null;
    readonly layers: readonly { readonly layer: string; readonly value: unknown; readonly place: string; readonly won: boolean }[];
  }[];
}

describe('config explain', () => {
  it('given a setting in every place, then each stronger one counts, and each says where it is written', async (t) => {
    const { call } = configured(t, 'mode: flexible\nenvironments:\n  dev: { mode: strict }\n', {
      SCRIPTORIUM_MODE: 'best_effort',
      SCRIPTORIUM_ENV: 'dev',
    });
    const { code, out } = await call('config', 'explain', 'mode', '--mode', 'flexible', '--json');
    assert.equal(code, 0);
    const [mode] = (JSON.parse(out) as Explained).settings;
    assert.deepEqual(mode?.layers, [
      { layer: 'default', value: 'flexible', place: 'default', won: false },
      { layer: 'file', value: 'flexible', place: 'scriptorium.config.yaml:1:1', won: false },
      { layer: 'environment dev', value: 'strict', place: 'scriptorium.config.yaml:3:10', won: false },
      { layer: 'variables', value: 'best_effort', place: 'SCRIPTORIUM_MODE', won: false },
      { layer: 'command line', value: 'flexible', place: '--mode', won: true },
    ]);
    const shown = await call('config', 'explain', 'mode');
    assert.match(shown.out, /^mode = best_effort .*\n[\s\S]*→ {2}variables +best_effort +SCRIPTORIUM_MODE\n/);
  });

  it('given hosts as a list or as a text, then the variable is stronger, and what is no word is refused', async (t) => {
    const { call } = configured(t, 'http_allow: [api.example.org, "*.example.com"]\n');
    const [allowed] = (JSON.parse((await call('config', 'explain', 'http_allow', '--json')).out) as Explained).settings;
    assert.deepEqual([allowed?.value, allowed?.place], ['api.example.org *.example.com', 'scriptorium.config.yaml:1:1']);
    const overruled = configured(t, 'http_allow: "a.example, b.example"\n', { SCRIPTORIUM_HTTP_ALLOW: 'c.example' });
    const [text] = (JSON.parse((await overruled.call('config', 'explain', 'http_allow', '--json')).out) as Explained).settings;
    assert.deepEqual(
      text?.layers.map(({ value, won }) => [value, won]),
      [
        ['a.example, b.example', false],
        ['c.example', true],
      ],
    );
    const wrong = await configured(t, 'http_allow: [80]\n').call('config', 'explain');
    assert.equal(wrong.code, 4);
    assert.match(wrong.err, /scriptorium\.config\.yaml:1:13: error: wrong_value: `http_allow` is a list of words/);
  });

  it('given no file, then it shows what holds anyway; a setting that does not exist is not found', async (t) => {
    const { call } = createCommandLine(t);
    assert.match((await call('config', 'explain')).out, /^no scriptorium\.config\.yaml here or above, no environment\n/);
    const { code, err } = await call('config', 'explain', 'mod');
    assert.equal(code, 5);
    assert.match(err, /there is no setting 'mod' — did you mean 'mode'\?/);
  });
});

describe('config diff', () => {
  it('names what two environments have different, whatever the variables say', async (t) => {
    const { call } = configured(t, config, { SCRIPTORIUM_LIMIT: '7' });
    const { code, out } = await call('config', 'diff', 'dev', 'prod', '--json');
    assert.equal(code, 0);
    const { differences } = JSON.parse(out) as {
      differences: readonly { key: string; values: readonly { value: unknown; place: string }[] }[];
    };
    assert.deepEqual(
      differences.map(({ key, values: [dev, prod] }) => [key, key === 'out' ? '' : dev?.value, prod?.place]),
      [
        ['out', '', 'scriptorium.config.yaml:9:30'],
        ['mode', 'flexible', 'scriptorium.config.yaml:9:11'],
        ['limit', 2, 'scriptorium.config.yaml:3:1'],
        ['limits.disk.concurrent', 1, 'scriptorium.config.yaml:6:11'],
      ],
    );
    assert.equal((await call('config', 'diff', 'dev', 'dev')).out, 'dev and dev are the same.\n');
  });
});

describe('run with a configuration', () => {
  it('given it, then a run needs nothing but the flow, and the command line counts before it', async (t) => {
    const { call, directory } = configured(t, config);
    const { code, out, err } = await call('run', wordsFlow, '--env', 'dev', '--json', '--no-progress');
    assert.equal(code, 0, err);
    const run = JSON.parse(out) as {
      run: string;
      options: { mode: string; limit: number; out: string };
      input: { count: number; somebodyElses?: number };
    };
    assert.deepEqual([run.options.mode, run.options.limit, run.input.count, run.input.somebodyElses], ['flexible', 2, 6, undefined]);
    assert.deepEqual(readdirSync(directory).toSorted(), ['.scriptorium', 'results', 'scriptorium.config.yaml']);
    const limits = await call('limits', '--json');
    assert.match(limits.out, /"concurrent": 1,\s+"rate": \{\s+"n": 1000,\s+"per": 1000/);
    const told = await call('run', wordsFlow, '3', '--limit', '1', '--out', 'elsewhere', '--json', '--no-progress');
    const again = JSON.parse(told.out) as typeof run;
    assert.deepEqual([again.options.limit, again.input.count], [1, 3]);
    assert.ok(readdirSync(directory).includes('elsewhere'));
  });

  it('given --test, then its strictness stands over what is configured, and under the command line', async (t) => {
    const { call } = configured(t, 'out: out\nmode: best_effort\nprofile: nobody_has_it\n');
    const modeOf = async (...words: readonly string[]): Promise<string> =>
      (JSON.parse((await call('run', wordsFlow, '2', '--json', '--no-progress', ...words)).out) as { options: { mode: string } }).options
        .mode;
    assert.equal(await modeOf(), 'best_effort');
    assert.equal(await modeOf('--test'), 'strict');
    assert.equal(await modeOf('--test', '--mode', 'flexible'), 'flexible');
  });

  it('given nothing that says where outputs go, then it is asked for', async (t) => {
    const { call } = createCommandLine(t);
    const { code, err } = await call('run', wordsFlow);
    assert.equal(code, 2);
    assert.match(err, /it is not said where the outputs go\nfix: Add --out <dir>, or `out: <dir>` to scriptorium\.config\.yaml\./);
  });
});

describe('a configuration that is wrong', () => {
  it('given several mistakes, then each is shown at its place with what was meant, and nothing is started', async (t) => {
    const { call, directory } = configured(
      t,
      'ouut: x\nmode: fast\nlimits: { disk: { concurent: 2 } }\nenvironments: { dev: { limit: 0 } }\n',
    );
    const { code, err } = await call('run', wordsFlow, '--out', 'out');
    assert.equal(code, 4);
    assert.match(err, /scriptorium\.config\.yaml:1:1: error: unknown_key: the configuration has no key 'ouut' — did you mean 'out'\?/);
    assert.match(err, /:2:7: error: wrong_value: `mode` is one of strict, flexible, best_effort, not the text "fast"/);
    assert.match(err, /:3:19: error: unknown_key: a limit has no key 'concurent' — did you mean 'concurrent'\?/);
    assert.match(err, /:4:31: error: wrong_value: `limit` is a whole number, at least 1, not the number 0/);
    assert.deepEqual(readdirSync(directory), ['scriptorium.config.yaml']);
  });

  for (const [what, env, words, said] of [
    [
      'an environment that is not there',
      {},
      ['--env', 'prd'],
      /there is no environment 'prd': scriptorium\.config\.yaml has dev, prod — did you mean 'prod'\?/,
    ],
    ['one in the variable', { SCRIPTORIUM_ENV: 'test' }, [], /there is no environment 'test', which SCRIPTORIUM_ENV names/],
    ['a variable that does not fit', { SCRIPTORIUM_LIMIT: 'all' }, [], /SCRIPTORIUM_LIMIT is a whole number, at least 1, not 'all'/],
  ] as const) {
    it(`given ${what}, then it is refused with the name`, async (t) => {
      const { call } = configured(t, config, env);
      const { code, err } = await call('run', wordsFlow, ...words);
      assert.equal(code, 4);
      assert.match(err, said);
    });
  }

  it('given an empty file, or one of comments, then it says nothing', async (t) => {
    const { call } = configured(t, '# later\n\n');
    assert.equal((await call('list')).code, 0);
  });
});

describe('http_allow', () => {
  it('given a host in the file, then a step may call that one, and is told where to add another', async (t) => {
    const server = createServer((_, response) => response.end('there'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const { call, directory } = configured(t, `http_allow: ["127.0.0.1:${port}"]\n`);
    writeFileSync(
      join(directory, 'ask.flow.yaml'),
      'flow: try/ask\nversion: "1.0.0"\ninput: { url: { type: string } }\nsteps:\n  ask: { uses: core/http, with: { url: "${ input.url }" } }\noutput: ${ ask.text }\n',
    );
    const allowed = await call('run', 'ask.flow.yaml', `http://127.0.0.1:${port}/`, '--out', 'out', '--json');
    assert.equal(allowed.code, 0, allowed.err);
    assert.equal((JSON.parse(allowed.out) as { output: string }).output, 'there');
    const blocked = await call('run', 'ask.flow.yaml', 'http://127.0.0.2/', '--out', 'out');
    assert.equal(blocked.code, 1);
    assert.match(`${blocked.out}${blocked.err}`, /http\.blocked: 127\.0\.0\.2 is not among the hosts/);
  });
});
