/**
 * A dry run: the real reducer over a journal in memory. Outside an `each`, steps that only read are really called,
 * because what there is to do depends on what they find; inside, nothing is called: a step is either answered by an
 * earlier result or listed, with the reason, as what would run. Nothing is written anywhere.
 */

import { attemptKey, calledAs, placeOf, planOf, ROOT } from '@scriptorium/core';
import type { ActorState, Command, Event, Flow, ItemRow, Json, JsonObject, LentFlow, PlannedStep, StartRequest } from '@scriptorium/core';
import { foreseenCost } from '../attempts/costing.ts';
import { Actors } from '../kernel/actors.ts';
import type { Fact } from '../kernel/actors.ts';
import { defaultsOf, MAX_FLOW_DEPTH } from './children.ts';
import type { JournalReads } from '../journal/journal-reads.ts';
import { inputHash, memoKey, settingsRead } from '../attempts/memo.ts';
import { DRY_RUN_REFUSAL } from '../outputs/output-place.ts';
import type { Registry } from '../calls/registry.ts';
import { createValueStore } from '../journal/values.ts';

type Dispatch = Extract<Command, { k: 'dispatch' }>;

export interface PlanningPorts {
  readonly registry: Registry;
  readonly journal: Pick<JournalReads, 'memo' | 'value'>;
  /** Calls a handler that only reads; raises what it raises. */
  readonly call: (dispatch: Dispatch, request: StartRequest) => Promise<Json>;
}

export interface Scene {
  readonly request: StartRequest;
  readonly actors: Actors;
  /** What has been found and not been told yet. */
  readonly planned: PlannedStep[];
  /** Steps that wait for an event, which nobody can foretell. */
  readonly asked: (Spot & { readonly actor: string })[];
}

interface Spot {
  readonly item: number;
  readonly node: string;
  readonly key: string | null;
}

/** `depth`: how many runs are around this one. */
export async function* planRun(request: StartRequest, ports: PlanningPorts, depth = 0): AsyncGenerator<PlannedStep> {
  const waiting = new Map<string, { readonly actor: string; readonly dispatch: Dispatch }>();
  const timers: { readonly actor: string; readonly event: Event }[] = [];
  const scene = createScene(request, ports);
  for (;;) {
    scene.actors.decide(
      (key) => waiting.has(key),
      (actor, task) => {
        if (task.k === 'dispatch') waiting.set(`${actor}/${attemptKey(task)}`, { actor, dispatch: task });
        // Time passes at once: what a run would wait for is over.
        if (task.k === 'timer' && task.event.type === 'wait.over') timers.push({ actor, event: task.event });
      },
    );
    yield* scene.planned.splice(0);
    const over = timers.splice(0);
    for (const { actor, event } of over) scene.actors.append(actor, event);
    if (over.length > 0) continue;
    const [next] = waiting;
    if (next === undefined) {
      const asked = scene.asked.shift();
      if (asked === undefined) return;
      abandon(scene, asked.actor, asked);
      continue;
    }
    waiting.delete(next[0]);
    const { actor, dispatch } = next[1];
    if (dispatch.flow === null) await answer(scene, ports, actor, dispatch);
    else yield* planChild(scene, ports, actor, dispatch, depth);
  }
}

/** The state in which a run would begin, in memory. */
export function createScene(request: StartRequest, ports: PlanningPorts): Scene {
  const { flow, input, options, by } = request;
  const values = createValueStore((ref) => {
    const bytes = ports.journal.value(ref);
    return bytes === null ? null : Buffer.from(bytes).toString('utf8');
  });
  const planned: PlannedStep[] = [];
  const asked: (Spot & { readonly actor: string })[] = [];
  const keyOf = (state: ActorState | undefined, item: number): string | null =>
    state?.kind.type === 'chunk' ? ((values.read(state.kind.page) as readonly ItemRow[])[item]?.key ?? null) : null;
  const record = ({ actor, event }: Fact): void => {
    if (event.type === 'step.skipped')
      planned.push({ key: keyOf(actors.state(actor), event.item), step: event.node, action: 'skip', reason: event.reason });
    if (event.type === 'wait.begun') {
      const key = keyOf(actors.state(actor), event.item);
      const reason = event.event === undefined ? 'waits for its time' : `waits for '${event.event}'`;
      planned.push({ key, step: event.node, action: 'run', reason });
      if (event.event !== undefined) asked.push({ actor, item: event.item, node: event.node, key });
    }
  };
  const actors = new Actors({ run: 'plan', flow, values, now: () => 0, load: () => ({ state: null, seq: 0, at: 0 }), record });
  actors.append(ROOT, { type: 'run.started', flow: { name: flow.name, version: flow.version, hash: flow.hash }, input, options, by });
  return { request, actors, planned, asked };
}

/** The steps of a flow that is called outside an `each` are planned like its own run; what it gives is not known. */
async function* planChild(
  scene: Scene,
  ports: PlanningPorts,
  actor: string,
  dispatch: Dispatch,
  depth: number,
): AsyncGenerator<PlannedStep> {
  const { node, key, uses, flow: call, input } = dispatch;
  const state = scene.actors.state(actor);
  if (call === null || state === undefined || state.status === 'settled' || state.results.has(dispatch.item)) return;
  const { called = {}, options } = scene.request;
  const flow = called[calledAs(uses, call)];
  const name = flow === undefined ? uses : `${flow.name} ${flow.version}`;
  yield { key, step: node, action: 'run', reason: `calls the flow ${name}${call.detached === true ? ', and does not wait for it' : ''}` };
  if (flow === undefined || state.kind.type === 'chunk' || depth >= MAX_FLOW_DEPTH) {
    yield { key, step: `${node}/*`, action: 'unknown', reason: 'flows that items call are not looked into' };
  } else {
    const below = {
      ...scene.request,
      flow,
      input: { ...defaultsOf(flow), ...(input as JsonObject) },
      options: { ...options, limit: null },
    };
    for await (const step of planRun(below, ports, depth + 1)) yield { ...step, step: `${node}/${step.step}` };
  }
  abandon(scene, actor, dispatch);
}

async function answer(scene: Scene, ports: PlanningPorts, actor: string, dispatch: Dispatch): Promise<void> {
  const { actors, planned, request } = scene;
  const { item, node, attempt, iteration, uses, key, cache } = dispatch;
  const state = actors.state(actor);
  const handler = ports.registry.find(uses);
  if (state === undefined || handler === undefined || state.status === 'settled' || state.results.has(item)) return;
  const { fresh, mode, settings = {} } = scene.request.options;
  const about = { step: node, ...(key === null ? {} : { key }), settings };
  const isReusable = handler.pure || cache !== null;
  const earlier =
    isReusable && !fresh
      ? ports.journal.memo(
          memoKey(
            `${handler.name}@${handler.version}`,
            mode,
            inputHash(
              dispatch.input as Json,
              settingsRead(handler, dispatch.input as Json, () => about),
            ),
            cache,
          ),
        )
      : null;
  if (earlier !== null) {
    planned.push({ key, step: node, action: 'reuse', reason: `same input and ${handler.name}@${handler.version} as in ${earlier.run}` });
    const { output, run: reusedFrom } = earlier;
    actors.append(actor, { item, node, type: 'attempt.reused', output, artifacts: [], reusedFrom, iteration });
    return;
  }
  if (state.kind.type === 'chunk' || handler.effects === 'write' || handler.cost !== undefined) {
    const most = foreseenCost(handler, dispatch.input, about);
    planned.push({ key, step: node, action: 'run', reason: whyRun(isReusable, fresh), ...(most === null ? {} : { most }) });
    for (const { uses: flow } of lentAt(request.flow, node))
      planned.push({ key, step: `${node}/${flow}`, action: 'unknown', reason: `${handler.name} may call the flow, as its step lends it` });
    return abandon(scene, actor, dispatch);
  }
  try {
    const output = await ports.call(dispatch, scene.request);
    planned.push({ key, step: node, action: 'run', reason: 'only reads: called now to see what there is to do' });
    actors.append(actor, { item, node, attempt, type: 'attempt.started', handler: uses, key, reason: 'first' });
    actors.append(actor, { item, node, attempt, type: 'attempt.succeeded', output: { v: output }, artifacts: [], ms: 0 });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const writes = message === DRY_RUN_REFUSAL;
    planned.push({ key, step: node, action: writes ? 'run' : 'unknown', reason: writes ? 'writes files' : `it failed: ${message}` });
    abandon(scene, actor, dispatch);
  }
}

function lentAt(flow: Flow, node: string): readonly LentFlow[] {
  const { do: body } = placeOf(planOf(flow), node).node;
  return body.k === 'call' ? (body.lends ?? []) : [];
}

function whyRun(isReusable: boolean, fresh: boolean): string {
  if (!isReusable) return 'its result may differ each time';
  return fresh ? 'earlier results are not wanted (--fresh)' : 'no earlier result for this input and version';
}

/** What follows in the item cannot be known: it is listed, and the item is closed so that others get its slot. */
function abandon(scene: Scene, actor: string, { item, node, key }: Spot): void {
  const { actors, planned, request } = scene;
  const state = actors.state(actor);
  const border = state?.kind.type === 'chunk' ? state.kind.node : '';
  const steps = state?.open.get(item)?.steps;
  const scope = placeOf(planOf(request.flow), border);
  for (const later of scope.children) {
    const { id, if: condition } = later.node;
    if (steps?.has(id) === true || node === id || node.startsWith(`${id}/`)) continue;
    const why = condition === undefined ? (scope.node.do.k === 'or' ? 'the transitions' : null) : condition.$;
    planned.push({
      key,
      step: id,
      action: why === null ? 'run' : 'unknown',
      reason: why === null ? `after ${node}` : `depends on ${why} after ${node}`,
    });
  }
  if (state?.kind.type === 'chunk') actors.append(actor, { item, node: border, type: 'step.cancelled', reason: 'not known in a dry run' });
  else actors.append(actor, { type: 'run.settled', status: 'cancelled', output: null, error: null });
}
