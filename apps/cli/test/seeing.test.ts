import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { brokenFlow, createCommandLine, replaceFile, wordsFlow } from './command-line.ts';
import type { CommandLine, Running } from './command-line.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Milliseconds that no test lasts: whoever starts such work kills it. */
const endless = 3_600_000;

interface Why {
  readonly version: number;
  readonly standing: string;
  readonly answer: string;
  readonly because: readonly { readonly says: string; readonly evidence: readonly { readonly event: number; readonly type: string }[] }[];
  readonly help: readonly { readonly command: string }[];
}

async function why({ call }: CommandLine, ...words: readonly string[]): Promise<Why> {
  const { code, out, err } = await call('why', ...words, '--json');
  assert.equal(code, 0, err);
  return JSON.parse(out) as Why;
}

describe('why', () => {
  it('tells of a run, a stage and an item that failed, with events and the command that helps', async (t) => {
    const cli = createCommandLine(t);
    await cli.call('run', wordsFlow, '--set', 'failing=[2]', '--out', 'out');
    const run = await why(cli, 'latest');
    assert.match(run.answer, /succeeded: 10 of 10 items have settled, 1 failed/);
    assert.match(
      run.because.map(({ says }) => says).join('\n'),
      /The slowest stage is words\/[\s\S]*words\/write bad_number: 1 failed \(first: w002\)/,
    );
    const stage = await why(cli, 'latest', 'write');
    assert.match(stage.answer, /^words\/write: of 10 items 9 succeeded, 1 failed/);
    const item = await why(cli, 'latest', 'words/write', 'w002');
    assert.deepEqual(
      [item.version, item.standing, item.answer],
      [1, 'failed', 'words/write of w002 failed: bad_number: the number 2 is bad.'],
    );
    assert.equal(item.because[0]?.evidence[0]?.type, 'attempt.failed');
    const words = await cli.call('why', 'latest', 'write', 'w002');
    assert.match(words.out, /because {2}The step has no retry policy\. {2}\(event \d+, .*\)[\s\S]*scriptorium retry \S+ --failed/);
  });

  it('tells what was reused, and from where', async (t) => {
    const cli = createCommandLine(t);
    await cli.call('run', wordsFlow, '2', '--out', 'out');
    await cli.call('run', wordsFlow, '2', '--out', 'out');
    const reused = await why(cli, 'latest', 'write', 'w001');
    assert.deepEqual([reused.standing, /that of run \S+\.$/.test(reused.answer)], ['reused', true]);
  });

  it('tells of a live run what waits for a pool and what for a place, from another process', async (t) => {
    const cli = createCommandLine(t);
    const running = cli.start('run', wordsFlow, '12', String(endless), '--workers', '6', '--out', 'out', '--progress', 'plain');
    await running.shows(/ 6 running/);
    const pool = await why(cli, 'latest', 'write');
    assert.match(pool.because.map(({ says }) => says).join('\n'), /2 attempts wait for the pool \S*disk \(4 of 4 places in use\)/);
    const queued = await why(cli, 'latest', 'write', 'w005');
    assert.deepEqual([queued.standing, queued.help[0]?.command], ['queued', 'limits set disk --concurrent 8']);
    const place = await why(cli, 'latest', 'write', 'w011');
    assert.match(place.answer, /^words\/write of w011 waits for a place: `words` works on 6 items at once/);
    const needs = await why(cli, 'latest', 'shout', 'w000');
    assert.equal(needs.answer, 'words/shout of w000 waits for words/write (running).');
    const graph = await cli.call('graph', 'latest');
    assert.match(graph.out, /write<\/b>.*● running 0\/12[\s\S]*classDef running/);
    running.child.kill('SIGKILL');
    await running.done;
    const interrupted = await why(cli, 'latest', 'write', 'w000');
    assert.deepEqual([interrupted.standing, interrupted.help[0]?.command.startsWith('resume ')], ['interrupted', true]);
  });
});

describe('diff', () => {
  it('names what differs, and nothing between a run and its like', async (t) => {
    const { call } = createCommandLine(t);
    const ids: string[] = [];
    for (const failing of ['[2]', '[]', '[]']) {
      const { out } = await call('run', wordsFlow, '4', '--set', `failing=${failing}`, '--out', 'out', '--json');
      ids.push((JSON.parse(out) as { run: string }).run);
    }
    const [first = '', second = '', third = ''] = ids;
    const different = JSON.parse((await call('diff', first, second, '--json')).out) as {
      version: number;
      same: boolean;
      input: unknown;
      items: { changed: readonly object[] };
    };
    assert.deepEqual([different.version, different.same, different.input], [1, false, [{ path: 'input.failing[0]', a: 2 }]]);
    assert.deepEqual(different.items.changed, [{ step: 'words', key: 'w002', a: 'failed', b: 'succeeded', output: [] }]);
    assert.match((await call('diff', first, second)).out, /1 item of 4 and 2 files of 8 differ\.[\s\S]*words w002 +failed +succeeded/);
    assert.match((await call('diff', second, third)).out, /The same: definition, input, items and files\./);
  });
});

describe('graph', () => {
  it('draws a definition and a run in every format', async (t) => {
    const { call } = createCommandLine(t);
    await call('run', wordsFlow, '3', '--set', 'failing=[1]', '--out', 'out');
    assert.match(
      (await call('graph', 'latest')).out,
      /^flowchart TD\n[\s\S]*✗ failed 2\/3, 1 failed[\s\S]*class .*s_words__write.* failed/,
    );
    assert.match(
      (await call('graph', 'latest', '--format', 'dot')).out,
      /^digraph "words\/batch 1\.0\.0" \{\n[\s\S]*✓ succeeded[\s\S]*\n\}\n$/,
    );
    const svg = await call('graph', 'latest', '--format', 'svg');
    assert.match(svg.out, /^<svg xmlns[\s\S]*class="failed step"[\s\S]*<\/svg>\n$/);
    assert.match((await call('graph', wordsFlow, '-f', 'svg')).out, /class="plain step"/);
    const json = JSON.parse((await call('graph', wordsFlow, '--json')).out) as {
      version: number;
      text: string;
      graph: { nodes: object[] };
    };
    assert.deepEqual([json.version, json.graph.nodes.length, json.text.startsWith('flowchart')], [1, 2, true]);
  });
});

describe('schema', () => {
  it('is of draft 07, accepts the flows of the project and of the books, and refuses wrong ones', async (t) => {
    const { call } = createCommandLine(t);
    const { code, out, err } = await call('schema', '--project', join(root, 'examples'));
    assert.equal(code, 0, err);
    const schema = JSON.parse(out) as { $schema: string };
    assert.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#');
    const validate = new Ajv({ strict: true, strictTypes: false, strictRequired: false }).compile(schema);
    const accepts = (text: string): boolean => validate(parse(text));
    const words = readFileSync(join(root, 'examples/words/words.flow.yaml'), 'utf8');
    assert.ok(accepts(words), JSON.stringify(validate.errors));
    assert.ok(accepts(readFileSync(join(root, 'pipelines/books/books.flow.yaml'), 'utf8')), JSON.stringify(validate.errors));
    assert.ok(!accepts(readFileSync(brokenFlow, 'utf8')));
    const [, handler = ''] = /uses: ([\w/-]+)/.exec(words) ?? [];
    assert.ok(out.includes(`"${handler}"`));
    assert.ok(!accepts(words.replace(handler, `${handler}x`)));
    assert.ok(!accepts(words.replace('with:', 'wiht:')));
  });
});

describe('check', () => {
  it('--json: is versioned, with places', async (t) => {
    const { call } = createCommandLine(t);
    const { code, out } = await call('check', brokenFlow, '--json');
    const { version, errors, warnings, flow, diagnostics } = JSON.parse(out) as {
      version: number;
      errors: number;
      warnings: number;
      flow: null;
      diagnostics: readonly { code: string; line: number }[];
    };
    assert.deepEqual([code, version, errors, warnings, flow], [2, 1, 1, 0, null]);
    assert.deepEqual([diagnostics[0]?.code, diagnostics[0]?.line], ['no_such_handler', 4]);
  });

  it('--watch: checks again when the flow or its handlers change, and ends with 0', { timeout: 60_000 }, async (t) => {
    const cli = createCommandLine(t);
    const folder = join(cli.directory, 'flow');
    mkdirSync(folder);
    cpSync(dirname(wordsFlow), folder, { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(cli.directory, 'node_modules'), 'dir');
    const [flow, handlers] = [join(folder, 'words.flow.yaml'), join(folder, 'handlers.ts')];
    const running = cli.start('check', flow, '--watch', '--json');
    await running.shows(/Watching .*words\.flow\.yaml/);
    await lines(running, 1);
    replaceFile(flow, readFileSync(flow, 'utf8').replace('uses: words/shout', 'uses: words/shot'));
    await lines(running, 2);
    replaceFile(handlers, readFileSync(handlers, 'utf8').replace("name: 'words/shout'", "name: 'words/shot'"));
    await lines(running, 3);
    replaceFile(handlers, 'export const handlers = (');
    const seen = await lines(running, 4);
    running.child.kill('SIGINT');
    const { code, err } = await running.done;
    assert.equal(code, 0, err);
    assert.deepEqual(
      seen.map(({ errors, error }) => errors ?? typeof error),
      [0, 1, 0, 'object'],
    );
  });
});

interface Line {
  readonly errors?: number;
  readonly error?: object;
}

/** The lines on the output stream, once there are so many. */
async function lines({ child, shown, done }: Running, count: number): Promise<readonly Line[]> {
  const written = (): readonly string[] => shown().trimEnd().split('\n').filter(Boolean);
  let ended = false;
  void done.then(() => (ended = true));
  while (written().length < count) {
    assert.ok(!ended, `it ended after ${written().length} lines`);
    await new Promise((resolve) => child.stdout?.once('data', resolve).once('close', resolve));
  }
  return written().map((line) => JSON.parse(line) as Line);
}

describe('what is refused', () => {
  const cases: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ['diff: one run only', ['diff', 'latest'], 2, /missing required argument 'other'/],
    ['graph: neither a flow nor a run', ['graph', 'nothing'], 5, /neither a flow nor a run 'nothing'/],
    ['graph: a file that does not exist', ['graph', 'no.flow.yaml'], 5, /there is no flow 'no\.flow\.yaml'/],
    ['graph: a format that does not exist', ['graph', wordsFlow, '--format', 'png'], 2, /Allowed choices are mermaid, dot, svg/],
    ['graph: a definition with errors', ['graph', brokenFlow], 2, /no_such_handler/],
    ['schema: a directory that does not exist', ['schema', '--project', 'nowhere'], 5, /there is no directory/],
    ['check --watch: a flow that does not exist', ['check', 'no.flow.yaml', '--watch'], 5, /there is no flow/],
  ];
  for (const [what, words, code, pattern] of cases) {
    it(`${what}: exit code ${code}`, async (t) => {
      const outcome = await createCommandLine(t).call(...words);
      assert.equal(outcome.code, code, outcome.err);
      assert.match(outcome.err, pattern);
      assert.equal(outcome.out, '');
    });
  }

  it('what does not exist beside a run that does, with what was probably meant; diff: a run with itself', async (t) => {
    const { call } = createCommandLine(t);
    await call('run', wordsFlow, '3', '--out', 'out');
    for (const [words, code, pattern] of [
      [['status', 'nothing'], 5, /no run 'nothing'/],
      [['diff', 'nothing', 'latest'], 5, /no run 'nothing'/],
      [['trace', 'nowhere.txt'], 5, /nowhere\.txt does not exist/],
      [['trace', wordsFlow], 5, /was not written by a run of the store in /],
      [['why', 'latest', 'wrte'], 5, /has no step 'wrte' — did you mean 'write'\?/],
      [['why', 'latest', 'write', 'w0001'], 5, /has no item 'w0001' — did you mean 'w00\d'\?/],
      [['why', 'latest', 'names', 'w001'], 2, /names has no items: it lies in no `each`/],
      [['diff', 'latest', 'latest'], 2, /both names are of run/],
      [['graph', 'latest', '--profile', 'test'], 2, /is a run, which has its profile already/],
    ] as const) {
      const outcome = await call(...words);
      assert.equal(outcome.code, code, outcome.err);
      assert.match(outcome.err, pattern);
    }
  });
});
