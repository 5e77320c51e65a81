/** One call of a handler with its context: the same in the engine's thread and in a worker. */

import { checkedCost, StepError } from '@scriptorium/core';
import type { ArtifactRecord, Context, Cost, Handler, Json } from '@scriptorium/core';
import { artifactsBelow, attemptOutputs } from '../outputs/artifacts.ts';
import { reviveInput } from './collections.ts';
import type { ResolvedInput } from './collections.ts';
import { guardJson } from './guard.ts';
import type { OutputPlace } from '../outputs/output-place.ts';
import { createRedactor } from './redaction.ts';
import type { Redactor, Secret } from './redaction.ts';

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
  readonly place: OutputPlace;
  /** What must not come back. */
  readonly secrets: readonly Secret[];
}

export interface CallResult {
  readonly output: Json;
  readonly artifacts: readonly ArtifactRecord[];
}

/** What a handler says beside its result, while it runs. */
export interface Hearing {
  readonly onLog: (line: LogLine) => void;
  readonly onSpend: (used: Cost) => void;
}

/** Longest log message that is kept. */
const MAX_LOG = 10_000;

/** Runs the handler once. Whatever it still writes, logs or tells after it returned or threw is refused. */
export async function callHandler(
  handler: Handler,
  { input, collections }: ResolvedInput,
  facts: CallFacts,
  env: Context['env'],
  signal: AbortSignal,
  { onLog, onSpend }: Hearing,
): Promise<CallResult> {
  const outputs = attemptOutputs(facts.place);
  const redactor = createRedactor(facts.secrets);
  let ended = false;
  const context: Context = {
    run: facts.run,
    step: facts.step,
    signal,
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
      if (!ended) onLog(lineOf(level, redactor.text(message), fields, redactor));
    },
    spend: (used) => {
      const cost = checkedCost(used);
      if (!ended) onSpend(cost);
    },
  };
  const onAbort = (): void => outputs.close();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const output = await handler.run(reviveInput(input, collections) as never, context);
    outputs.close();
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
    signal.removeEventListener('abort', onAbort);
  }
}

function lineOf(level: LogLevel, message: string, fields: LogLine['fields'], { json }: Redactor): LogLine {
  const text = message.toWellFormed();
  const line = { level, message: text.length > MAX_LOG ? `${text.slice(0, MAX_LOG)}…` : text };
  return fields === undefined || guardJson(fields) !== null ? line : { ...line, fields: json(fields) };
}
