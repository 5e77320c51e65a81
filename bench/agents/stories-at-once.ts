/**
 * `npm run bench -- stories-at-once [stories]`: so many stories at once with a model that answers after 50 ms, by the
 * story workflow, and beside it by a plain loop around the `ai` package that asks the same and keeps nothing. Each in a
 * process of its own. What a call costs beside the model: the time between an answer and the next question of the same
 * story, and processor time.
 */

import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { agentModule } from '@scriptorium/agents';
import type { JsonObject } from '@scriptorium/core';
import { coreHandlers, openEngine } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { handlers as storyHandlers } from '@scriptorium/stories';
import { agentOf, usualAnswer } from '@scriptorium/stories/scripted-agents';
import type { Agent } from '@scriptorium/stories/scripted-agents';
import { defaultsOf, storyFlow } from '@scriptorium/stories/story-flow';
import { streamText } from 'ai';

const MODEL_MS = 50;
const WARM = 20;

/** Asked by one agent right after the other, with no other step between. */
const ADJACENT: ReadonlySet<Agent> = new Set<Agent>(['continuity', 'critic']);

interface Asked {
  readonly messages: readonly { readonly role: 'system' | 'user'; readonly content: string }[];
  readonly seed?: number;
  readonly response_format?: unknown;
}

interface Call {
  readonly gapMs: number;
  readonly isAdjacent: boolean;
}

const paragraph = 'Ann stood on the quay and looked at the water, which was as grey as the year before. ';
const text = Array.from({ length: 10 }, () => paragraph.repeat(3).trim()).join('\n\n');

/** A story of one chapter that is accepted at once, and as long as a chapter is. */
function answerOf(agent: Agent): JsonObject {
  const { json } = usualAnswer(agent, '');
  return agent === 'writer' ? { ...json, text } : json;
}

/** The service: answers as one does that streams, and notes how long a story took to ask again. */
function createService(): { readonly fetch: typeof fetch; readonly calls: Call[]; readonly bodies: Asked[] } {
  const calls: Call[] = [];
  const bodies: Asked[] = [];
  const answeredAt = new Map<number, number>();
  const answer = async (_: unknown, init?: RequestInit): Promise<Response> => {
    const body = JSON.parse(init?.body as string) as Asked;
    const agent = agentOf(body);
    const before = answeredAt.get(body.seed ?? 0);
    if (before !== undefined) calls.push({ gapMs: performance.now() - before, isAdjacent: ADJACENT.has(agent) });
    if (!bodies.some((one) => agentOf(one) === agent)) bodies.push(body);
    await new Promise((resolve) => setTimeout(resolve, MODEL_MS));
    answeredAt.set(body.seed ?? 0, performance.now());
    const piece = (delta: object, finish: string | null, more: object = {}): string =>
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 0, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`;
    const usage = { prompt_tokens: 1_000, completion_tokens: 300, total_tokens: 1_300 };
    const text =
      piece({ role: 'assistant', content: JSON.stringify(answerOf(agent)) }, null) + piece({}, 'stop', { usage }) + 'data: [DONE]\n\n';
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
  const flow = storyFlow([...coreHandlers, ...modules.flatMap(({ handlers }) => handlers)], [['concurrent: 4,', 'concurrent: 100000,']]);
  const home = mkdtempSync(join(tmpdir(), 'scriptorium-at-once-'));
  const engine = await openEngine({ home: join(home, 'store'), modules, contracts: createContracts(), env: {} });
  const options = { mode: 'strict', test: false, dryRun: false, limit: null, out: join(home, 'out'), fresh: true, modules: [] } as const;
  const settings = { ...defaultsOf(flow), model: ['house'], cheaper: ['house'], approvals: 'none', spent: 'stop' };
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
  const bodyOf = (agent: Agent): Asked => {
    const found = bodies.find((body) => agentOf(body) === agent);
    if (found === undefined) throw new Error(`nobody asked ${agent}`);
    return found;
  };
  const provider = createOpenAICompatible({ name: 'compatible', baseURL: 'http://model/v1', fetch: service.fetch, includeUsage: true });
  const ask = async (agent: Agent, seed: number): Promise<JsonObject> => {
    const [system, ...messages] = bodyOf(agent).messages;
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
    for (const agent of ['concept', 'plot'] as const) await ask(agent, seed);
    await Promise.all((['character', 'character', 'world'] as const).map((agent) => ask(agent, seed)));
    for (const agent of ['writer', 'continuity', 'critic', 'editor'] as const) await ask(agent, seed);
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
