/** Carries out what the kernel dispatches: takes over earlier results, calls handlers, and brings the outcome back. */

import { join } from 'node:path';
import {
  carry,
  isWithin,
  jsonOf,
  NORMAL_PRIORITY,
  noUsage,
  outsideMembers,
  parseUndoId,
  placeOf as nodeOf,
  planOf,
} from '@scriptorium/core';
import type {
  About,
  ArtifactRecord,
  Carried,
  Context,
  Cost,
  Event,
  Failure,
  Handler,
  Instant,
  Json,
  Ms,
  Note,
  RunOptions,
  Settings,
  Usage,
  Value,
} from '@scriptorium/core';
import type { Contracts } from '../calls/contracts.ts';
import { addCost, reserveFor, usedBy } from './costing.ts';
import { AttemptError } from '../calls/failures.ts';
import type { CallResult, KeptValues } from '../calls/handler-call.ts';
import type { Invocation, Invoker } from '../calls/invoke.ts';
import type { ArtifactRow, Journal, MemoRow } from '../journal/journal.ts';
import type { Children } from '../runs/children.ts';
import type { Attempts, Extras } from './attempt-port.ts';
import { idempotencyKey, rootOf } from '../kernel/live-run.ts';
import type { LiveRun, Underway } from '../kernel/live-run.ts';
import { goneOn, notesOf } from './going-on.ts';
import { inputHash, memoKey, noSettings, settingsRead } from './memo.ts';
import { brokenReturns, reportTo } from './outcome.ts';
import type { Ended } from './outcome.ts';
import { outputRoot } from '../outputs/output-place.ts';
import type { OutputPlace } from '../outputs/output-place.ts';
import type { Parents } from './parents.ts';
import { EMIT } from '../handlers/core-signals.ts';
import type { Recorder } from '../reports/recorder.ts';
import type { Registry } from '../calls/registry.ts';
import { secretUse } from '../calls/secrets.ts';
import type { Streams } from '../reports/streaming.ts';
import { stageOf } from '../outputs/stage.ts';
import type { ValueStore } from '../journal/values.ts';
import type { OutputFiles } from '../world.ts';

export interface AttemptPorts {
  readonly now: () => Instant;
  readonly outputs: OutputFiles;
  readonly registry: Registry;
  readonly journal: Journal;
  readonly values: ValueStore;
  readonly invoker: Invoker;
  readonly parents: Parents;
  readonly contracts: Contracts;
  readonly recorder: Recorder;
  readonly children: Children;
  /** Told of what must not happen; the engine cannot go on. */
  readonly fault: (error: unknown) => void;
  readonly streams: Pick<Streams, 'show'>;
  readonly submit: (run: string, actor: string, event: Event, extras?: Extras) => Promise<void>;
}

export function createAttempts(ports: AttemptPorts): Attempts {
  return {
    handlerOf: ({ uses }) => versioned(handlerOf(ports, uses)),
    begin: ports.children.begin,
    reuse: (live, underway, absent) => {
      const { node, key, cache, flow, uses } = underway.dispatch;
      // Of a flow that is left to itself, the start is all there is; and a signal to the own run is not in another one.
      if (flow?.detached === true || uses === EMIT) return absent();
      const handler = flow === null ? handlerOf(ports, uses) : null;
      const given = inputOf(underway.dispatch.input);
      const aboutOf = (): Pick<About, 'step' | 'key' | 'settings'> => ({ step: node, ...keyOf(key), settings: settingsOf(live) });
      const input = inputHash(given, settingsRead(handler, given, aboutOf));
      underway.input = input;
      // A compensation undoes what this run did: what an earlier one did says nothing about that.
      if (parseUndoId(node) !== null) return absent();
      if (handler !== null && (handler.pure || cache !== null))
        underway.memo = memoKey(versioned(handler), optionsOf(live).mode, input, cache);
      const earlier = earlierOf(ports, live, underway, handler === null ? null : versioned(handler));
      const refused = earlier === null ? refusedBy(ports, live, underway) : null;
      if (refused !== null) return void refuse(ports, live, underway, refused).catch(ports.fault);
      if (earlier === null) return absent();
      void takeOver(ports, live, underway, earlier)
        .then((taken) => (taken ? undefined : absent()))
        .catch(ports.fault);
    },
    reserve: (live, { uses, input, flow, budgets, notes, node, key }) => {
      const aboutOf = (): About => ({
        step: node,
        ...keyOf(key),
        notes: notesOf(ports, notes),
        returns: nodeOf(planOf(live.flow), node).node.returns,
        settings: settingsOf(live),
      });
      const around = ports.children.around(live);
      const cost =
        flow === null
          ? reserveFor(handlerOf(ports, uses), input, aboutOf, ports.contracts)
          : { reserved: { ...noUsage, ...ports.children.budgetOf(live, uses, flow) }, account: null };
      if ('failure' in cost) return cost;
      const own = cost.account === null ? budgets : [...budgets, cost.account];
      const charged = [...own.map((scope) => ({ ...scope, run: live.id })), ...around.budgets];
      const reserved = flow !== null && charged.length === 0 ? null : cost.reserved;
      return { reserved, budgets: own, charged, family: around.family };
    },
    start: (live, underway) => {
      if (underway.child === null) void carryOut(ports, live, underway).catch(ports.fault);
      else ports.children.follow(live, underway);
    },
  };
}

/** What an earlier run, or what this one was forked from, gave for the same. The step that a fork is for runs again. */
function earlierOf({ journal, parents }: AttemptPorts, live: LiveRun, underway: Underway, handler: string | null): MemoRow | null {
  const { fork, options } = rootOf(live);
  const isAskedFor = fork !== null && fork.step !== null && isWithin(underway.dispatch.node, fork.step);
  if (isAskedFor) return null;
  const known = underway.memo === null || options.fresh ? null : journal.memo(underway.memo);
  return known ?? (fork === null ? null : parents.find(fork, underway, handler));
}

/** Why the call is not tried again with the rest of what failed for good, if so. */
function refusedBy({ parents }: AttemptPorts, live: LiveRun, underway: Underway): Failure | null {
  const { fork } = rootOf(live);
  return fork === null ? null : parents.refused(fork, underway);
}

/** It fails without a start. */
async function refuse(ports: AttemptPorts, live: LiveRun, underway: Underway, error: Failure): Promise<void> {
  const { item, node, attempt } = underway.dispatch;
  live.underway.delete(underway.key);
  await ports.submit(live.id, underway.actor, { type: 'attempt.failed', item, node, attempt, error, ms: 0 });
}

function handlerOf(ports: AttemptPorts, uses: string): Handler {
  const handler = ports.registry.find(uses);
  if (handler === undefined) throw new Error(`no handler ${uses}; the flow was admitted without it`);
  return handler;
}

function versioned(handler: Handler): string {
  return `${handler.name}@${handler.version}`;
}

function optionsOf(live: LiveRun): RunOptions {
  return rootOf(live).options;
}

function keyOf(key: string | null): { readonly key?: string } {
  return key === null ? {} : { key };
}

function settingsOf(live: LiveRun): Settings {
  return optionsOf(live).settings ?? noSettings;
}

/** The input as JSON; collections become the markers that the invoker resolves. */
function inputOf(input: Value): Json {
  return (carry(input) as { readonly v: Json }).v;
}

function placeOf(live: LiveRun, node: string): OutputPlace {
  const { out, test } = optionsOf(live);
  return { out, test, stage: stageOf(live.flow, node), batch: live.id };
}

/** Whether the earlier result could be taken over: all its artifacts are still what they were. */
async function takeOver(ports: AttemptPorts, live: LiveRun, underway: Underway, earlier: MemoRow): Promise<boolean> {
  const { actor, dispatch } = underway;
  const { item, node, iteration } = dispatch;
  const origin = ports.journal.run(earlier.run);
  if (origin === null || earlier.output.collections === true) return false;
  // Read before anything is waited for: the result may be removed meanwhile.
  const known = jsonOf(earlier.output, ports.values);
  const records: ArtifactRecord[] = [];
  for (const artifact of earlier.artifacts) {
    const linked = await ports.outputs.link(outputRoot(origin.options), artifact, placeOf(live, node)).catch(() => null);
    if (linked === null) return false;
    records.push(linked);
  }
  const paths = new Map(earlier.artifacts.map((artifact, index) => [artifact.path, records[index]?.path ?? artifact.path]));
  const value = records.length === 0 ? known : movePaths(known, paths);
  // Another step may have asked less of the same handler's result.
  if (brokenReturns(ports.contracts, live, node, value) !== null) return false;
  const output: Carried = { v: value };
  const key = underway.key;
  if (live.underway.get(key) !== underway) return true;
  const extras = extrasOf(ports, live, underway, output, records, earlier.run);
  const reused = {
    type: 'attempt.reused',
    item,
    node,
    output,
    artifacts: records,
    reusedFrom: earlier.run,
    ...(underway.input === null ? {} : { input: underway.input }),
  } as const;
  await ports.submit(live.id, actor, iteration === '' ? reused : { ...reused, iteration }, extras ?? undefined);
  // Until its result is a fact, the attempt would be asked for again.
  if (live.underway.get(key) === underway) live.underway.delete(key);
  return true;
}

/** References to the artifacts in an output, moved to where the artifacts were placed now. */
function movePaths(value: Json, paths: ReadonlyMap<string, string>): Json {
  if (Array.isArray(value)) return value.map((element: Json) => movePaths(element, paths));
  if (typeof value !== 'object' || value === null) return value;
  const moved = Object.entries(value).map(([name, element]): [string, Json] => {
    const path = name === 'path' && typeof element === 'string' ? paths.get(element) : undefined;
    return [name, path ?? movePaths(element, paths)];
  });
  return Object.fromEntries(moved);
}

async function carryOut(ports: AttemptPorts, live: LiveRun, underway: Underway): Promise<void> {
  const startedAt = ports.now();
  let told: Cost = noCost;
  const onSpend = (used: Cost): void => void (told = addCost(told, used));
  let result: CallResult | null = null;
  let error: unknown;
  try {
    result = await ports.invoker.invoke(invocationOf(ports, live, underway, onSpend), underway.stop);
  } catch (thrown) {
    error = thrown;
  }
  const endedAt = ports.now();
  const ms = endedAt - startedAt;
  const end: End = result === null ? { event: failedEvent(underway, error, ms) } : endOf(ports, live, underway, result, ms);
  const ended = withUsed(end.event, underway.reserved, told);
  reportTo(underway.permit, ended, endedAt);
  underway.permit?.release();
  live.underway.delete(underway.key);
  await ports.submit(live.id, underway.actor, ended, end.extras);
  for (const { path } of end.extras?.artifacts ?? []) live.placing.delete(path);
}

const noCost: Cost = {};

function endOf(ports: AttemptPorts, live: LiveRun, underway: Underway, { output, artifacts, goesOn }: CallResult, ms: Ms): End {
  const { item, node, attempt } = underway.dispatch;
  if (goesOn !== undefined) {
    const going = { journal: ports.journal, handlerOf: (uses: string) => handlerOf(ports, uses) };
    return { event: goneOn(going, live, underway, goesOn, ms) };
  }
  const failure = brokenReturns(ports.contracts, live, node, output) ?? takenPath(ports, live, underway, artifacts);
  if (failure !== null) return { event: { item, node, attempt, type: 'attempt.failed', error: failure, ms } };
  const carried = { v: output };
  const extras = extrasOf(ports, live, underway, carried, artifacts, null);
  const event = { item, node, attempt, type: 'attempt.succeeded', output: carried, artifacts, ms } as const;
  return extras === null ? { event } : { event, extras };
}

function withUsed(event: Ended, reserved: Usage | null, told: Cost): Ended {
  const isCutOff = event.type === 'attempt.lost' || (event.type === 'attempt.failed' && event.error.code === 'timeout');
  const used = usedBy(reserved, told, isCutOff ? 'unknown' : 'known');
  return used === undefined ? event : { ...event, used };
}

interface End {
  readonly event: Ended;
  readonly extras?: Extras;
}

function invocationOf(ports: AttemptPorts, live: LiveRun, { actor, dispatch }: Underway, onSpend: Invocation['onSpend']): Invocation {
  const { node, attempt, uses, input, key, timeoutMs, failure } = dispatch;
  const { returns, do: body } = nodeOf(planOf(live.flow), node).node;
  const { options, parent } = rootOf(live);
  const { mode, test, settings = noSettings, priority = NORMAL_PRIORITY } = options;
  const name = key === null ? node : `${node} [${key}]`;
  const at = { item: dispatch.item, node, attempt };
  return {
    uses,
    input,
    run: { id: live.id, batch: live.id, mode, test },
    step: {
      path: node,
      attempt,
      idempotencyKey: idempotencyKey(live, actor, dispatch),
      ...(key === null ? {} : { key }),
      returns,
      outside: body.k === 'call' ? outsideMembers(body.with, input, parent === null) : [],
      ...(failure === null ? {} : { failure: shown(failure) }),
    },
    notes: notesOf(ports, dispatch.notes),
    settings,
    onNote: (as, value) => ports.submit(live.id, actor, { ...at, type: 'attempt.noted', note: { name: as, value: { v: value } } }),
    kept: keptValues(ports, (note) => ports.submit(live.id, actor, { ...at, type: 'attempt.noted', note })),
    onStream: (text) => ports.streams.show({ run: live.id, step: node, key, attempt, text }),
    place: placeOf(live, node),
    secrets: secretUse(live.flow, options, node),
    timeoutMs,
    priority,
    onLog: ({ level, message, fields }) => ports.recorder.line(live.id, level, `${name}: ${message}`, fields),
    onSpend,
  };
}

/** A value is kept as a note of the step that kept it, always by reference: it stays as long as the run's events do. */
function keptValues({ values }: AttemptPorts, note: (note: Note) => Promise<void>): KeptValues {
  return {
    keep: async (value) => {
      const text = JSON.stringify(value);
      const kept = { ref: values.put(text), bytes: Buffer.byteLength(text) };
      await note({ name: `kept:${kept.ref}`, value: kept });
      return kept;
    },
    recall: ({ ref }) => {
      try {
        return values.read(ref) as Json;
      } catch {
        return undefined;
      }
    },
  };
}

/** What a handler may see of the failure before it. */
function shown({ code, message, details }: Failure): NonNullable<Context['step']['failure']> {
  return { code, message, ...(details === undefined ? {} : { details }) };
}

/** Two steps or items that write the same file would leave one of them with an artifact that is not its own. */
function takenPath(ports: AttemptPorts, live: LiveRun, { dispatch }: Underway, artifacts: readonly ArtifactRecord[]): Failure | null {
  if (artifacts.length === 0) return null;
  const root = outputRoot(optionsOf(live));
  const owner = `${dispatch.node} [${dispatch.key}]`;
  for (const { path, hash } of artifacts) {
    const known = ports.journal.artifactAt(join(root, path));
    const isOurs =
      known === null ||
      known.run !== live.id ||
      known.hash === hash ||
      (known.key === dispatch.key && known.handler.startsWith(`${dispatch.uses}@`));
    const other = live.placing.get(path);
    if (isOurs && (other === undefined || other === owner)) {
      live.placing.set(path, owner);
      continue;
    }
    const message = `${path} was written by ${other ?? `${known?.stage} [${known?.key}]`} of this run already`;
    return { code: 'contract.output', message, fix: "Put the item's key into the name of the output." };
  }
  return null;
}

function failedEvent({ dispatch: { item, node, attempt }, stop }: Underway, error: unknown, ms: Ms): Ended {
  const at = { item, node, attempt };
  if (stop.isAsked) return { ...at, type: 'attempt.lost', reason: stop.reason === 'stopped' ? 'stopped' : 'cancelled', among: 1 };
  if (!(error instanceof AttemptError)) throw error;
  return error.failure.code === 'lost'
    ? { ...at, type: 'attempt.lost', reason: 'worker', why: error.failure.message, among: 1 }
    : { ...at, type: 'attempt.failed', error: error.failure, ms };
}

/** Null where nothing is kept beside the event. */
function extrasOf(
  ports: AttemptPorts,
  live: LiveRun,
  underway: Underway,
  output: Carried,
  artifacts: readonly ArtifactRecord[],
  reusedFrom: string | null,
): Extras | null {
  const { dispatch, memo } = underway;
  if (memo === null && artifacts.length === 0) return null;
  const at = ports.now();
  const kept = memo === null ? null : { key: memo, output, artifacts, run: live.id, at };
  // A flow has no artifacts of its own either: they are those of its run.
  if (artifacts.length === 0) return { artifacts: [], memo: kept };
  const root = outputRoot(optionsOf(live));
  const handler = versioned(handlerOf(ports, dispatch.uses));
  const rows = artifacts.map((artifact): ArtifactRow => ({ ...artifact, run: live.id, root, key: dispatch.key, handler, at, reusedFrom }));
  return { artifacts: rows, memo: kept };
}
