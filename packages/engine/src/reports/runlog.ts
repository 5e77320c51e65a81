/**
 * `logs/<batch>/run.log`: what happened, one line each, for people. Lines are handed to the operating system one by one,
 * so that they outlive the process whatever ends it. Stacks go here and nowhere else.
 */

import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { childId, parseUndoId, ROOT, unreachable } from '@scriptorium/core';
import type {
  EngineEvent,
  Failure,
  Instant,
  JsonObject,
  Limit,
  PostEvent,
  Recorded,
  Settings,
  StartReason,
  VersionEvent,
} from '@scriptorium/core';
import { isoTime } from './trace.ts';
import { isVersionEvent } from '../journal/version-folds.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Longer texts are cut, so that a handler cannot fill the disk with one message. */
const MAX_TEXT = 20_000;

export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
}

/** Keys of items, by actor and number. */
export type ItemKeys = Map<string, Map<number, string>>;

export interface RunLog {
  readonly path: string;
  /** The line that a committed event is worth, if any. */
  readonly event: (recorded: Pick<Recorded, 'at' | 'actor' | 'event'>) => void;
  readonly engine: (at: Instant, event: EngineEvent) => void;
  readonly line: (at: Instant, level: LogLevel, text: string, fields?: JsonObject) => void;
  /** The full stack behind a failure whose event carries its message only. */
  readonly stack: (at: Instant, place: string, stack: string) => void;
  readonly close: () => void;
}

/** Opens the log for appending, creating the directory; a run that is resumed goes on in the same file. Lines that the disk does not take are left out. */
export function openRunLog(directory: string): RunLog {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'run.log');
  const file = openSync(path, 'a', 0o600);
  const keys: ItemKeys = new Map();
  let closed = false;
  const put = (at: Instant, line: LogLine | null): void => {
    if (line === null || closed) return;
    try {
      writeSync(file, formatLine(at, line));
    } catch (error) {
      if (!isOfDisk(error)) throw error;
    }
  };
  return {
    path,
    event: (recorded) => put(recorded.at, describeEvent(recorded, keys)),
    engine: (at, event) => put(at, describeEngineEvent(event)),
    line: (at, level, text, fields) =>
      put(at, { level, text: fields === undefined || Object.keys(fields).length === 0 ? text : `${text} ${JSON.stringify(fields)}` }),
    stack: (at, place, stack) => put(at, { level: 'error', text: `${place}: ${stack}` }),
    close: () => {
      if (!closed) closeSync(file);
      closed = true;
    },
  };
}

/** Whether a file could not be made, opened or written. */
export function isOfDisk(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).syscall !== undefined;
}

/** Time, level, text; further lines of the text are indented, so that a record starts where a line starts with a digit. */
export function formatLine(at: Instant, { level, text }: LogLine): string {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)} … (${text.length - MAX_TEXT} more characters)` : text;
  return `${isoTime(at)} ${level.toUpperCase().padEnd(5)} ${cut.trimEnd().replaceAll(/\r?\n/g, '\n    ')}\n`;
}

/**
 * Starts, ends, errors, retries and re-executions with their reason; the successes of single steps are not worth a line.
 * `keys` remembers the keys of items in flight.
 */
export function describeEvent({ at, actor, event }: Pick<Recorded, 'at' | 'actor' | 'event'>, keys: ItemKeys): LogLine | null {
  const where = (): string => {
    const key = 'item' in event ? keys.get(actor)?.get(event.item) : undefined;
    const node = 'node' in event ? event.node : '';
    return key === undefined ? node : `${node} [${key}]`;
  };
  switch (event.type) {
    case 'run.started':
      return info(startedText(event));
    case 'run.configured':
      return info(`run configured by ${event.by}: ${settingsText(event.settings)}`);
    case 'run.paused':
      return info(`run paused by ${event.by}`);
    case 'run.resumed':
      return info(`run resumed by ${event.by}`);
    case 'run.interrupted':
      return warn(`run interrupted: the engine ${event.reason === 'crashed' ? 'ended without warning' : `was ${event.reason}`}`);
    case 'run.cancelling':
      return { level: 'warn', text: `run is being cancelled by ${event.by}: ${event.reason}` };
    case 'run.settled':
      return event.error === null
        ? info(`run ${event.status}`)
        : { level: 'error', text: `run ${event.status}: ${failureText(event.error)}` };
    case 'each.opened':
      // Of inner lists there is one for every item.
      if (actor !== ROOT) return null;
      return info(
        `${event.node}: ${event.total} items${event.of === event.total ? '' : ` (of ${event.of}, limited)`}, ${event.workers} at once`,
      );
    case 'step.ended':
      return actor === ROOT ? info(`${where()}: its until holds; what has not settled is cancelled`) : null;
    case 'compensation.begun':
      return { level: 'warn', text: `${where()}: ${failureText(event.error)}; undoing what had been done: ${event.total} steps` };
    case 'attempt.started':
      return describeStart(actor, event, keys, where);
    case 'attempt.failed':
      return { level: 'warn', text: `${where()}: ${failedText(event)}` };
    case 'attempt.lost':
      return { level: 'warn', text: `${where()}: attempt ${event.attempt} ended without a result (${event.reason})` };
    case 'retry.expired':
      return { level: 'warn', text: `${where()}: no time is left for another attempt` };
    case 'state.entered':
      return actor === ROOT ? info(enteredText(event)) : null;
    case 'wait.begun':
    case 'wait.answered':
    case 'state.signalled':
      return describeWait(event, where(), at, actor === ROOT);
    case 'step.timed_out':
      return { level: 'warn', text: `${where()}: timed out` };
    case 'step.caught':
      return { level: 'warn', text: `${where()}: ${failureText(event.error)}; catch ${event.catch + 1} takes over` };
    case 'step.failed':
      // Of the flow as a whole it is said that the run failed.
      return event.node === '' ? null : { level: 'error', text: `${where()}: failed: ${failureText(event.error)}` };
    case 'step.cancelled':
      return info(`${where()}: cancelled: ${event.reason}`);
    case 'chunk.settled':
      keys.delete(actor);
      return null;
    default:
      return isVersionEvent(event) ? describeVersionEvent(event) : null;
  }
}

function describeVersionEvent(event: VersionEvent): LogLine | null {
  switch (event.type) {
    case 'run.parked':
      return { level: 'warn', text: `run parked: ${event.reason} → ${event.fix}` };
    case 'run.code_changed':
      return {
        level: 'warn',
        text: `run goes on with other code: ${event.changed.map(({ handler, before, after }) => `${handler} ${before} → ${after}`).join(', ')}`,
      };
    case 'run.migrated':
      return info(`run migrated to version ${event.flow.version} by ${event.by}`);
    case 'run.forked':
      return info(
        `run forked from ${event.parent} at event ${event.gseq} by ${event.by}${event.settings === undefined ? '' : ` with ${settingsText(event.settings)}`}`,
      );
    case 'run.rolled_back':
      return {
        level: 'warn',
        text: `run rolled back to event ${event.gseq} by ${event.by}; files that were written later are below ${event.aside}`,
      };
    case 'actor.migrated':
    case 'actor.rolled_back':
      return null;
    default:
      return unreachable(event);
  }
}

export function describeEngineEvent(event: EngineEvent): LogLine {
  switch (event.type) {
    case 'engine.started':
      return info(`engine ${event.version} started (process ${event.pid}, epoch ${event.epoch})`);
    case 'engine.stopped':
      return info(`engine stopped: ${event.reason}`);
    case 'store.warned':
      return { level: 'warn', text: event.message };
    case 'store.eased':
      return info(event.about === 'space' ? 'there is space again' : 'the write-ahead log is short again');
    case 'store.pruned':
      return info(prunedText(event));
    case 'limit.declared':
      return info(`pool ${event.pool} declared by ${event.flow}: ${limitText(event.limit)}`);
    case 'limit.changed':
      return info(`pool ${event.pool} changed by ${event.by}: ${limitText(event.from)} → ${limitText(event.to)}`);
    case 'limit.adapted':
      return { level: event.until === null ? 'info' : 'warn', text: `pool ${event.pool}: ${adaptedText(event)}` };
    case 'breaker.changed':
      return { level: event.state === 'open' ? 'warn' : 'info', text: `pool ${event.pool}: ${breakerText(event)}` };
    default:
      return info(postText(event));
  }
}

function prunedText({ by, runs, mailboxes = [] }: Extract<EngineEvent, { type: 'store.pruned' }>): string {
  const boxes = mailboxes.map(({ mailbox, events }) => `${events} facts of mailbox ${mailbox}`);
  return `${by} had ${[...(runs.length === 0 ? [] : [`the events of ${runs.length} runs`]), ...boxes].join(' and ')} removed`;
}

function postText(event: PostEvent): string {
  const { mailbox } = event;
  switch (event.type) {
    case 'mailbox.opened':
      return `mailbox ${mailbox} is opened by ${event.by}`;
    case 'message.sent':
      return `mailbox ${mailbox} received ${event.header.id} from ${event.header.from}`;
    case 'message.taken':
      return `${event.taker.step} of run ${event.taker.run} took ${event.id} from mailbox ${mailbox}`;
    case 'message.released':
      return `${event.id} is in mailbox ${mailbox} again: ${event.reason}`;
    case 'message.died':
      return `${event.id} in mailbox ${mailbox} is dead: ${event.reason}`;
    case 'message.revived':
      return `${event.by} put ${event.id} into mailbox ${mailbox} again`;
    case 'message.settled':
      return `${event.id} from mailbox ${mailbox} was ${event.outcome} by ${event.by}${event.reason === null ? '' : `: ${event.reason}`}`;
    default:
      return unreachable(event);
  }
}

function adaptedText({ share, until }: Extract<EngineEvent, { type: 'limit.adapted' }>): string {
  if (share === 1) return 'its service answers again; the whole limit is given out';
  const part = `${Math.round(share * 100)} % of its limit is given out`;
  return until === null ? part : `its service refused a call because there are too many: ${part}, and nothing before ${isoTime(until)}`;
}

function breakerText({ state, until, failures, code, ramp, by }: Extract<EngineEvent, { type: 'breaker.changed' }>): string {
  switch (state) {
    case 'open':
      return `its breaker opened after ${failures} failures in a row (the last: ${code}); nothing starts before ${isoTime(until ?? 0)}`;
    case 'half_open':
      return 'the cool-down is over: one call at a time tries whether the service answers';
    case 'closed':
      return `its breaker is closed${by === null ? '' : ` by ${by}`}${ramp === null ? '' : `, at most ${ramp} at once for now`}`;
    default:
      return unreachable(state);
  }
}

/** A limit in words: `8 at once, 2 per 1000 ms`. */
export function limitText(limit: Limit | JsonObject): string {
  const { concurrent, rate, tokens, breaker } = limit as Limit;
  const parts = [
    ...(concurrent === undefined ? [] : [`${concurrent} at once`]),
    ...(rate === undefined ? [] : [`${rate.n} per ${rate.per} ms`]),
    ...(tokens === undefined ? [] : [`${tokens.n} tokens per ${tokens.per} ms`]),
    ...(breaker === undefined ? [] : [`opens after ${breaker.failures} failures for ${breaker.cooldown} ms`]),
  ];
  return parts.length === 0 ? 'no limit' : parts.join(', ');
}

const reasons: { readonly [reason in StartReason]: string } = {
  first: 'it had not been made',
  continued: 'the one before did a part of the work',
  retry: 'the one before failed',
  engine_ended: 'the engine ended during the one before',
  worker_ended: 'the worker ended during the one before',
  stopped: 'a forced stop aborted the one before',
  rewound: 'the one before was under way where the run was taken back to, or forked',
};

function describeWait(
  event: Extract<Recorded['event'], { type: 'wait.begun' | 'wait.answered' | 'state.signalled' }>,
  where: string,
  at: Instant,
  isOfRun: boolean,
): LogLine | null {
  switch (event.type) {
    case 'wait.begun':
      return isOfRun ? info(`${where}: ${waitText(event, at)}`) : null;
    case 'wait.answered': {
      const role = event.as === undefined ? '' : ` as ${event.as}`;
      return info(`${where}: answered by ${event.signal === undefined ? '' : 'a signal from '}${event.by}${role}`);
    }
    case 'state.signalled':
      return info(`${where}: the signal '${event.signal.name}' from ${event.signal.by} leads out of ${event.state}`);
    default:
      return unreachable(event);
  }
}

function waitText({ event, ask, until, forMs }: Extract<Recorded['event'], { type: 'wait.begun' }>, at: Instant): string {
  if (event === undefined) return `waits until ${isoTime(until ?? at + (forMs ?? 0))}`;
  return `waits for '${event}'${ask === undefined ? '' : `: ${ask}`}`;
}

function startedText({ flow, options, by }: Extract<Recorded['event'], { type: 'run.started' }>): string {
  const extras = [
    `mode ${options.mode}`,
    ...(options.test ? ['test'] : []),
    ...(options.limit === null ? [] : [`limit ${options.limit}`]),
    ...(options.fresh ? ['fresh'] : []),
  ];
  return `run started: ${flow.name} ${flow.version} (${extras.join(', ')}) by ${by}`;
}

function describeStart(
  actor: string,
  event: Extract<Recorded['event'], { type: 'attempt.started' }>,
  keys: ItemKeys,
  where: () => string,
): LogLine | null {
  const undo = parseUndoId(event.node);
  if (undo !== null)
    return info(
      `undoing ${undo.node}${event.key === null ? '' : ` [${event.key}]`}${event.attempt === 1 ? '' : `: attempt ${event.attempt}`}`,
    );
  if (event.key !== null) keys.set(actor, (keys.get(actor) ?? new Map<number, string>()).set(event.item, event.key));
  if (event.child !== undefined) return info(`${where()}: calls ${event.handler} as run ${event.child}`);
  return event.reason === 'first'
    ? null
    : {
        level: event.reason === 'retry' ? 'info' : 'warn',
        text: `${where()}: attempt ${event.attempt}, because ${reasons[event.reason]}`,
      };
}

/** Of the run's own states; those of items are not worth a line each. */
function enteredText({ node, state, visit }: Extract<Recorded['event'], { type: 'state.entered' }>): string {
  return `${childId(node, state)}: entered${visit === 1 ? '' : ` (visit ${visit})`}`;
}

function failedText({ attempt, ms, error }: Extract<Recorded['event'], { type: 'attempt.failed' }>): string {
  return `attempt ${attempt} failed after ${Math.round(ms)} ms: ${failureText(error)}`;
}

function warn(text: string): LogLine {
  return { level: 'warn', text };
}

function info(text: string): LogLine {
  return { level: 'info', text };
}

function failureText(error: Failure): string {
  return `${error.code}: ${error.message}${error.fix === undefined ? '' : ` → ${error.fix}`}`;
}

function settingsText(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    .join(', ');
}
