/**
 * `core/agent`: a step whose work is done by a language model. One attempt makes one call of the model, notes the
 * answer, and does what tools it asked for; the next attempt goes on from there, until the answer is a final one.
 *
 * 1. Each call of a model is an attempt: it waits for the step's pool, holds its cost in all budgets around it, and is
 *    tried again by the step's policies alone.
 * 2. What was answered is never paid for again: an attempt after a crash goes on with it.
 * 3. An answer that breaks the step's `returns` fails with `contract.output`; the next attempt shows the model what was
 *    wrong with it.
 * 4. No tool is done that the step does not grant; what must be asked about, or is done by a flow, ends the attempt.
 * 5. Of several models the next is asked when one cannot answer; a refusal is an answer.
 */

import { artifactSchema, defineHandler, GoOn, StepError } from '@scriptorium/core';
import type { About, Budget, CallAccount, Context, Cost, Flow, Handler, Json, JsonObject, Notes, Schema } from '@scriptorium/core';
import { contextTool } from '../handoff/context-tool.ts';
import { declinedIn, declineSpecs, materialOfMessage, messageErrors, originalOf, requireInTime } from '../handoff/message.ts';
import type { AgentMessage } from '../handoff/message.ts';
import { modelErrors, UNREACHED } from '../models/failure.ts';
import type { ImagePart, Message, ModelReply, ModelRequest, Models, ModelSettings, ToolCall, ToolSpec } from '../models/model.ts';
import { grantsSchema } from '../tools/granting.ts';
import { loanOf } from '../tools/lending.ts';
import type { LocalTool } from '../tools/tool.ts';
import type { OpenToolbox, Toolbox } from '../tools/toolbox.ts';
import { conversationOf, factsNote, firstMessage, turnNote, turnOf } from './conversation.ts';
import { MAX_IMAGES, readImages, unreadImages } from './images.ts';
import { agentOf, settingsFor, withSettings } from './settings.ts';
import { signed, unsigned } from './signing.ts';
import { fillInstructions, parametersOf, shown } from './instructions.ts';

export interface AgentInput extends JsonObject {
  /** Who it is, in reports and settings; the step's name unless given. */
  readonly agent?: string;
  /** One model, or several of which each is for when those before it cannot answer. */
  readonly model?: string | readonly string[];
  readonly system?: string;
  readonly prompt?: string;
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  readonly seed?: number;
  /** Calls of the model that the step may take. */
  readonly maxTurns?: number;
  /** A message that asks for the work: its agent may refuse it, or hand it back. */
  readonly message?: AgentMessage | null;
  /** What all calls of the agent in the run may use together, from whatever step. */
  readonly budget?: Budget & JsonObject;
  /** What it may use; without them it has none. */
  readonly tools?: Json;
  /** The property of the answer under which it is said who gave it. */
  readonly sign?: string;
  /** The step whose work it judges, where its answer has `scores`. */
  readonly of?: string;
  /** Pictures of the run, shown to the model with the task. */
  readonly images?: readonly Json[];
  /** Material that is as good as the instructions, though it came from elsewhere: its names, or all of it. */
  readonly trusted?: boolean | readonly string[];
}

/** The keys that are settings; every other one is material for the model, under its name. */
const SETTINGS = [
  'agent',
  'model',
  'system',
  'prompt',
  'temperature',
  'maxOutputTokens',
  'seed',
  'maxTurns',
  'message',
  'budget',
  'tools',
  'sign',
  'of',
  'trusted',
  'images',
] as const;

const MAX_TURNS = 20;

/** The note of the tools that there are: what they take is part of the cost of every call, so they are looked at before the first. */
const TOOLS = 'tools';

/** Failures of one model that another may not have. */
const PASSING: ReadonlySet<string> = new Set(['rate_limited', 'overloaded', 'timeout', 'io', 'fatal']);

/** Failures for which no service asks money. */
const UNCHARGED: ReadonlySet<string> = new Set(['rate_limited', 'overloaded', 'fatal', 'agent.invalid']);

const input: Schema = {
  type: 'object',
  properties: {
    agent: { type: 'string', description: 'who it is, in reports and settings' },
    model: {
      description: 'a model, or several: each is for when those before it cannot answer',
      oneOf: [{ type: 'string' }, { type: 'array', minItems: 1, maxItems: 10, items: { type: 'string' } }],
    },
    system: { type: 'string', description: 'instructions, with {{name}} for what the step gives' },
    prompt: { type: 'string', description: 'the task' },
    temperature: { type: 'number', minimum: 0, maximum: 2 },
    maxOutputTokens: { type: 'integer', minimum: 1, maximum: 1_000_000 },
    seed: { type: 'integer' },
    maxTurns: { type: 'integer', minimum: 1, maximum: 200 },
    message: { type: ['object', 'null'], required: ['id', 'from', 'payload'], description: 'the message that asks for the work' },
    budget: {
      type: 'object',
      description: 'what all calls of the agent in the run may use together',
      properties: { usd: { type: 'number', minimum: 0 }, tokens: { type: 'integer', minimum: 0 }, calls: { type: 'integer', minimum: 0 } },
      additionalProperties: false,
      minProperties: 1,
    },
    tools: grantsSchema,
    sign: { type: 'string', description: 'the property of the answer under which it is said who gave it' },
    of: { type: 'string', description: 'the step whose work it judges, where it gives `scores`' },
    images: { type: 'array', maxItems: MAX_IMAGES, items: artifactSchema, description: 'pictures that are shown to the model' },
    trusted: {
      description: 'material from elsewhere that is as good as the instructions: names of it, or all',
      oneOf: [{ type: 'boolean' }, { type: 'array', maxItems: 100, items: { type: 'string' } }],
    },
  },
};

/** What an agent works with. */
export interface AgentParts {
  /** As steps name it; `core/agent` unless given. */
  readonly name?: string;
  readonly models: Models;
  readonly openToolbox: OpenToolbox;
  /** Functions that steps may grant. */
  readonly functions: readonly LocalTool[];
  /** Flows that do what tools ask for, and put questions to people. */
  readonly flows: readonly Flow[];
}

export function createAgent(parts: AgentParts): Handler {
  const agent = defineHandler({
    name: parts.name ?? 'core/agent',
    version: '1.0.0',
    doc: 'Lets a language model do the work of the step, with what else the step gives as its material.',
    input,
    output: true,
    effects: 'read',
    errors: { ...modelErrors, ...messageErrors },
    cost: (given: AgentInput, about) => mostOf(parts.models, given, about),
    settingsOf: (given: AgentInput, { step, key, settings }) =>
      settingsFor(given, settings, { path: step, ...(key === undefined ? {} : { key }) }),
    account: (given: AgentInput, about) => agentAccount(given, about),
    lends: (given) => loanOf(given, parts.functions),
    run: (given: AgentInput, context: Context) => workAsAgent(parts, given, context),
  });
  // Looked at when a run begins that has an agent, and not before.
  return Object.defineProperty({ ...agent }, 'flows', { get: () => parts.flows, enumerable: true });
}

/** The budget of the agent, of whatever step it works for; null where it has none of its own. */
export function agentAccount(asked: AgentInput, { step, key, settings }: About): CallAccount | null {
  const given = withSettings(asked, settings, { path: step, ...(key === undefined ? {} : { key }) });
  return given.budget === undefined ? null : { name: `agent ${agentOf(given, step)}`, budget: given.budget };
}

/** What the next call of its model may use at most; null where none is made. */
export function mostOf(models: Models, asked: AgentInput, { step, key, notes, returns, settings }: About): Cost | null {
  const given = withSettings(asked, settings, { path: step, ...(key === undefined ? {} : { key }) });
  const tools = specsOf(given, notes);
  if (tools === null) return null;
  const request = requestOf(given, returns, conversationOf(opening(given, unreadImages(given.images ?? [])), notes).messages, tools);
  const { name, isLast } = candidateOf(given, notes);
  try {
    return models.find(name).most(request);
  } catch (error) {
    if (isLast) throw error;
    // One that cannot be asked costs nothing: the next one is.
    return null;
  }
}

/** One attempt of the work of an agent, also for handlers that let one work in their own name. */
export async function workAsAgent({ models, openToolbox }: AgentParts, asked: AgentInput, context: Context): Promise<Json | GoOn> {
  const given = withSettings(asked, context.settings, context.step);
  const notes: { [name: string]: Json } = { ...context.notes };
  const note = async (name: string, value: Json): Promise<void> => {
    await context.note(name, value);
    notes[name] = value;
  };
  const { message = null } = given;
  if (message !== null) requireInTime(message, Date.now());
  const own = [contextTool(originalOf(message), context.recall)];
  const tools = await openToolbox(given.tools ?? [], { ...context, notes, note, own });
  try {
    const declined = declinedIn(message, conversationOf(opening(given), notes).turns.at(-1));
    if (declined !== null) throw declined;
    if (specsOf(given, notes) === null) return new GoOn({ [TOOLS]: tools.specs as unknown as Json });
    const waiting = await answerCalls(tools, conversationOf(opening(given), notes).open, isTainted(asked, context));
    return waiting ?? (await takeTurn(models, given, { ...context, notes, note }, tools));
  } finally {
    await tools.close();
  }
}

/** Does what the model asked for, one call after the other; where a flow has to do its part first, that comes next. */
async function answerCalls(tools: Toolbox, calls: readonly ToolCall[], tainted: boolean): Promise<GoOn | null> {
  for (const call of calls) {
    const taken = await tools.take(call, { tainted });
    if (taken.type === 'waiting') return new GoOn({}, taken.call);
  }
  return null;
}

async function takeTurn(models: Models, given: AgentInput, context: Context, tools: Toolbox): Promise<Json | GoOn> {
  const images = await readImages(given.images ?? [], context);
  const { turns, messages } = conversationOf(opening(given, images), context.notes);
  const last = turns.at(-1);
  const { returns } = context.step;
  const correction = last === undefined || last.calls.length > 0 ? null : correctionOf(context);
  if (last?.calls.length === 0 && correction === null) return signed(resultOf(last, returns), given, last, turns.length, context);
  const limit = given.maxTurns ?? MAX_TURNS;
  if (turns.length >= limit) throw new StepError('loop.exceeded', `the agent has not come to an end after ${limit} calls of its model`);
  const asked: readonly Message[] = correction === null ? messages : [...messages, { role: 'user', text: correction }];
  const request = requestOf(given, returns, asked, specsOf(given, context.notes) ?? []);
  const number = turns.length + 1;
  const candidate = candidateOf(given, context.notes);
  const reply = await ask(models, candidate, request, context, number);
  if (reply === null) return new GoOn({ [candidateNote(number)]: candidate.index + 1 });
  const turn = turnOf(number, reply, correction, context.step.attempt);
  const { by, usage, usd, ms, firstMs } = reply;
  const facts = { agent: agentOf(given, context.step.path), by, usage: { ...usage }, usd, ms, firstMs, corrects: correction !== null };
  await Promise.all([context.note(turnNote(number), turn as unknown as Json), context.note(factsNote(number), facts)]);
  const declined = declinedIn(given.message ?? null, turn);
  if (declined !== null) throw declined;
  if (turn.calls.length === 0) return signed(resultOf(turn, returns), given, turn, number, context);
  return (await answerCalls(tools, turn.calls, isTainted(given, context))) ?? new GoOn();
}

/** What cannot carry a wish of somebody else's into the conversation. */
const HARMLESS: ReadonlySet<string> = new Set(['agent', 'model', 'temperature', 'maxOutputTokens', 'seed', 'maxTurns', 'sign', 'of']);

/** Whether the model is told something that came from elsewhere: a file, a page, what another step gave. Raises `fatal` where trust itself did. */
function isTainted({ trusted = [] }: AgentInput, { step: { outside } }: Context): boolean {
  const foreign = outside.filter((name) => !HARMLESS.has(name));
  if (foreign.includes('trusted'))
    throw new StepError('fatal', '`trusted` comes from elsewhere itself', {
      fix: 'Say in the definition, word for word, what is trusted.',
    });
  if (typeof trusted === 'boolean') return !trusted && foreign.length > 0;
  return foreign.some((name) => !trusted.includes(name));
}

/** The tools as the model is told of them from the first turn to the last; null as long as nobody has looked. */
function specsOf({ tools, message }: AgentInput, notes: Notes): readonly ToolSpec[] | null {
  const declining = declineSpecs(message ?? null);
  if (!Array.isArray(tools) || tools.length === 0) return declining;
  const noted = notes[TOOLS] as unknown as readonly ToolSpec[] | undefined;
  return noted === undefined ? null : [...noted, ...declining];
}

/** What the model is told of its last answer, where that was not what the step asks for. */
function correctionOf({ step: { failure } }: Context): string | null {
  if (failure?.code !== 'contract.output') return null;
  return `That answer cannot be used: ${failure.message}. Answer again, with nothing but what was asked for.`;
}

interface Candidate {
  readonly name: string;
  readonly index: number;
  readonly isLast: boolean;
}

function candidateNote(turn: number): string {
  return `model:${turn}`;
}

/** Whom the next call asks: the first, or the one after those that could not answer. */
function candidateOf(given: AgentInput, notes: Notes): Candidate {
  const names = namesOf(given);
  const { turns } = conversationOf(opening(given), notes);
  const noted = notes[candidateNote(turns.length + 1)];
  const index = typeof noted === 'number' ? Math.min(noted, names.length - 1) : 0;
  return { name: names[index] ?? '', index, isLast: index === names.length - 1 };
}

/** Null where it cannot answer and another one is to be asked, in an attempt of its own. */
async function ask(
  models: Models,
  { name, index, isLast }: Candidate,
  request: ModelRequest,
  { signal, spend, stream, step, log }: Context,
  turn: number,
): Promise<ModelReply | null> {
  try {
    const idempotencyKey = `${step.idempotencyKey}:${turn}:${index}`;
    const reply = await models.find(name).call(request, { signal, onText: stream, idempotencyKey });
    spend({ usd: reply.usd ?? 0, tokens: reply.usage.input + reply.usage.output });
    log('info', `${reply.by} answered`, factsOf(reply));
    if (reply.usd === null) log('warn', `no price is known of ${reply.by}: its calls count nothing in US dollars`);
    return reply;
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    // A service that refused the call, or was never reached, has charged nothing; one that was cut off may have.
    if (UNCHARGED.has(error.code) || error.details?.[UNREACHED] === true) spend({ usd: 0, tokens: 0 });
    if (isLast || !PASSING.has(error.code) || signal.aborted) throw error;
    log('warn', `${name} cannot answer (${error.code}: ${error.message}); the next model is asked`);
    return null;
  }
}

function factsOf({ usage, usd, ms, firstMs, calls }: ModelReply): JsonObject {
  return { ...usage, usd, ms, firstMs, calls: calls.length };
}

function resultOf({ text, value }: { readonly text: string; readonly value?: Json }, returns: Schema): Json {
  if (returns === true) return { text };
  if (value === undefined) throw new StepError('contract.output', `the answer is not JSON: ${text.slice(0, 200)}`);
  return value;
}

function requestOf(given: AgentInput, returns: Schema, messages: readonly Message[], tools: readonly ToolSpec[]): ModelRequest {
  const { temperature, maxOutputTokens, seed, system = '' } = given;
  const settings: ModelSettings = {
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(seed === undefined ? {} : { seed }),
  };
  return {
    system: fillInstructions(system, given),
    messages,
    tools,
    returns: returns === true ? null : unsigned(returns, given.sign),
    settings,
  };
}

/** The task, with all material that the instructions do not have already. */
function opening(given: AgentInput, images: readonly ImagePart[] = []): Message {
  const named = new Set([...SETTINGS, ...parametersOf(given.system ?? '')]);
  const told = given.message === undefined || given.message === null ? {} : materialOfMessage(given.message);
  const material = { ...told, ...Object.fromEntries(Object.entries(given).filter(([name]) => !named.has(name))) };
  const text = firstMessage(given.prompt ?? '', material, shown);
  return { role: 'user', text, ...(images.length === 0 ? {} : { images }) };
}

function namesOf({ model = 'offline' }: AgentInput): readonly string[] {
  return typeof model === 'string' ? [model] : model;
}
