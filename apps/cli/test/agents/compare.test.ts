import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import type { AgentReport } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import type { Asked, ModelServer } from '@scriptorium/agents/model-server';
import type { Json, Schema } from '@scriptorium/core';
import { createContracts } from '@scriptorium/flow';
import { until } from '../engine/kit.ts';
import { createCommandLine } from '../command-line.ts';

const reportSchema = JSON.parse(
  readFileSync(new URL('../../../../packages/engine/src/reports/report.schema.json', import.meta.url), 'utf8'),
) as Schema;

const flow = `flow: try/lines
version: "1.0.0"
steps:
  facts:
    uses: core/agent
    with: { agent: reader, model: plain, prompt: "What is known?" }
  lines:
    each: { in: "\${ ['frogs', 'ponds', 'rain', 'stones'] }", as: about, key: "\${ about }", workers: 2 }
    steps:
      write:
        uses: core/agent
        retry: { max: 2, delay: 1ms, errors: [contract.output] }
        with: { agent: writer, model: plain, system: "file:prompts/plain.md", prompt: "A line.", about: "\${ about }", known: "\${ facts.text }" }
        returns: { type: object, required: [line], properties: { line: { type: string } } }
      judge:
        uses: core/score
        with: { of: write, value: "\${ write.line }", rules: { long: { words: { min: 4 } }, named: { has: ["\${ about }"] } } }
    output: { line: "\${ write.line }", score: "\${ judge.score }" }
output: { lines: "\${ lines.ok.map(one, one.line) }" }
`;

/** The plain model writes two words and breaks its contract once; the better one names what the line is about, but for one. */
function answer(
  { model, messages }: Asked,
  number: number,
): { readonly json?: unknown; readonly text?: string; readonly usage?: { readonly input: number; readonly output: number } } {
  const text = JSON.stringify(messages);
  const about = /## about\\n\\n(\w+)/.exec(text)?.[1];
  if (about === undefined) return { text: 'Water is wet.' };
  if (model === 'a' && about === 'frogs' && !text.includes('cannot be used')) return { text: `no JSON ${number}` };
  const isPoet = text.includes('You are a poet');
  if (model === 'a') return { json: { line: isPoet ? `o ${about}` : 'old pond' } };
  return { json: { line: about === 'rain' ? 'old pond' : `the ${about} sound of water` }, usage: { input: 100, output: 40 } };
}

interface World {
  readonly server: ModelServer;
  readonly directory: string;
  readonly call: ReturnType<typeof createCommandLine>['call'];
}

async function world(t: TestContext): Promise<World> {
  const server = await startModelServer(answer);
  t.after(() => server.close());
  const { call, directory } = createCommandLine(t, {});
  mkdirSync(join(directory, 'prompts'));
  writeFileSync(join(directory, 'prompts', 'plain.md'), 'You write lines.\n');
  writeFileSync(join(directory, 'prompts', 'poet.md'), 'You are a poet.\n');
  writeFileSync(join(directory, 'lines.flow.yaml'), flow);
  const entry = (model: string): string =>
    `{ provider: compatible, model: ${model}, url: "${server.url}", price: { input: 1, output: 10 } }`;
  writeFileSync(join(directory, 'scriptorium.config.yaml'), `out: out\nmodels: { plain: ${entry('a')}, better: ${entry('b')} }\n`);
  const { code, out, err } = await call('run', 'lines.flow.yaml', '--no-progress', '--json');
  assert.equal(code, 0, out + err);
  return { server, directory, call };
}

interface Compared {
  readonly settings: readonly { readonly path: string; readonly b?: unknown }[];
  readonly items: readonly {
    readonly step: string | null;
    readonly key: string | null;
    readonly a: { readonly score: number; readonly usd: number; readonly calls: number };
    readonly b: { readonly score: number; readonly usd: number; readonly calls: number };
    readonly output: readonly { readonly path: string; readonly a: unknown; readonly b: unknown }[];
  }[];
  readonly score: { readonly better: number; readonly same: number; readonly worse: number; readonly p: number };
  readonly usd: { readonly better: number; readonly worse: number };
  readonly work: { readonly b: { readonly attempts: number; readonly reused: number; readonly usd: number } };
}

it('two models on the same items are compared by one command: only what depends on the model is done again', async (t) => {
  const { server, directory, call } = await world(t);
  const before = server.asked.length;
  const first = await agentsIn(directory, call);
  assert.deepEqual(first.shown, ['reader compatible/a 1 0', 'writer compatible/a 5 0']);
  assert.equal(before, 6, 'one for the facts, four lines, and one that broke its contract');
  const { code, out, err } = await call('compare', 'latest', '--set', 'agents.writer.model=better', '--no-progress', '--json');
  assert.equal(code, 0, out + err);
  assert.deepEqual(
    server.asked.slice(before).map(({ model }) => model),
    ['b', 'b', 'b', 'b'],
  );
  const { settings, items, score, usd, work } = JSON.parse(out) as Compared;
  assert.deepEqual(settings, [{ path: 'agents.writer.model', b: 'better' }]);
  const lines = items.filter(({ step }) => step === 'lines');
  assert.deepEqual(
    lines.map(({ key, a, b, output }) => [key, a.score, b.score, a.calls, b.calls, output.map(({ path }) => path)]),
    [
      ['frogs', 0.25, 1, 2, 1, ['output.line', 'output.score']],
      ['ponds', 0.25, 1, 1, 1, ['output.line', 'output.score']],
      ['rain', 0.25, 0.25, 1, 1, []],
      ['stones', 0.25, 1, 1, 1, ['output.line', 'output.score']],
    ],
  );
  const whole = items.find(({ step }) => step === null);
  assert.deepEqual([whole?.a.calls, whole?.b.calls, whole?.a.usd === whole?.b.usd], [1, 1, true], 'what was taken over counts in both');
  assert.deepEqual([score.better, score.same, score.worse, score.p], [3, 1, 0, 0.25]);
  assert.deepEqual([usd.better, usd.worse], [1, 3], 'the better one writes more, but need not be asked twice about frogs');
  // The facts, and the judgement of the line that is the same, were taken over.
  assert.deepEqual([work.b.attempts, work.b.reused], [7, 2]);
  assert.ok(Math.abs(work.b.usd - 4 * 0.0005) < 1e-9, String(work.b.usd));
  const second = await agentsIn(directory, call);
  assert.deepEqual(second.shown, ['reader compatible/a 0 1', 'writer compatible/b 4 0'], 'what was taken over stands apart');
  assert.ok(second.path.length > 0 && second.path.every((step) => step.startsWith('lines/')), second.path.join());
});

/** What the report of the latest run, as it lies on the disk, says of agents; the command says the same. */
async function agentsIn(
  directory: string,
  call: World['call'],
): Promise<{ readonly shown: readonly string[]; readonly path: readonly string[] }> {
  const said = JSON.parse((await call('agents', 'latest', '--json')).out) as { readonly run: string };
  const report = JSON.parse(readFileSync(join(directory, 'out', 'logs', said.run, 'report.json'), 'utf8')) as {
    readonly agents: AgentReport;
  };
  assert.deepEqual(createContracts().compile(reportSchema)(report as unknown as Json), []);
  assert.deepEqual(report.agents, omit(said, 'run', 'version'));
  return {
    shown: report.agents.agents.map(({ agent, model, calls, reused }) => `${agent} ${model} ${calls} ${reused.calls}`).toSorted(),
    path: report.agents.criticalPath.map(({ step }) => step),
  };
}

function omit(object: object, ...names: readonly string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

it('within called flows, too, only what depends on the change is done again', async (t) => {
  const server = await startModelServer(({ model, messages }) => ({ text: `${model}: ${String(messages.at(-1)?.content).length}` }));
  t.after(() => server.close());
  const { call, directory } = createCommandLine(t, {});
  const step = (agent: string, more: string): string =>
    `${agent}: { uses: core/agent, with: { agent: ${agent}, model: plain, prompt: "Work.", ${more} } }`;
  const inner = `flow: try/page
version: "1.0.0"
input: { about: { type: string } }
steps:
  ${step('writer', 'about: "${ input.about }"')}
  ${step('critic', 'text: "${ writer.text }"')}
output: "\${ critic.text }"
`;
  const middle = inner
    .replace('try/page', 'try/middle')
    .replace(/ {2}critic: .*/, '  critic: { uses: try/page, with: { about: "${ writer.text }" } }');
  const outer = `flow: try/book
version: "1.0.0"
steps:
  all:
    each: { in: "\${ ['rain', 'salt'] }", as: about, key: "\${ about }" }
    steps: { page: { uses: try/middle, with: { about: "\${ about }" } } }
`;
  writeFileSync(join(directory, 'page.flow.yaml'), inner);
  writeFileSync(join(directory, 'middle.flow.yaml'), middle.replace('${ critic.text }', '${ critic }'));
  writeFileSync(join(directory, 'book.flow.yaml'), outer);
  const entry = (model: string): string =>
    `{ provider: compatible, model: ${model}, url: "${server.url}", price: { input: 1, output: 10 } }`;
  writeFileSync(join(directory, 'scriptorium.config.yaml'), `out: out\nmodels: { plain: ${entry('a')}, better: ${entry('b')} }\n`);
  const first = await call('run', 'book.flow.yaml', '--no-progress');
  assert.equal(first.code, 0, first.err);
  assert.equal(server.asked.length, 6);
  const { code, out, err } = await call('compare', 'latest', '--set', 'agents.critic.model=better', '--no-progress', '--json');
  assert.equal(code, 0, out + err);
  assert.deepEqual(
    server.asked.slice(6).map(({ model }) => model),
    ['b', 'b'],
  );
  const { work } = JSON.parse(out) as Compared;
  assert.ok(Math.abs(work.b.usd - 2 * 0.0003) < 1e-9, `${work.b.usd} USD`);
  const { shown } = await agentsIn(directory, call);
  assert.deepEqual(shown, ['critic compatible/b 2 0', 'writer compatible/a 0 4']);
});

it('what an agent writes is told piece by piece while it writes, also in a run of a step', async (t) => {
  const text = 'An old silent pond, and a frog that jumps into it: the sound of water. '.repeat(3).trim();
  const server = await startModelServer(() => ({ text }));
  t.after(() => server.close());
  const { call, directory } = createCommandLine(t, {});
  const agent = '{ needs: [go], uses: core/agent, with: { model: plain, prompt: "A haiku." } }';
  const wait = 'go: { wait: { event: go, ask: "Go on?", answer: { enum: [yes] } }, timeout: 1d }';
  const inner =
    'flow: try/inner\nversion: "1.0.0"\nsteps:\n  write: { uses: core/agent, with: { model: plain, prompt: "A haiku." } }\noutput: "${ write.text }"\n';
  const outer = `flow: try/outer\nversion: "1.0.0"\nsteps:\n  ${wait}\n  write: ${agent}\n  below: { needs: [write], uses: try/inner }\noutput: "\${ below }"\n`;
  writeFileSync(join(directory, 'inner.flow.yaml'), inner);
  writeFileSync(join(directory, 'outer.flow.yaml'), outer);
  writeFileSync(
    join(directory, 'scriptorium.config.yaml'),
    `out: out\nmodels: { plain: { provider: compatible, model: a, url: "${server.url}" } }\n`,
  );
  const started = call('run', 'outer.flow.yaml', '--progress', 'json');
  await Promise.race([
    until(async () => (await call('waits', '--json')).out.includes('Go on?')),
    started.then(({ err }) => assert.fail(err)),
  ]);
  const answered = await call('answer', 'latest', 'go', 'yes');
  assert.equal(answered.code, 0, answered.err);
  const { code, err } = await started;
  assert.equal(code, 0, err);
  const lines = err
    .trimEnd()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .flatMap((line) => {
      const { type, run, step, text } = JSON.parse(line) as { type: string; run: string; step: string; text: string };
      return type === 'text' ? [{ run, step, text }] : [];
    });
  assert.ok(lines.length > 6, 'it came in one piece');
  const runs = new Set(lines.map(({ run }) => run));
  assert.equal(runs.size, 2);
  for (const run of runs)
    assert.equal(
      lines
        .filter((line) => line.run === run)
        .map((line) => line.text)
        .join(''),
      text,
    );
});

it('two prompts are compared the same way, in words, and the figures of each agent have scores and contract failures', async (t) => {
  const { server, call } = await world(t);
  const before = server.asked.length;
  const compared = await call('compare', 'latest', '--set', 'agents.writer.system=file:prompts/poet.md', '--no-progress');
  assert.equal(compared.code, 0, compared.out + compared.err);
  assert.ok(server.asked.slice(before).every(({ messages }) => messages[0]?.content === 'You are a poet.'));
  assert.match(compared.out, /agents\.writer\.system/);
  assert.match(compared.out, /named +0\.000 +1\.000 +4 +0 +0 +0\.125/);
  assert.match(compared.out, /long +0\.500 +0\.500 +0 +4 +0 +1\.000/);
  assert.match(compared.out, /output\.line: "old pond" → "o ponds"/);
  const { out } = await call('agents', 'latest', '--json');
  const { agents } = JSON.parse(out) as {
    agents: readonly {
      agent: string;
      calls: number;
      retries: number;
      contractFailures: number;
      scores: { [name: string]: object };
      criticalShare: number;
    }[];
  };
  const writer = agents.find(({ agent }) => agent === 'writer');
  assert.deepEqual([writer?.calls, writer?.retries, writer?.contractFailures], [5, 1, 1]);
  assert.deepEqual(writer?.scores, {
    long: { count: 4, mean: 0.5, least: 0.5, most: 0.5 },
    named: { count: 4, mean: 1, least: 1, most: 1 },
  });
  assert.ok(writer.criticalShare > 0 && writer.criticalShare <= 1, String(writer.criticalShare));
  const report = await call('report', 'latest');
  assert.match(report.out, /writer +compatible\/a +5 /);
  assert.match((await call('report', 'latest', '--json')).out, /"agents": \{\s+"agents": \[\s+\{\s+"agent": "writer"/);
});
