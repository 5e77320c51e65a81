/**
 * `npm run bench -- stories-at-once [stories]`: so many stories at once with a model that answers after 50 ms, by the
 * story workflow, and beside it by a plain loop around the `ai` package that asks the same and keeps nothing. Each in a
 * process of its own. What a call costs beside the model: the time between an answer and the next question of the same
 * story, and processor time.
 */

import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { agentModule } from '@scriptorium/agents';
import type { JsonObject } from '@scriptorium/core';
import { coreHandlers, openEngine } from '@scriptorium/engine';
import { compileFlow, createContracts } from '@scriptorium/flow';
import { handlers as storyHandlers, storiesFlow } from '@scriptorium/stories';
import { streamText } from 'ai';

const MODEL_MS = 50;
const WARM = 20;

/** Asked by one agent right after the other, with no other step between. */
const ADJACENT: ReadonlySet<string> = new Set(['You read', 'You judge']);

interface Asked {
  readonly messages: readonly { readonly role: 'system' | 'user'; readonly content: string }[];
  readonly seed?: number;
  readonly response_format?: unknown;
}

interface Call {
  readonly gapMs: number;
  readonly isAdjacent: boolean;
}

const dimensions = 'structure coherence genre character pacing theme dialogue setting emotion originality technique'.split(' ');
const concept = { title: 'Salt', premise: 'p', protagonist: 'Ann', conflict: 'c', setting: 's', themes: ['t'], hook: 'h' };
const chapter = { title: 'One', purpose: 'p', conflict: 'c', place: 'the quay', people: ['Ann'], thread: 1 };
const paragraph = 'Ann stood on the quay and looked at the water, which was as grey as the year before. ';

/** A story of one chapter that is accepted at once, by what the instructions begin with. */
const answers: { readonly [beginning: string]: unknown } = {
  'You invent': { concepts: [concept, concept, concept], choice: 0 },
  'You plot': { framework: 'three_acts', beats: ['b'], cast: ['Ann', 'Bo'], chapters: [chapter] },
  'You know': { name: 'Ann', profile: 'p', voice: 'v' },
  'You build': { places: ['the quay'], rules: [], history: 'h' },
  'You write': { text: Array.from({ length: 10 }, () => paragraph.repeat(3).trim()).join('\n\n'), memory: ['Ann stood.'] },
  'You read': { contradictions: [] },
  'You judge': { scores: Object.fromEntries(dimensions.map((name) => [name, 9])), notes: [], next: 'keep' },
  'You edit': { edits: [{ before: 'stood', after: 'waited' }] },
};

/** The service: answers as one does that streams, and notes how long a story took to ask again. */
function createService(): { readonly fetch: typeof fetch; readonly calls: Call[]; readonly bodies: Asked[] } {
  const calls: Call[] = [];
  const bodies: Asked[] = [];
  const answeredAt = new Map<number, number>();
  const answer = async (_: unknown, init?: RequestInit): Promise<Response> => {
    const body = JSON.parse(init?.body as string) as Asked;
    const system = body.messages[0]?.content ?? '';
    const beginning = Object.keys(answers).find((one) => system.startsWith(one)) ?? '';
    const before = answeredAt.get(body.seed ?? 0);
    if (before !== undefined) calls.push({ gapMs: performance.now() - before, isAdjacent: ADJACENT.has(beginning) });
    if (bodies.length < Object.keys(answers).length + 1) bodies.push(body);
    await new Promise((resolve) => setTimeout(resolve, MODEL_MS));
    answeredAt.set(body.seed ?? 0, performance.now());
    const piece = (delta: object, finish: string | null, more: object = {}): string =>
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 0, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`;
    const usage = { prompt_tokens: 1_000, completion_tokens: 300, total_tokens: 1_300 };
    const text =
      piece({ role: 'assistant', content: JSON.stringify(answers[beginning]) }, null) + piece({}, 'stop', { usage }) + 'data: [DONE]\n\n';
    return new Response(text, { headers: { 'content-type': 'text/event-stream' } });
  };
  return { fetch: answer, calls, bodies };
}

type Service = ReturnType<typeof createService>;

/** Returns how to tell so many stories, and how to end. */
async function durable(service: Service): Promise<Teller> {
  const entry = { provider: 'compatible', model: 'm', url: 'http://model/v1', price: { input: 1, output: 10 } } as const;
  // This process is for nothing else, so the service may stand in the place of all others.
  globalThis.fetch = service.fetch;
  const agents = agentModule({ env: {}, models: { house: entry }, own: [] });
  const modules = [agents, { url: import.meta.url, handlers: storyHandlers }];
  const callables = new Map([...coreHandlers, ...modules.flatMap(({ handlers }) => handlers)].map((one) => [one.name, one]));
  const read = (path: string): { readonly file: string; readonly source: string } => ({
    file: path,
    source: readFileSync(join(dirname(storiesFlow.file), path), 'utf8'),
  });
  const source = readFileSync(storiesFlow.file, 'utf8').replace('concurrent: 4,', 'concurrent: 100000,');
  const { flow, diagnostics } = compileFlow(source, { file: 'stories.flow.yaml', callables, read });
  if (flow === null) throw new Error(diagnostics.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  const home = mkdtempSync(join(tmpdir(), 'scriptorium-at-once-'));
  const engine = await openEngine({ home: join(home, 'store'), modules, contracts: createContracts(), env: {} });
  const options = { mode: 'strict', test: false, dryRun: false, limit: null, out: join(home, 'out'), fresh: true, modules: [] } as const;
  const settings = {
    model: ['house'],
    cheaper: ['house'],
    approvals: 'none',
    late: 'accept',
    spent: 'stop',
    target: 8,
    chapters: 8,
    length: 'flash',
  };
  const one = async (seed: number): Promise<void> => {
    const input = { ...settings, premise: `Salt ${seed}.`, seed };
    const run = await engine.start({ flow, input, options, by: 'bench', withinMs: 600_000 });
    for await (const { endedAt, status, error } of engine.watch(run, { everyMs: 5_000 }))
      if (endedAt !== null && status !== 'succeeded') throw new Error(`${run}: ${error?.message}`);
  };
  return {
    tell: async (from, count) => {
      await Promise.all(Array.from({ length: count }, (_, index) => one(from + index)));
    },
    end: async () => {
      await engine.stop();
      rmSync(home, { recursive: true });
    },
  };
}

/** The same questions in the same order, each with the `ai` package, and nothing else. */
async function plain(service: Service): Promise<Teller> {
  const first = await durable(service);
  await first.tell(-1, 1);
  await first.end();
  const bodies = [...service.bodies];
  const byBeginning = (beginning: string): Asked => {
    const found = bodies.find(({ messages }) => messages[0]?.content.startsWith(beginning));
    if (found === undefined) throw new Error(`nobody asked ${beginning}`);
    return found;
  };
  const provider = createOpenAICompatible({ name: 'compatible', baseURL: 'http://model/v1', fetch: service.fetch, includeUsage: true });
  const ask = async (beginning: string, seed: number): Promise<JsonObject> => {
    const [system, ...messages] = byBeginning(beginning).messages;
    const result = streamText({
      model: provider('m'),
      ...(system === undefined ? {} : { system: system.content }),
      messages: messages.map(({ content }) => ({ role: 'user' as const, content })),
      maxRetries: 0,
      seed,
    });
    let text = '';
    for await (const piece of result.textStream) text += piece;
    return JSON.parse(text) as JsonObject;
  };
  const one = async (seed: number): Promise<void> => {
    for (const beginning of ['You invent', 'You plot']) await ask(beginning, seed);
    await Promise.all(['You know', 'You know', 'You build'].map((beginning) => ask(beginning, seed)));
    for (const beginning of ['You write', 'You read', 'You judge', 'You edit']) await ask(beginning, seed);
  };
  return {
    tell: async (from, count) => {
      await Promise.all(Array.from({ length: count }, (_, index) => one(from + index)));
    },
    end: async () => undefined,
  };
}

interface Teller {
  readonly tell: (from: number, count: number) => Promise<void>;
  readonly end: () => Promise<void>;
}

interface Figures {
  readonly calls: number;
  readonly seconds: number;
  readonly processorMs: number;
  readonly gaps: readonly [p50: number, p99: number];
  readonly adjacent: readonly [p50: number, p99: number];
  readonly rssMb: number;
  readonly heapMb: number;
}

async function measure(kind: string, stories: number): Promise<Figures> {
  const service = createService();
  const teller = await (kind === 'durable' ? durable : plain)(service);
  await teller.tell(1, WARM);
  service.calls.length = 0;
  let [rss, heap] = [0, 0];
  const sample = (): void => {
    const { rss: now, heapUsed } = process.memoryUsage();
    [rss, heap] = [Math.max(rss, now), Math.max(heap, heapUsed)];
  };
  const sampling = setInterval(sample, 100);
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  await teller.tell(1_000, stories);
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(sampling);
  sample();
  const { calls } = service;
  // The first call of a story follows no answer.
  const all = calls.length + stories;
  await teller.end();
  const gapsOf = (own: readonly Call[]): readonly [number, number] => [quantile(own, 0.5), quantile(own, 0.99)];
  return {
    calls: all,
    seconds,
    processorMs: (user + system) / 1_000 / all,
    gaps: gapsOf(calls),
    adjacent: gapsOf(calls.filter(({ isAdjacent }) => isAdjacent)),
    rssMb: rss / 1e6,
    heapMb: heap / 1e6,
  };
}

function quantile(calls: readonly Call[], share: number): number {
  const sorted = calls.map(({ gapMs }) => gapMs).toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

async function alone(kind: string, stories: number): Promise<Figures> {
  const child = fork(import.meta.filename, [kind, String(stories)]);
  return new Promise((resolve, reject) => {
    child.once('message', (figures) => resolve(figures as Figures));
    child.once('exit', (code) => reject(new Error(`${kind} ended with ${code}`)));
  });
}

const [first = '1000', second = ''] = process.argv.slice(2);
if (process.send === undefined) {
  const stories = Number(first);
  console.log(
    '| stories at once | calls | calls/s | processor, a call | gap p50 | p99 | adjacent p50 | p99 | RSS at most | heap at most |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  for (const count of stories > 1 ? [1, stories] : [1])
    for (const kind of ['plain', 'durable']) {
      const { calls, seconds, processorMs, gaps, adjacent, rssMb, heapMb } = await alone(kind, count);
      const times = [...gaps, ...adjacent].map((ms) => `${ms.toFixed(1)} ms`).join(' | ');
      const rate = (calls / seconds).toFixed(0);
      console.log(
        `| ${count}, ${kind} | ${calls} | ${rate} | ${processorMs.toFixed(2)} ms | ${times} | ${rssMb.toFixed(0)} MB | ${heapMb.toFixed(0)} MB |`,
      );
    }
} else {
  const figures = await measure(first, Number(second));
  process.send(figures, () => process.exit());
}
