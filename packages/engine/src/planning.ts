/**
 * A dry run: the real reducer over a journal in memory. Outside an `each`, steps that only read are really called,
 * because what there is to do depends on what they find; inside, nothing is called: a step is either answered by an
 * earlier result or listed, with the reason, as what would run. Nothing is written anywhere.
 */

import { attemptKey, decide, evolve, placeOf, planOf, ROOT, unreachable } from '@scriptorium/core';
import type { ActorState, Command, Event, ItemRow, Json, PlannedStep, Recorded, StartRequest } from '@scriptorium/core';
import type { Journal } from './journal.ts';
import { memoKey } from './memo.ts';
import type { Registry } from './registry.ts';
import { createValueStore } from './values.ts';

type Dispatch = Extract<Command, { k: 'dispatch' }>;

export interface PlanningPorts {
  readonly registry: Registry;
  readonly journal: Journal;
  /** Calls a handler that only reads; raises what it raises. */
  readonly call: (dispatch: Dispatch) => Promise<Json>;
}

export async function* planRun(request: StartRequest, ports: PlanningPorts): AsyncGenerator<PlannedStep> {
  const planned: PlannedStep[] = [];
  const scene = createScene(request, ports, planned);
  for (;;) {
    scene.consult();
    yield* planned.splice(0);
    const next = scene.next();
    if (next === undefined) return;
    await answer(scene, ports, next.actor, next.dispatch, planned);
  }
}

type Scene = ReturnType<typeof createScene>;

function createScene(request: StartRequest, ports: PlanningPorts, planned: PlannedStep[]) {
  const { flow, input, options, by } = request;
  const values = createValueStore((ref) => {
    const bytes = ports.journal.value(ref);
    return bytes === null ? null : Buffer.from(bytes).toString('utf8');
  });
  const actors = new Map<string, ActorState>();
  const waiting = new Map<string, { readonly actor: string; readonly dispatch: Dispatch }>();
  const dirty = new Set<string>();

  function append(actor: string, event: Event): number {
    const state = actors.get(actor) ?? null;
    const recorded: Recorded = { gseq: 0, run: 'plan', actor, seq: (state?.seq ?? 0) + 1, at: 0, event };
    actors.set(actor, evolve(state, recorded));
    dirty.add(actor);
    if (event.type === 'step.skipped') planned.push({ key: keyOf(actor, event.item), step: event.node, action: 'skip', reason: event.reason });
    return recorded.seq;
  }

  function keyOf(actor: string, item: number): string | null {
    const state = actors.get(actor);
    return state?.kind.type === 'chunk' ? ((values.read(state.kind.page) as readonly ItemRow[])[item]?.key ?? null) : null;
  }

  function put(value: unknown): string {
    return values.put(JSON.stringify(value));
  }

  function tell(actor: string, own: Event, to: string, event: Event): void {
    const seq = append(actor, own);
    append(to, { ...event, from: { actor, seq } });
  }

  function obey(actor: string, command: Command): void {
    switch (command.k) {
      case 'append':
        append(actor, command.event);
        return;
      case 'tell':
        tell(actor, command.own, command.to, command.event);
        return;
      case 'dispatch':
        waiting.set(`${actor}/${attemptKey(command.item, command.node, command.attempt)}`, { actor, dispatch: command });
        return;
      case 'open': {
        const { pageSize, total } = command.opened;
        const pages = Array.from({ length: Math.ceil(total / pageSize) }, (_, page) => put(command.rows.slice(page * pageSize, (page + 1) * pageSize)));
        append(actor, { ...command.opened, pages: put(pages) });
        return;
      }
      case 'settle': {
        const page = put(command.rows);
        tell(actor, { type: 'chunk.settled', page }, command.to, { ...command.report, page });
        return;
      }
      case 'cancel':
      case 'timer':
        return;
      default:
        unreachable(command);
    }
  }

  append(ROOT, { type: 'run.started', flow: { name: flow.name, version: flow.version, hash: flow.hash }, input, options, by });
  return {
    request,
    actors,
    append,
    next: () => {
      const [first] = waiting;
      if (first !== undefined) waiting.delete(first[0]);
      return first?.[1];
    },
    consult: () => {
      for (const actor of dirty) {
        dirty.delete(actor);
        const state = actors.get(actor);
        if (state === undefined) continue;
        for (const command of decide(flow, state, values, { underway: (key) => waiting.has(`${actor}/${key}`) })) obey(actor, command);
      }
    },
  };
}

async function answer(scene: Scene, ports: PlanningPorts, actor: string, dispatch: Dispatch, planned: PlannedStep[]): Promise<void> {
  const { item, node, attempt, uses, key } = dispatch;
  const at = { item, node, attempt };
  const state = scene.actors.get(actor);
  const handler = ports.registry.find(uses);
  if (state === undefined || handler === undefined || state.status === 'settled' || state.results.has(item)) return;
  const earlier = handler.pure && !scene.request.options.fresh ? ports.journal.memo(memoKey(`${handler.name}@${handler.version}`, scene.request.options.mode, dispatch.input as Json)) : null;
  if (earlier !== null) {
    planned.push({ key, step: node, action: 'reuse', reason: `same input and ${handler.name}@${handler.version} as in ${earlier.run}` });
    scene.append(actor, { item, node, type: 'attempt.reused', output: earlier.output, artifacts: [], reusedFrom: earlier.run });
    return;
  }
  if (state.kind.type === 'root' && handler.effects !== 'write') {
    planned.push({ key, step: node, action: 'run', reason: 'only reads: called now to see what there is to do' });
    try {
      const output = await ports.call(dispatch);
      scene.append(actor, { ...at, type: 'attempt.started', handler: uses, key, reason: 'first' });
      scene.append(actor, { ...at, type: 'attempt.succeeded', output: { v: output }, artifacts: [], ms: 0 });
      return;
    } catch (error) {
      planned.push({ key, step: node, action: 'unknown', reason: `it failed: ${error instanceof Error ? error.message : String(error)}` });
    }
  } else {
    planned.push({ key, step: node, action: 'run', reason: whyRun(handler.pure, scene.request.options.fresh) });
  }
  abandon(scene, actor, dispatch, planned);
}

function whyRun(pure: boolean, fresh: boolean): string {
  if (!pure) return 'its result may differ each time';
  return fresh ? 'earlier results are not wanted (--fresh)' : 'no earlier result for this input and version';
}

/** What follows in the item cannot be known: it is listed, and the item is closed so that others get its slot. */
function abandon(scene: Scene, actor: string, { item, node, key }: Dispatch, planned: PlannedStep[]): void {
  const state = scene.actors.get(actor);
  const flow = scene.request.flow;
  const border = state?.kind.type === 'chunk' ? state.kind.node : '';
  const steps = state?.open.get(item)?.steps;
  const plan = planOf(flow);
  for (const later of placeOf(plan, border).steps.values()) {
    const { id, if: condition } = later.node;
    if (steps?.has(id) === true || node === id || node.startsWith(`${id}/`)) continue;
    planned.push({ key, step: id, action: condition === undefined ? 'run' : 'unknown', reason: condition === undefined ? `after ${node}` : `depends on ${condition.$} after ${node}` });
  }
  if (state?.kind.type === 'chunk') scene.append(actor, { item, node: border, type: 'step.cancelled', reason: 'not known in a dry run' });
  else scene.append(actor, { type: 'run.settled', status: 'cancelled', output: null, error: null });
}
