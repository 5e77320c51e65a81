/**
 * The flows that do parts of an agent's work: they ask people, and do through the engine's own handlers what reaches
 * out of it. Each is a run of its own, with a journal that says what was asked, who answered, and what was done.
 */

import type { Flow, JsonObject, Schema } from '@scriptorium/core';
import { compileFlow, formatDiagnostic } from '@scriptorium/flow';
import type { Callable } from '@scriptorium/flow';

export const APPROVAL = 'agents/approval';
export const HTTP_READ = 'agents/http-read';
export const HTTP_SEND = 'agents/http-send';
export const PROGRAM = 'agents/program';

export type Question = 'text' | 'yes-no' | 'number';

export function questionFlow(answer: Question): string {
  return `agents/question-${answer}`;
}

/** What the flows here say of handlers that the engine has. */
const engineHandlers: readonly Callable[] = [
  { name: 'core/http', version: '1.0.0', input: true, output: true, effects: 'write', errors: ['http.blocked', 'http.status'] },
  { name: 'core/exec', version: '1.0.0', input: true, output: true, effects: 'write', errors: ['exec.failed', 'exec.output'] },
];

const decision: Schema = {
  type: 'object',
  required: ['decision'],
  properties: { decision: { enum: ['approve', 'refuse'] }, note: { type: 'string', maxLength: 2_000 } },
  additionalProperties: false,
};

/** Somebody in one of the roles `to`, or anybody where there is none, is asked for as long as `within` says; without an answer the flow gives null. */
function asking(flow: string, answer: Schema): JsonObject {
  const text = { type: 'string' };
  return {
    flow,
    version: '1.0.0',
    input: { ask: text, to: { type: 'array', items: text }, within: text },
    steps: {
      asked: {
        steps: {
          person: { wait: { event: 'answer', ask: '${ input.ask }', to: '${ input.to }', answer } },
          late: { steps: { time: { wait: { for: '${ input.within }' } }, up: { needs: ['time'], value: true } }, output: '${ up }' },
        },
        until: '${ person != null || late != null }',
        output: '${ person }',
      },
    },
    output: { answer: '${ asked }' },
  };
}

const url: Schema = { type: 'string' };
const hosts: Schema = { type: 'array', items: { type: 'string' } };
/** Characters of a page, and of what a program prints, that are kept: with how they are written as JSON a model is told all of them. */
const EXCERPT = 30_000;
const retry: JsonObject = { max: 3, delay: '1s', factor: 2, errors: ['rate_limited', 'overloaded', 'io'] };

const definitions: readonly JsonObject[] = [
  asking(APPROVAL, decision),
  asking(questionFlow('text'), { type: 'string', maxLength: 20_000 }),
  asking(questionFlow('yes-no'), { enum: ['yes', 'no'] }),
  asking(questionFlow('number'), { type: 'number' }),
  {
    flow: HTTP_READ,
    version: '1.1.0',
    input: { url, method: { type: 'string' }, hosts },
    steps: {
      ask: {
        uses: 'core/http',
        with: { url: '${ input.url }', method: '${ input.method }', hosts: '${ input.hosts }', excerpt: EXCERPT },
        retry,
      },
    },
    output: '${ ask }',
  },
  {
    flow: HTTP_SEND,
    version: '1.1.0',
    input: { url, method: { type: 'string' }, hosts, body: { type: 'string' }, type: { type: 'string' } },
    steps: {
      send: {
        uses: 'core/http',
        with: {
          url: '${ input.url }',
          method: '${ input.method }',
          hosts: '${ input.hosts }',
          body: '${ input.body }',
          headers: { 'content-type': '${ input.type }' },
          excerpt: EXCERPT,
        },
      },
    },
    output: '${ send }',
  },
  {
    flow: PROGRAM,
    version: '1.1.0',
    input: { argv: { type: 'array', items: { type: 'string' } } },
    steps: {
      done: {
        uses: 'core/exec',
        with: {
          argv: '${ input.argv }',
          stdout: 'text',
          excerpt: EXCERPT,
          timeoutMs: 120_000,
          maxOutputBytes: 1_000_000,
          memoryMb: 1_024,
        },
      },
    },
    output: '${ done }',
  },
];

/** Their names. */
export const PART_FLOWS: readonly string[] = definitions.map(({ flow }) => String(flow));

let known: readonly Flow[] | undefined;

/** What the handler of agents has as its own `flows`; compiled when somebody asks for them. */
export function toolFlows(): readonly Flow[] {
  known ??= definitions.map(compiled);
  return known;
}

function compiled(definition: JsonObject): Flow {
  const callables = new Map(engineHandlers.map((handler) => [handler.name, handler]));
  const { flow, diagnostics } = compileFlow(definition, { file: `${String(definition['flow'])}.flow.json`, callables });
  if (flow !== null) return flow;
  throw new Error(diagnostics.map((one) => formatDiagnostic(one, JSON.stringify(definition, null, 2))).join('\n'));
}
