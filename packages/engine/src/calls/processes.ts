/**
 * Handlers that the engine is to be safe from, in child processes.
 *
 * 1. A child has one call at a time, and ends with the engine, whatever it does at that moment.
 * 2. It sees of the environment what every program sees and what the handler declares, and of the secrets those that the
 *    step refers to; it works in an empty directory that goes when it does.
 * 3. A call that does not obey its abort in time, or has more memory than it may, is ended with its child and all that
 *    this has started. Nothing of it reaches a later call.
 * 4. What it prints goes to the log of its run, redacted and bounded, and what it answers is searched for all secrets of
 *    the run again, out of its reach.
 */

import { availableParallelism } from 'node:os';
import { scrubbedEnv } from '../programs/program.ts';
import type { RemoteCall } from './channel.ts';
import { AttemptError, failureOf } from './failures.ts';
import type { CallResult, LogLine } from './handler-call.ts';
import { KeptProcess } from './kept-process.ts';
import { createRedactor } from './redaction.ts';
import type { Redactor } from './redaction.ts';
import { createSeats } from './seats.ts';

export interface ProcessCall extends RemoteCall {
  /** Names of the secrets that the step refers to. */
  readonly secretNames: readonly string[];
}

export interface Processes {
  /** Throws {@link AttemptError}. */
  readonly run: (call: ProcessCall) => Promise<CallResult>;
  /** Ends all children, whatever they do. */
  readonly close: () => Promise<void>;
}

/** What the process of a call may have in all, unless its handler says otherwise; about 80 of them are Node.js itself. */
const DEFAULT_MEMORY_MB = 1_024;

export function createProcesses(size: number = availableParallelism()): Processes {
  const seats = createSeats(size);
  const children = new Map<KeptProcess, { readonly kind: string; isIdle: boolean }>();
  const childFor = (call: ProcessCall): KeptProcess => {
    const kind = kindOf(call);
    const known = [...children].find(([child, one]) => one.isIdle && one.kind === kind && child.isUsable)?.[0];
    if (known !== undefined) {
      children.set(known, { kind, isIdle: false });
      return known;
    }
    // One that does not fit makes room.
    if (children.size >= size) [...children].find(([, { isIdle }]) => isIdle)?.[0].kill();
    const child = new KeptProcess({ memoryMb: memoryOf(call), env: call.env });
    children.set(child, { kind, isIdle: false });
    void child.ended.then(() => children.delete(child));
    return child;
  };
  const runIn = async (child: KeptProcess, call: ProcessCall): Promise<CallResult> => {
    try {
      return await child.work(call);
    } finally {
      const known = children.get(child);
      if (known !== undefined) known.isIdle = true;
      if (child.isUsable) child.rest();
      else child.kill();
    }
  };
  return {
    run: async (call) => {
      await seats.take(call);
      const redactor = createRedactor(call.facts.secrets);
      try {
        const guarded = guardedCall(call, redactor);
        const result = await runIn(childFor(guarded), guarded);
        redactor.refuse(`the result of ${call.handler.name}`, JSON.stringify(result));
        return result;
      } catch (error) {
        throw redactor.error(error instanceof AttemptError ? error : new AttemptError(failureOf(error, call.handler)));
      } finally {
        seats.leave();
      }
    },
    close: async () => {
      for (const child of children.keys()) child.kill();
      await Promise.all([...children.keys()].map(({ ended }) => ended));
    },
  };
}

/** Calls of one kind may follow each other in one child: what one was trusted with, another was, too. */
function kindOf(call: ProcessCall): string {
  return JSON.stringify([memoryOf(call), call.env, call.facts.secrets]);
}

function memoryOf({ handler: { memoryMb = DEFAULT_MEMORY_MB } }: ProcessCall): number {
  return memoryMb;
}

/** As the child sees it, with what it says searched for every secret of the run. */
function guardedCall(call: ProcessCall, redactor: Redactor): ProcessCall {
  const { facts, handler, env, secretNames, onLog } = call;
  return {
    ...call,
    facts: { ...facts, secrets: facts.secrets.filter(({ name }) => secretNames.includes(name)) },
    env: scrubbedEnv(env, handler.env),
    onLog: (line) => onLog(redactedLine(line, redactor)),
  };
}

function redactedLine({ level, message, fields }: LogLine, { text, json }: Redactor): LogLine {
  return { level, message: text(message.toWellFormed()), ...(fields === undefined ? {} : { fields: json(fields) }) };
}
