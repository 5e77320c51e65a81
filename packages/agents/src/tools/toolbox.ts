/**
 * What an agent may do in one step: the tools that it was granted, and one way to have them called. Whether a call is
 * allowed, asked about or refused is decided here, before anything is done; a model never decides it.
 *
 * How the loop of an agent uses it (loaded when the step grants something, as it loads much): open one for the attempt by `toolsOf`, give `specs` to the model, take its calls
 * one after the other in their order, return `new GoOn({}, taken.call)` where a flow has to do its part first, take the
 * same calls again in the next attempt, and close it before the attempt ends.
 */

import { StepError } from '@scriptorium/core';
import type { Json, Notes, PartResult } from '@scriptorium/core';
import { createContracts } from '@scriptorium/flow';
import type { ToolCall, ToolSpec } from '../models/model.ts';
import { answerIn, answerNote, partNote, RESULT } from './answers.ts';
import type { NotedAnswer, ToolAnswer } from './answers.ts';
import { approvalText, decisionOf, hashOfCall, withinText } from './approving.ts';
import type { Grant } from './granting.ts';
import { grantsOf } from './granting.ts';
import type { RealScope } from './reaching.ts';
import { realPath, realScope } from './real-path.ts';
import { redactionOf } from './redacting.ts';
import type { Redact } from './redacting.ts';
import { boundedResult } from './result.ts';
import { grantedTools } from './sources.ts';
import type { GrantedTool, ToolSources } from './sources.ts';
import type { LocalTool, Reach, Tool } from './tool.ts';
import { APPROVAL } from './tool-flows.ts';
import { verdict } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** How a call went on. */
export type Taken =
  /** It is answered, also where it was refused, and the answer is noted under `result:<id>`. */
  | { readonly type: 'answered'; readonly answer: ToolAnswer }
  /** A flow does it, or asks a person about it: the next attempt takes the same call again. */
  | { readonly type: 'waiting'; readonly call: { readonly as: string; readonly flow: string; readonly input: Json } };

export interface Toolbox {
  /** What the model is told that there is; empty without grants. */
  readonly specs: readonly ToolSpec[];
  /**
   * Decides about a call and does it, once, however often it is taken: what was answered is answered the same. The id of
   * the call must be unique in the step. `tainted`: something of unknown origin stands in the conversation beside the
   * results of tools, which are known here. Rejects with what `signal` was aborted with, and with `StepError`s of the
   * tool that are worth another attempt (`rate_limited`, `overloaded`); everything else is an answer.
   */
  readonly take: (call: ToolCall, options?: { readonly tainted?: boolean }) => Promise<Taken>;
  /** Lets go of connections. */
  readonly close: () => Promise<void>;
}

/** What a toolbox is told of its step; a `Context` fits. */
export interface ToolboxContext {
  readonly run: { readonly id: string };
  readonly step: { readonly path: string; readonly key?: string; readonly idempotencyKey: string };
  readonly notes: Notes;
  /** Tools of this step alone, to be granted by their names. */
  readonly own?: readonly LocalTool[];
  readonly note: (name: string, value: Json) => Promise<void>;
  readonly signal: AbortSignal;
  readonly env: { readonly [name: string]: string | undefined };
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;
}

/** Opens the toolbox of one attempt. `grants` is what the step gives as `tools`; raises `fatal` for what is no grant. */
export type OpenToolbox = (grants: Json, context: ToolboxContext) => Promise<Toolbox>;

/** Noted before a call is made that must not be made twice. */
interface Started {
  readonly tool: string;
  readonly hash: string;
  readonly usd: number;
}

const contracts = createContracts();

/** See {@link OpenToolbox}. */
export async function toolsOf(grants: Json, sources: ToolSources, context: ToolboxContext): Promise<Toolbox> {
  const { tools, close } = await grantedTools(
    grantsOf(grants),
    { ...sources, tools: [...sources.tools, ...(context.own ?? [])] },
    context.env,
  );
  const byName = new Map(tools.map((one) => [one.tool.name, one]));
  const scopes = new Map<Grant, Promise<RealScope>>();
  const scopeOf = (grant: Grant): Promise<RealScope> => {
    const known = scopes.get(grant) ?? realScope(grant.scope);
    scopes.set(grant, known);
    return known;
  };
  const log = createLog(context.notes);
  const box: Box = { byName, scopeOf, log, redact: redactionOf(context.env), context };
  return {
    specs: tools.map(({ tool: { name, doc, input } }) => ({ name, doc, input })),
    take: (call, { tainted = false } = {}) => take(call, tainted, box),
    close,
  };
}

interface Box {
  readonly byName: ReadonlyMap<string, GrantedTool>;
  readonly scopeOf: (grant: Grant) => Promise<RealScope>;
  readonly log: CallLog;
  readonly redact: Redact;
  readonly context: ToolboxContext;
}

async function take(call: ToolCall, tainted: boolean, box: Box): Promise<Taken> {
  const { context, log } = box;
  const hash = hashOfCall(call, { run: context.run.id, step: context.step.idempotencyKey });
  const known = log.answer(call.id);
  if (known !== undefined && known.hash === hash) return { type: 'answered', answer: known };
  const answer = (output: Json, more: Partial<NotedAnswer> = {}): Promise<Taken> =>
    settle({ ...emptyAnswer(call, hash), output, ...more }, box);
  const refuse = (reason: string): Promise<Taken> => {
    context.log('warn', `${call.tool} was refused: ${reason}`);
    return answer(`refused: ${reason}`, { isError: true });
  };
  // Under the id of another call this one could take over what that was allowed.
  if (known !== undefined || (log.started(call.id)?.hash ?? hash) !== hash) return { type: 'answered', answer: reusedId(call, hash) };
  const granted = box.byName.get(call.tool);
  if (granted === undefined) return refuse(`there is no tool ${JSON.stringify(call.tool.slice(0, 100))}`);
  const { tool, grant } = granted;
  const begun = log.started(call.id);
  let isNoted = begun !== undefined;
  if (begun === undefined) {
    const decided = await decide(call, granted, hash, tainted || log.tainted(), box);
    if (decided.type === 'refused') return refuse(decided.reason);
    if (decided.type === 'ask') return ask(call, grant, decided.why, hash, box, refuse);
    ({ isNoted } = decided);
    if (isNoted) await context.note(`started:${call.id}`, { tool: tool.name, hash, usd: decided.usd });
  } else if ('run' in tool) {
    const output = 'nobody knows whether it was done: the engine ended meanwhile, and it is not done twice';
    return answer(output, { isError: true, made: true, usd: begun.usd });
  }
  const facts = { made: true, usd: log.started(call.id)?.usd ?? 0, tainted: tool.tainted && !grant.trusted };
  if ('flow' in tool) return part(call, tool, facts, answer, context);
  const idempotencyKey = `${context.step.idempotencyKey}:${call.id}`;
  const given = { signal: context.signal, idempotencyKey, env: context.env, log: context.log };
  try {
    return await answer(await tool.run(call.input, given), facts);
  } catch (error) {
    if (context.signal.aborted || (!isNoted && isWorthAnotherAttempt(error))) throw error;
    // Messages of errors come from outside, too.
    return answer(messageOf(error), { ...facts, isError: true });
  }
}

type Decided =
  | Exclude<Verdict, { type: 'allowed' }>
  /** `isNoted`: it must not be made again where nobody knows whether it was made. */
  | { readonly type: 'allowed'; readonly usd: number; readonly isNoted: boolean };

/** A call that is allowed counts from here on. */
async function decide(call: ToolCall, { tool, grant }: GrantedTool, hash: string, tainted: boolean, box: Box): Promise<Decided> {
  const scope = await box.scopeOf(grant);
  const check = contracts.compile(tool.input);
  const reaches = check(call.input).length > 0 ? null : await reachesOf(tool, call.input);
  // Nothing is waited for between the count and what is added to it: calls that are taken at once see one another.
  const used = box.log.used(tool.name);
  const decided = approved(verdict({ tool, grant, scope, input: call.input, check, reaches, tainted, used }), hash, box.context.notes);
  if (decided.type !== 'allowed') return decided;
  const isRisky = tool.effects === 'write' || decided.usd > 0 || decided.isApproved;
  box.log.start(call.id, { tool: tool.name, hash, usd: decided.usd });
  return { type: 'allowed', usd: decided.usd, isNoted: 'flow' in tool || (isRisky && tool.idempotent !== true) };
}

/** The verdict, with what a person has said. */
function approved(
  given: Verdict,
  hash: string,
  notes: Notes,
): Exclude<Verdict, { type: 'allowed' }> | { readonly type: 'allowed'; readonly usd: number; readonly isApproved: boolean } {
  if (given.type !== 'ask') return given.type === 'refused' ? given : { ...given, isApproved: false };
  const asked = notes[`approval:${hash}`] as PartResult | undefined;
  if (asked === undefined) return given;
  const decision = decisionOf(asked);
  return decision.approved ? { type: 'allowed', usd: given.usd, isApproved: true } : { type: 'refused', reason: decision.reason };
}

/** With files as they are really found; null where the arguments do not say. */
async function reachesOf(tool: Tool, input: Json): Promise<readonly Reach[] | null> {
  try {
    const reaches = tool.reaches(input);
    return await Promise.all(
      reaches.map(async (reach) => (reach.kind === 'file' ? { ...reach, path: await realPath(reach.path) } : reach)),
    );
  } catch {
    return null;
  }
}

async function ask(
  call: ToolCall,
  { withinMs, to }: Grant,
  why: string,
  hash: string,
  { redact, context: { step } }: Box,
  refuse: (reason: string) => Promise<Taken>,
): Promise<Taken> {
  const who = step.key === undefined ? step.path : `${step.path} [${step.key}]`;
  const text = approvalText(call, who, why, hash, redact);
  if (text === null) return refuse('it has to be approved, and is too long to be read by a person');
  return { type: 'waiting', call: { as: `approval:${hash}`, flow: APPROVAL, input: { ask: text, to, within: withinText(withinMs) } } };
}

function part(
  call: ToolCall,
  { flow: { name, given, gives = (output) => output } }: Extract<Tool, { flow: object }>,
  facts: Partial<NotedAnswer>,
  answer: (output: Json, more: Partial<NotedAnswer>) => Promise<Taken>,
  { notes }: ToolboxContext,
): Promise<Taken> | Taken {
  const result = notes[partNote(call.id)] as PartResult | undefined;
  if (result === undefined) return { type: 'waiting', call: { as: partNote(call.id), flow: name, input: given(call.input) } };
  if (result.status === 'succeeded') return answer(gives(result.output), facts);
  return answer(`${result.error.code}: ${result.error.message}`, { ...facts, isError: true });
}

async function settle(answer: NotedAnswer, { log, redact, context }: Box): Promise<Taken> {
  const bounded = { ...answer, output: boundedResult(answer.output, redact) };
  log.end(bounded);
  await context.note(`${RESULT}${answer.id}`, answerNote(bounded, context.notes));
  return { type: 'answered', answer: bounded };
}

function emptyAnswer({ id, tool }: ToolCall, hash: string): NotedAnswer {
  return { id, tool, output: null, isError: false, tainted: false, hash, made: false, usd: 0 };
}

function reusedId(call: ToolCall, hash: string): NotedAnswer {
  return { ...emptyAnswer(call, hash), output: 'refused: another call of this step has the same id', isError: true };
}

function isWorthAnotherAttempt(error: unknown): boolean {
  return error instanceof StepError && (error.code === 'rate_limited' || error.code === 'overloaded');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The calls of the step so far: those that were noted, and those of this attempt. */
interface CallLog {
  readonly answer: (id: string) => NotedAnswer | undefined;
  readonly started: (id: string) => Started | undefined;
  readonly used: (tool: string) => { readonly calls: number; readonly usd: number };
  readonly tainted: () => boolean;
  readonly start: (id: string, started: Started) => void;
  readonly end: (answer: NotedAnswer) => void;
}

function createLog(notes: Notes): CallLog {
  const answers = new Map<string, NotedAnswer>();
  const begun = new Map<string, Started>();
  for (const [name, value] of Object.entries(notes)) {
    const call = name.startsWith(RESULT) ? answerIn(notes, name.slice(RESULT.length)) : undefined;
    if (call !== undefined) answers.set(call.id, call);
    if (name.startsWith('started:')) begun.set(name.slice('started:'.length), value as unknown as Started);
  }
  return {
    answer: (id) => answers.get(id),
    started: (id) => begun.get(id),
    used: (tool) => {
      const open = [...begun].flatMap(([id, one]) => (one.tool === tool && !answers.has(id) ? [one.usd] : []));
      const made = [...answers.values()].flatMap((one) => (one.tool === tool && one.made ? [one.usd] : []));
      const all = [...open, ...made];
      return { calls: all.length, usd: all.reduce((sum, usd) => sum + usd, 0) };
    },
    tainted: () => [...answers.values()].some((one) => one.tainted),
    start: (id, started) => void begun.set(id, started),
    end: (answer) => void answers.set(answer.id, answer),
  };
}
