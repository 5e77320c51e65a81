/** Handlers that answer by script in place of the real ones, under the same contracts, and keep a list of their calls. */

import { defineHandler, planOf, StepError, unreachable } from '@scriptorium/core';
import type { Context, Flow, GoOn, Handler, Instant, Json, JsonObject, Ms } from '@scriptorium/core';
import { isSpecial, kindOf } from './answer.ts';
import type { Answer, Answering, Script, Special } from './answer.ts';
import { exampleOf } from './example.ts';

/** One call of a handler, in the order in which they began. */
export interface CallRecord {
  readonly uses: string;
  /** The step's path, as in `books/clean`. */
  readonly step: string;
  /** The innermost item's key; null outside an `each`. */
  readonly key: string | null;
  readonly attempt: number;
  readonly input: JsonObject;
  readonly idempotencyKey: string;
  /** Virtual. */
  readonly at: Instant;
}

export interface StandIns {
  readonly handlers: readonly Handler[];
  readonly calls: readonly CallRecord[];
  /** Calls that let virtual time pass at this moment. */
  readonly asleep: () => number;
  /** Gives the flows whose steps narrow what an example may be. */
  readonly follow: (flows: readonly Flow[]) => void;
}

export interface StandInPorts {
  readonly contracts: readonly Handler[];
  readonly script: Script;
  /** What a handler does that has a contract and no script. */
  readonly unscripted: 'example' | 'call' | 'refuse';
  readonly now: () => Instant;
  readonly after: (ms: Ms, fire: () => void) => () => void;
  /** Ends the engine. */
  readonly kill: () => void;
}

export function createStandIns(ports: StandInPorts): StandIns {
  const calls: CallRecord[] = [];
  const asleep = new Set<object>();
  const cast: Cast = { ports, asleep, flows: [] };
  const declared = new Map(ports.contracts.map((handler) => [handler.name, handler]));
  const names = new Set([...declared.keys(), ...Object.keys(ports.script)]);
  return {
    handlers: [...names].map((name) => standIn(cast, declared.get(name) ?? openContract(name), calls)),
    calls,
    asleep: () => asleep.size,
    follow: (flows) => {
      cast.flows = flows;
    },
  };
}

interface Cast {
  readonly ports: StandInPorts;
  readonly asleep: Set<object>;
  flows: readonly Flow[];
}

/** Of a handler that is known by its script alone nothing is checked. */
function openContract(name: string): Handler {
  return defineHandler({
    name,
    version: '1.0.0',
    doc: 'Known by its script alone.',
    input: true,
    output: true,
    effects: 'none',
    errors: { '*': 'Whatever the script says.' },
    run: () => null,
  });
}

function standIn(cast: Cast, handler: Handler, calls: CallRecord[]): Handler {
  const { script, now } = cast.ports;
  let number = 0;
  const answering = answeringOf(cast, handler, script[handler.name]);
  return {
    ...handler,
    runs: 'async',
    errors: { ...handler.errors, '*': 'Whatever the script says.' },
    run: async (input: JsonObject, context: Context) => {
      const { path, key = null, attempt, idempotencyKey } = context.step;
      number += 1;
      calls.push({ uses: handler.name, step: path, key, attempt, input, idempotencyKey, at: now() });
      const call = { ...context, number };
      return play(cast, await answering(input, call), context.signal);
    },
  };
}

function answeringOf(cast: Cast, handler: Handler, scripted: Script[string] | undefined): Answering {
  if (typeof scripted === 'function') return scripted;
  if (isSpecial(scripted)) return () => scripted;
  if (scripted !== undefined) return fromList(handler.name, scripted);
  switch (cast.ports.unscripted) {
    case 'example':
      return (_input, { step }) => exampleAt(cast.flows, handler, step.path);
    case 'call':
      return (input, call) => handler.run(input as never, call);
    case 'refuse':
      return () => {
        throw new StepError('fatal', `the script says nothing of ${handler.name}`);
      };
    default:
      return unreachable(cast.ports.unscripted);
  }
}

function fromList(name: string, answers: readonly (Answer | Answering)[]): Answering {
  return (input, call) => {
    const answer = answers[call.number - 1];
    if (answer === undefined)
      throw new StepError('fatal', `the script of ${name} has ${answers.length} answers, and this is call ${call.number}`);
    return typeof answer === 'function' ? answer(input, call) : answer;
  };
}

function exampleAt(flows: readonly Flow[], handler: Handler, step: string): Json {
  const nodes = flows.flatMap((flow) => planOf(flow).get(step)?.node ?? []);
  const node = nodes.find((one) => one.do.k === 'call' && one.do.uses.split('@')[0] === handler.name);
  try {
    return exampleOf(node === undefined || node.returns === true ? handler.output : node.returns);
  } catch (error) {
    throw new StepError('fatal', `there is no example of what ${handler.name} gives: ${(error as Error).message}`, {
      fix: 'Write an answer for it into the script.',
    });
  }
}

async function play(cast: Cast, answer: Answer, signal: AbortSignal): Promise<Json | GoOn> {
  if (!isSpecial(answer)) return answer;
  const kind = kindOf(answer);
  switch (kind) {
    case 'fails': {
      const { code, message, retryAfterMs } = answer as Extract<Special, { code: string }>;
      throw new StepError(code, message, retryAfterMs === null ? {} : { retryAfterMs });
    }
    case 'takes': {
      const { ms, then } = answer as Extract<Special, { ms: Ms }>;
      await sleep(cast, ms, signal);
      return play(cast, then, signal);
    }
    case 'loses':
      throw new StepError('lost', 'the worker ended, says the script');
    case 'kills':
      cast.ports.kill();
      return sleep(cast, Number.POSITIVE_INFINITY, signal);
    default:
      return unreachable(kind);
  }
}

/** Until so much virtual time has passed; an aborted call ends at once, as a well-behaved handler does. */
function sleep({ ports, asleep }: Cast, ms: Ms, signal: AbortSignal): Promise<never> {
  const sleeper = {};
  asleep.add(sleeper);
  const slept = Promise.withResolvers<never>();
  const wake = ms === Number.POSITIVE_INFINITY ? () => undefined : ports.after(ms, () => slept.resolve(undefined as never));
  const abort = (): void => slept.reject(new StepError('cancelled', 'the call was ended'));
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return slept.promise.finally(() => {
    asleep.delete(sleeper);
    wake();
    signal.removeEventListener('abort', abort);
  });
}
