/**
 * A run beside another: the same facts up to where a step began, then its own.
 *
 * 1. The parent is only read. Its files are shared: what the fork goes on from lies where the parent put it.
 * 2. What was under way at that point is lost, and asked for again.
 * 3. What the parent completed later on the same input is taken over, but for the step that was asked for.
 */

import { HostError, planOf, ROOT } from '@scriptorium/core';
import type { ActorState, AssumedOutput, Flow, ForkRequest, Json, JsonObject, Place, Recorded } from '@scriptorium/core';
import { handlersOf, misfitOf } from './code.ts';
import type { ArtifactRow, Entry } from '../journal/journal.ts';
import type { RunRow } from '../journal/journal-reads.ts';
import type { Parts } from '../parts.ts';
import { readAll, rowOf, rowWithEvents } from '../reports/run-views.ts';
import { declareLimits, loadRun } from './runs.ts';
import { artifactsIn, beginningOf, countingEvents, lossesOf, statesAfter, stepOf } from './turning-points.ts';

export async function forkRun(parts: Parts, request: ForkRequest): Promise<string> {
  const row = rowWithEvents(parts.journal, request.run);
  const letGo = parts.holds.hold(row.run);
  try {
    await parts.registry.load(row.options.modules);
    return forkFrom(parts, row, request);
  } finally {
    letGo();
  }
}

function forkFrom(parts: Parts, row: RunRow, request: ForkRequest): string {
  const { journal, registry, kernel, values, now } = parts;
  const events = [...readAll(journal, row.run)];
  const { kept, step } = keptOf(row, events, request);
  const states = statesAfter(kept);
  const root = states.get(ROOT);
  const flow = root?.kind.type === 'root' ? journal.flow(root.kind.flow) : null;
  if (root?.kind.type !== 'root' || flow === null)
    throw new HostError('conflict', `the definition that run ${row.run} went by is not in the store`, 'Restore a backup of the store.');
  const misfit = misfitOf(registry, flow, null);
  if (misfit !== null) throw new HostError('conflict', `run ${row.run} cannot be forked: ${misfit.reason}`, misfit.fix);
  const input = request.input === null ? null : checkedInput(parts, flow, request.input);
  const outputs = Object.entries(request.outputs).map(([node, output]) => assumedOutput(parts, flow, root, node, output));
  const run = parts.newRunId(now());
  const { gseq = 0 } = kept.at(-1) ?? {};
  const handlers = handlersOf(registry, flow);
  const forked = { type: 'run.forked', parent: row.run, gseq, step, input, outputs, handlers, by: request.by, ...moreOf(request) } as const;
  const facts = [{ actor: ROOT, event: forked }, ...lossesOf(states.values(), 'rewound')];
  const ends = new Map(kept.map(({ actor, seq }) => [actor, seq]));
  const own = facts.map(({ actor, event }): Entry => {
    const seq = (ends.get(actor) ?? 0) + 1;
    ends.set(actor, seq);
    return { run, actor, seq, at: now(), event };
  });
  const recorded = journal.commit({
    events: [...kept.map((event) => ({ ...event, run })), ...own],
    values: values.takeNew(),
    artifacts: sharedFiles(parts, row, run, kept),
  });
  parts.recorder.record(run, recorded.slice(kept.length) as readonly Recorded[]);
  declareLimits(parts, flow);
  kernel.reconsider(loadRun(parts, rowOf(journal, run)));
  return run;
}

function moreOf({ only, settings }: ForkRequest): Pick<ForkRequest, 'only' | 'settings'> {
  return { ...(only === undefined ? {} : { only }), ...(settings === undefined ? {} : { settings }) };
}

/** The parent's files that the fork goes on from. */
function sharedFiles({ journal }: Parts, row: RunRow, run: string, kept: readonly Recorded[]): readonly ArtifactRow[] {
  const paths = new Set(
    countingEvents(row, kept)
      .flatMap(artifactsIn)
      .map(({ path }) => path),
  );
  const files: ArtifactRow[] = [];
  for (let last = 0; ;) {
    const page = journal.artifacts(row.run, last);
    for (const { id, ...file } of page) {
      last = id;
      if (paths.has(file.path)) files.push({ ...file, run, reusedFrom: file.reusedFrom ?? row.run });
    }
    if (page.length === 0) return files;
  }
}

/** The events that both have, and the path that the step which runs again had then. */
function keptOf(
  row: RunRow,
  events: readonly Recorded[],
  { step, outputs }: ForkRequest,
): { readonly kept: readonly Recorded[]; readonly step: string | null } {
  const counting = countingEvents(row, events);
  const begins = [...(step === null ? [] : [step]), ...Object.keys(outputs)].map((name) => beginningOf(row, counting, name));
  const first = Math.min(...begins.map(({ gseq }) => gseq));
  const kept = begins.length === 0 ? events.slice(0, 1) : events.filter(({ gseq }) => gseq < first);
  return { kept, step: step === null ? null : stepOf(begins[0]?.event ?? null) };
}

function checkedInput({ options }: Parts, flow: Flow, input: JsonObject): JsonObject {
  const [first] = options.contracts.compile(flow.input)(input);
  if (first !== undefined)
    throw new HostError('invalid', `the input is wrong at ${first.path || '/'}: ${first.message}`, "Compare it with the flow's `input`.");
  return input;
}

function assumedOutput({ options, values }: Parts, flow: Flow, root: ActorState, node: string, output: Json): AssumedOutput {
  const place = planOf(flow).get(node);
  if (place === undefined) throw new HostError('invalid', `the flow had no step ${node}`, 'Name a step by its path.');
  if (hasItems(place))
    throw new HostError('invalid', `${node} has items, or is a step of some`, 'Set the output of a step outside of every `each`.');
  const [first] = options.contracts.compile(place.node.returns)(output);
  if (first !== undefined) throw new HostError('invalid', `the output of ${node} is wrong at ${first.path || '/'}: ${first.message}`);
  const around = root.open.get(0)?.steps.get(place.scope?.node.id ?? '');
  if (around?.type !== 'entered' || root.open.get(0)?.steps.has(node) === true)
    throw new HostError('conflict', `${node} has begun where the fork begins`, `Fork from ${node}, or from a step before it.`);
  return { item: 0, node, output: values.settle({ v: output }) };
}

function hasItems(place: Place): boolean {
  const around = place.catches ?? place.scope;
  return place.node.each !== undefined || (around !== null && hasItems(around));
}
