/**
 * Every way a run can go wrong, as data. A kind has a stable code, a level, a default policy and a next step; codes
 * that handlers declare for themselves are of level `item`.
 */

import type { Json } from './json.ts';

export interface Failure {
  /** One of {@link errorKinds}, or a code that the handler declares. */
  readonly code: string;
  readonly message: string;
  /** What to do about it, as a sentence or a command. */
  readonly fix?: string;
  readonly details?: { readonly [key: string]: Json };
  /** Earliest sensible moment of the next try, in milliseconds from the failure (from `Retry-After` and the like). */
  readonly retryAfterMs?: number;
}

/** What handlers throw to fail with a code of their own. */
export class StepError extends Error {
  readonly code: string;
  readonly fix: string | undefined;
  readonly details: { readonly [key: string]: Json } | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    more: { fix?: string; details?: { readonly [key: string]: Json }; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'StepError';
    this.code = code;
    this.fix = more.fix;
    this.details = more.details;
    this.retryAfterMs = more.retryAfterMs;
  }
}

export interface ErrorKind {
  readonly level: 'item' | 'stage' | 'agent' | 'flow' | 'infrastructure';
  /** Whether trying again can help; a retry policy that names no codes applies to these only. */
  readonly transient: boolean;
  /** Whether it says that the service behind a pool does not answer: what breakers count. */
  readonly ofService?: true;
  readonly doc: string;
  readonly fix: string;
}

export type ErrorCode =
  | 'io'
  | 'timeout'
  | 'rate_limited'
  | 'overloaded'
  | 'lost'
  | 'quarantined'
  | 'resource.memory'
  | 'not_retried'
  | 'contract.input'
  | 'contract.output'
  | 'expression'
  | 'each.failed'
  | 'each.duplicate_key'
  | 'limit.open'
  | 'budget.exceeded'
  | 'loop.exceeded'
  | 'compensation_failed'
  | 'recursion.exceeded'
  | 'cancelled'
  | 'unexpected'
  | 'fatal';

export const errorKinds: { readonly [code in ErrorCode]: ErrorKind } = {
  io: {
    level: 'infrastructure',
    transient: true,
    ofService: true,
    doc: 'Reading or writing failed.',
    fix: 'Check that the path exists, its permissions and the free space, then `scriptorium retry <run> --failed`.',
  },
  timeout: {
    level: 'item',
    transient: true,
    ofService: true,
    doc: 'The attempt took longer than its `timeout`.',
    fix: "Raise the step's `timeout`, or look at what it waits for with `scriptorium logs <run>`.",
  },
  rate_limited: {
    level: 'infrastructure',
    transient: true,
    ofService: true,
    doc: 'A service refused because of its rate limit.',
    fix: 'Lower the pool: `scriptorium limits set <pool> --rate 1/s`.',
  },
  overloaded: {
    level: 'infrastructure',
    transient: true,
    ofService: true,
    doc: 'A service is temporarily unable to answer.',
    fix: 'Wait; if it lasts, lower the pool or name a fallback in `catch`.',
  },
  lost: {
    level: 'infrastructure',
    transient: true,
    doc: 'The engine or the worker ended during the attempt.',
    fix: 'Nothing: it is tried again by itself, and set aside after too many losses.',
  },
  quarantined: {
    level: 'item',
    transient: false,
    doc: 'The attempt ended the engine or its worker too many times.',
    fix: "Look at the item's input in the report; fix the handler, then `scriptorium retry <run> --failed`.",
  },
  'resource.memory': {
    level: 'item',
    transient: false,
    doc: 'The call had more memory than it may have.',
    fix: 'Give the step smaller pieces or a file to read bit by bit, or raise `memoryMb` of the handler.',
  },
  not_retried: {
    level: 'item',
    transient: false,
    doc: 'It failed for good in the run that this one tries again, and was not among what was to be tried.',
    fix: '`scriptorium dead-letters <run>` lists it; `scriptorium retry <run> --step <step> --item <key>` tries it again.',
  },
  'contract.input': {
    level: 'stage',
    transient: false,
    doc: 'The input of a step broke its contract.',
    fix: "Compare the step's `with` with the handler's input schema: `scriptorium check <flow>`.",
  },
  'contract.output': {
    level: 'stage',
    transient: false,
    doc: 'The result of a step broke its contract.',
    fix: "Fix the handler, or loosen its output schema or the step's `returns`.",
  },
  expression: {
    level: 'flow',
    transient: false,
    doc: 'An expression could not be evaluated.',
    fix: 'Guard the value with `??` or `?.`, or tighten the contract it comes from.',
  },
  'each.failed': {
    level: 'stage',
    transient: false,
    doc: 'More items failed than the step tolerates.',
    fix: 'Look at the grouped errors in the report, or raise `tolerate`.',
  },
  'each.duplicate_key': {
    level: 'flow',
    transient: false,
    doc: 'Two items of an `each` have the same key.',
    fix: 'Choose a `key` that is unique for each item.',
  },
  'limit.open': {
    level: 'infrastructure',
    transient: false,
    doc: 'The breaker of the pool is open, and a `retry` or `catch` names this code; other steps wait for the pool.',
    fix: 'Wait for the cool-down, or close it by hand: `scriptorium limits set <pool> --close`.',
  },
  'budget.exceeded': {
    level: 'flow',
    transient: false,
    doc: 'What the call may use at most does not fit into a budget around it any more.',
    fix: 'Raise the budget in a new version of the flow, or name a cheaper fallback in `catch`.',
  },
  'loop.exceeded': {
    level: 'flow',
    transient: false,
    doc: 'A state was entered more often than its `max`.',
    fix: 'Raise `max`, or name a way out in `catch`.',
  },
  compensation_failed: {
    level: 'flow',
    transient: false,
    doc: 'Something failed, and then a `compensate` of what had been done before it failed too.',
    fix: 'Undo by hand what the message names; what happened before it was left as it is and stands under `notUndone` of the details.',
  },
  'recursion.exceeded': {
    level: 'flow',
    transient: false,
    doc: 'Flows called each other deeper than runs may be in each other.',
    fix: 'End the recursion earlier with the `if` of the step that calls, or work through a list with `each`.',
  },
  cancelled: {
    level: 'flow',
    transient: false,
    doc: 'The run, or the scope around the step, was cancelled.',
    fix: '`scriptorium retry <run>` starts what was cancelled anew.',
  },
  unexpected: {
    level: 'item',
    transient: false,
    doc: 'The handler threw something that it does not declare.',
    fix: "See the stack in the run's log file; declare the code in the handler's `errors` if it belongs there.",
  },
  fatal: {
    level: 'flow',
    transient: false,
    doc: 'The run cannot go on or must not start: invalid configuration, a missing prerequisite, refused credentials.',
    fix: 'Mend what the message names, then run again.',
  },
};

/** Whether `code` is covered by names such as `io`, `agent.*` or `*`. */
export function matchesError(names: readonly string[], code: string): boolean {
  return names.some(
    (name) => name === '*' || name === code || (name.endsWith('.*') && (code === name.slice(0, -2) || code.startsWith(name.slice(0, -1)))),
  );
}

/** What nothing may hide that does not name it: a fatal error, and then a failed compensation. */
const grave: readonly string[] = ['compensation_failed', 'fatal'];

export function isGrave({ code }: Failure): boolean {
  return grave.includes(code);
}

/** Which of two failures a scope or an `each` fails with. */
export function isGraver(error: Failure, known: Failure): boolean {
  return grave.indexOf(error.code) > grave.indexOf(known.code);
}

export function isTransient(code: string): boolean {
  return code in errorKinds && errorKinds[code as ErrorCode].transient;
}

/** The codes of agents, of which none is a common one: a model's service that fails is told by them. */
const agentCodes: readonly string[] = ['agent.*'];

/** Whether a breaker counts the failure: the service did not answer. Broken contracts and faults of an item say nothing about it. */
export function isServiceError(code: string): boolean {
  return code in errorKinds ? errorKinds[code as ErrorCode].ofService === true : matchesError(agentCodes, code);
}

/** Marks a place that the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
