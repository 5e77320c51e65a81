/** One call of a handler with its context: the same in the engine's thread and in a worker. */

import { checkedCost, GoOn, StepError } from '@scriptorium/core';
import type { ArtifactRecord, Context, Cost, Handler, Json, Notes, Settings, ValueRef } from '@scriptorium/core';
import { artifactsBelow, attemptOutputs } from '../outputs/artifacts.ts';
import { reviveInput } from './collections.ts';
import type { ResolvedInput } from './collections.ts';
import { guardJson } from './guard.ts';
import type { OutputPlace } from '../outputs/output-place.ts';
import { createRedactor } from './redaction.ts';
import type { Redactor, Secret } from './redaction.ts';
import type { Stop } from './stop.ts';
import { outOfCall } from './strays.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: { readonly [key: string]: Json };
}

/** What a call needs beside the handler and its input; plain data, so that it can be sent to a worker. */
export interface CallFacts {
  readonly run: Context['run'];
  readonly step: Context['step'];
  readonly notes: Notes;
  readonly settings: Settings;
  readonly place: OutputPlace;
  /** What must not come back. */
  readonly secrets: readonly Secret[];
}

export interface CallResult {
  readonly output: Json;
  /** Set where the handler has done a part of its work, and has given no output yet. */
  readonly goesOn?: Pick<GoOn, 'notes' | 'call'>;
  readonly artifacts: readonly ArtifactRecord[];
}

/** What a handler says beside its result, while it runs. */
export interface Hearing {
  readonly onLog: (line: LogLine) => void;
  readonly onSpend: (used: Cost) => void;
  /** Resolves when the note is durable; absent where handlers cannot note anything. */
  readonly onNote?: (name: string, value: Json) => Promise<void>;
  readonly onStream?: (text: string) => void;
  /** Absent where handlers cannot keep anything. */
  readonly kept?: KeptValues;
}

/** Values that handlers keep for one another. */
export interface KeptValues {
  /** Resolves when the value is durable. */
  readonly keep: (value: Json) => Promise<ValueRef>;
  /** Undefined where nobody has it. */
  readonly recall: (ref: ValueRef) => Json | undefined;
}

/** Notes that one attempt may make. */
const MAX_NOTES = 1_000;
/** Longest log message that is kept. */
const MAX_LOG = 10_000;

/** Runs the handler once. Whatever it still writes, logs or tells after it returned or threw is refused. */
export async function callHandler(
  handler: Handler,
  { input, collections }: ResolvedInput,
  facts: CallFacts,
  env: Context['env'],
  stop: Stop,
  { onLog, onSpend, onNote, onStream, kept }: Hearing,
): Promise<CallResult> {
  const outputs = attemptOutputs(facts.place);
  const redactor = createRedactor(facts.secrets);
  const { keep, recall } = keeping(handler, kept, redactor);
  let ended = false;
  let noted = 0;
  const context: Context = {
    run: facts.run,
    step: facts.step,
    signal: stop.signal,
    outputs: {
      write: async (name, data, options) => {
        redactor.refuse(`the output ${name}`, name);
        redactor.refuse(`the output ${name}`, data);
        return outputs.write(name, data, options);
      },
    },
    artifacts: artifactsBelow(facts.place),
    env,
    log: (level, message, fields) => {
      if (!ended) outOfCall(onLog, lineOf(level, redactor.text(message), fields, redactor));
    },
    notes: facts.notes,
    settings: facts.settings,
    note: async (name, value) => {
      if (ended) return;
      if (onNote === undefined) throw new StepError('fatal', `${handler.name} runs in a ${handler.runs}, where nothing can be noted`);
      noted += 1;
      if (noted > MAX_NOTES) throw new StepError('fatal', `${handler.name} makes more than ${MAX_NOTES} notes in one attempt`);
      await outOfCall(onNote, name, checkedNote(name, value, redactor));
    },
    keep,
    recall,
    stream: (text) => {
      if (!ended && onStream !== undefined) outOfCall(onStream, redactor.text(text));
    },
    spend: (used) => {
      const cost = checkedCost(used);
      if (!ended) outOfCall(onSpend, cost);
    },
  };
  const unheard = stop.hear(outputs.close);
  try {
    const output = await handler.run(reviveInput(input, collections) as never, context);
    outputs.close();
    if (output instanceof GoOn) return goOn(handler, output, outputs.records().length, redactor);
    const problem = guardJson(output);
    if (problem !== null)
      throw new StepError('contract.output', `the result of ${handler.name} cannot be kept: ${problem.path || '/'}: ${problem.message}`);
    if (facts.secrets.length > 0) redactor.refuse(`the result of ${handler.name}`, JSON.stringify(output));
    return { output, artifacts: outputs.records() };
  } catch (error) {
    throw redactor.error(error);
  } finally {
    ended = true;
    outputs.close();
    unheard();
  }
}

function keeping({ name, runs }: Handler, kept: KeptValues | undefined, redactor: Redactor): Pick<Context, 'keep' | 'recall'> {
  return {
    keep: async (value) => {
      if (kept === undefined) throw new StepError('fatal', `${name} runs in a ${runs}, where nothing can be kept`);
      return outOfCall(kept.keep, checkedNote('a value', value, redactor));
    },
    recall: async (ref) => {
      const value = kept?.recall(ref);
      if (value === undefined) throw new StepError('io', `nobody has the value ${ref.ref}: its run was removed, or never kept it`);
      return value;
    },
  };
}

/** A part of the work has no files: what is placed belongs to the result. */
function goOn({ name, runs }: Handler, { notes, call }: GoOn, files: number, redactor: Redactor): CallResult {
  if (runs !== 'async') throw new StepError('fatal', `${name} runs in a ${runs}, where work is not done in parts`);
  if (files > 0) throw new StepError('contract.output', `${name} has written files and goes on`, { fix: 'Write them in its last part.' });
  for (const [as, value] of Object.entries(notes)) checkedNote(as, value, redactor);
  if (call !== null) checkedNote(call.as, call.input, redactor);
  return { output: null, artifacts: [], goesOn: { notes, call } };
}

function checkedNote(name: string, value: Json, redactor: Redactor): Json {
  const problem = guardJson(value);
  if (problem !== null)
    throw new StepError('contract.output', `the note ${name} cannot be kept: ${problem.path || '/'}: ${problem.message}`);
  redactor.refuse(`the note ${name}`, JSON.stringify(value));
  return structuredClone(value);
}

function lineOf(level: LogLevel, message: string, fields: LogLine['fields'], { json }: Redactor): LogLine {
  const text = message.toWellFormed();
  const line = { level, message: text.length > MAX_LOG ? `${text.slice(0, MAX_LOG)}…` : text };
  return fields === undefined || guardJson(fields) !== null ? line : { ...line, fields: json(fields) };
}
