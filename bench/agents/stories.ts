/**
 * `npm run stories [folder]`: everything of a folder of premises (DOC, WriteHERE) by the offline model. Each premise
 * becomes a story in every length; and each prompt of DOC, filled as its authors fill it (setting, entities, outline,
 * events, scenes, who appears), is asked of an agent for each premise. Says how many ended as they must, with what, and
 * in how long.
 */

import { readdirSync, readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentModule, offlineModel } from '@scriptorium/agents';
import { defineHandler } from '@scriptorium/core';
import type { Flow, Json, JsonObject } from '@scriptorium/core';
import { coreHandlers, openEngine } from '@scriptorium/engine';
import { compileFlow, createContracts } from '@scriptorium/flow';
import { storiesFlow } from '@scriptorium/stories';
import { defaultsOf, storyFlow } from '@scriptorium/stories/story-flow';

const folder = process.argv[2] ?? '../shared/corpus/prompts';
const files = readdirSync(folder).toSorted();
const premises = files
  .filter((name) => name.endsWith('.jsonl'))
  .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
  .map((line) => (JSON.parse(line) as { readonly value: string }).value);
const prompts = files
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => promptsOf(name.replace('.json', ''), JSON.parse(readFileSync(join(folder, name), 'utf8')) as Json));

/** Every prompt of a tree of them, by where it stands. */
function promptsOf(path: string, tree: Json): readonly { readonly path: string; readonly text: string }[] {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return [];
  const { instruction, ...rest } = tree as JsonObject;
  const own = typeof instruction === 'string' ? [{ path, text: instruction }] : [];
  return [...own, ...Object.entries(rest).flatMap(([name, value]) => promptsOf(`${path}/${name}`, value))];
}

const fill = defineHandler({
  name: 'doc/fill',
  version: '1.0.0',
  doc: 'Puts what is known in the place of {names}.',
  input: { type: 'object', required: ['text', 'known'], properties: { text: { type: 'string' }, known: { type: 'object' } } },
  output: { type: 'string' },
  effects: 'none',
  run: ({ text, known }: { readonly text: string; readonly known: JsonObject }) =>
    text.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => String(known[name] ?? '')),
});

/** DOC asks for a setting first; what its other prompts are filled with grows from prompt to prompt. */
const planning = `
flow: doc/plan
version: "1.0.0"
input:
  premise: { type: string }
  prompts: { type: array, items: { type: object, properties: { path: { type: string }, text: { type: string } } } }
states:
  ask:
    max: 100
    steps:
      prompt: { value: "\${ input.prompts[visits - 1] }" }
      filled:
        uses: doc/fill
        with:
          text: \${ prompt?.text ?? "" }
          known:
            title: A Story
            premise: \${ input.premise }
            setting: \${ ask?.answers[0] ?? "" }
            entities: \${ ask?.answers.join("\\n") ?? "" }
            preferred_max_children: "3"
            current_event: \${ ask?.last ?? "" }
            formatted_current_number: "1."
            stripped_current_number: "1"
            name: \${ ask?.last ?? "" }
      answer: { uses: core/agent, with: { model: offline, agent: planner, prompt: "\${ filled }" } }
    output: { answers: "\${ (ask?.answers ?? []) + [answer.text] }", last: "\${ answer.text }" }
    next: [ { if: "\${ visits < input.prompts.size() }", to: ask }, { to: done } ]
  done: { value: "\${ ask.answers }" }
output: \${ done }
`;

const agents = agentModule({ env: {}, models: {}, own: [offlineModel] });
const own = { url: import.meta.url, handlers: [fill] };
const modules = [agents, storiesFlow.module, own];
const callables = new Map([...coreHandlers, ...modules.flatMap(({ handlers }) => handlers)].map((one) => [one.name, one]));

function compiled(source: string): Flow {
  const { flow, diagnostics } = compileFlow(source, { file: 'plan.flow.yaml', callables });
  if (flow === null) throw new Error(diagnostics.map(({ line, message }) => `${line} ${message}`).join('\n'));
  return flow;
}

const home = mkdtempSync(join(tmpdir(), 'scriptorium-stories-'));
const engine = await openEngine({ home: join(home, 'store'), modules, contracts: createContracts(), env: {} });
const options = { mode: 'strict', test: false, dryRun: false, limit: null, out: join(home, 'out'), fresh: true, modules: [] } as const;

interface Told {
  readonly kind: string;
  readonly runs: number;
  readonly failures: number;
  readonly words: number;
  readonly calls: number;
  readonly ms: number;
}

async function tell(kind: string, flow: Flow, inputs: readonly JsonObject[]): Promise<Told> {
  const startedAt = performance.now();
  const sum = { failures: 0, words: 0, calls: 0 };
  for (const input of inputs) {
    const run = await engine.start({ flow, input, options, by: 'bench' });
    for await (const { endedAt, status, output, error, progress } of engine.watch(run, { everyMs: 50 })) {
      if (endedAt === null) continue;
      sum.failures += status === 'succeeded' && wordsOf(output) > 0 ? 0 : 1;
      sum.words += wordsOf(output);
      sum.calls += progress.usage.used.calls ?? 0;
      if (error !== null) console.error(`${kind}: ${error.code}: ${error.message}`);
      break;
    }
  }
  return { kind, runs: inputs.length, ...sum, ms: performance.now() - startedAt };
}

function wordsOf(output: Json): number {
  if (Array.isArray(output)) return output.every((one) => typeof one === 'string' && one !== '') ? output.join(' ').split(/\s+/).length : 0;
  return (output as { readonly words?: number } | null)?.words ?? 0;
}

const told: Told[] = [];
try {
  const stories = storyFlow([...callables.values()]);
  for (const length of ['flash', 'short', 'chapters'])
    told.push(
      await tell(
        `stories, ${length}`,
        stories,
        premises.map((premise) => ({ ...defaultsOf(stories), approvals: 'none', premise, length })),
      ),
    );
  const plan = compiled(planning);
  told.push(
    await tell(
      `plans of ${prompts.length} prompts`,
      plan,
      premises.map((premise) => ({ premise, prompts })),
    ),
  );
} finally {
  await engine.stop();
  rmSync(home, { recursive: true });
}
console.log(`${premises.length} premises and ${prompts.length} prompts in ${files.join(', ')}\n`);
console.log('| what | runs | failures | words | calls | time |\n|---|---|---|---|---|---|');
for (const { kind, runs, failures, words, calls, ms } of told)
  console.log(`| ${kind} | ${runs} | ${failures} | ${words} | ${calls} | ${(ms / 1_000).toFixed(1)} s |`);
if (premises.length === 0 || prompts.length === 0 || told.some(({ failures }) => failures > 0)) process.exitCode = 1;
