/**
 * Scores, told from the results of steps: a result with `scores`, names with a number each, is one of whatever step,
 * whether rules, a model, a function of the project or an expression gave it. Whose work it judges is its `of`, or
 * what its step gives as `of`: the step that did it, of the same item or around it.
 */

import { planOf } from '@scriptorium/core';
import type { Flow, Json, Tpl } from '@scriptorium/core';
import type { TurnFacts } from '../agent/conversation.ts';
import { attemptsOf, placeOf } from './attempts.ts';
import type { Told } from './attempts.ts';

export interface Score {
  readonly run: string;
  readonly actor: string;
  readonly item: number;
  /** The step that judged. */
  readonly node: string;
  /** The step that was judged; null where it is not said. */
  readonly of: string | null;
  readonly name: string;
  readonly value: number;
  /** Who did the work that was judged; null where no agent did, or it is not said whose it is. */
  readonly worker: Pick<TurnFacts, 'agent' | 'by'> | null;
}

/** So many scores one result may have. */
export const MAX_SCORES = 100;

/** In the order in which they were given; `flows` has the definition of each run, by its id. */
export function scoresOf(events: readonly Told[], flows: ReadonlyMap<string, Flow>): readonly Score[] {
  const workers = workersOf(events);
  const scores: Score[] = [];
  for (const { run, actor, gseq, event } of events) {
    const flow = flows.get(run);
    const given = scoresIn(resultIn(event, flow));
    if (given === null || !('node' in event) || !('item' in event)) continue;
    const { item, node } = event;
    const of = given.of ?? literalOf(flow, node);
    const worker = of === null ? null : workerOf(workers, { run, actor, item, node }, of, gseq);
    for (const [name, value] of given.scores) scores.push({ run, actor, item, node, of, name, value, worker });
  }
  return scores;
}

/** What a step gave, where the event has it: scopes only hand on what was given in them. */
function resultIn(event: Told['event'], flow: Flow | undefined): Json | undefined {
  if (event.type === 'step.settled') {
    if (flow === undefined || planOf(flow).get(event.node)?.node.do.k !== 'value') return undefined;
  } else if (event.type !== 'attempt.succeeded' && event.type !== 'attempt.reused') return undefined;
  return 'v' in event.output ? event.output.v : undefined;
}

function scoresIn(
  output: Json | undefined,
): { readonly scores: readonly (readonly [string, number])[]; readonly of: string | null } | null {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) return null;
  const { scores, of } = output as { readonly scores?: Json; readonly of?: Json };
  if (typeof scores !== 'object' || scores === null || Array.isArray(scores)) return null;
  const entries = Object.entries(scores).slice(0, MAX_SCORES);
  const isAll = entries.length > 0 && entries.every(([, value]) => typeof value === 'number');
  return isAll ? { scores: entries as [string, number][], of: typeof of === 'string' ? of : null } : null;
}

/** What the step gives as `of`, where the definition says it word for word. */
function literalOf(flow: Flow | undefined, node: string): string | null {
  const body = flow === undefined ? undefined : planOf(flow).get(node)?.node.do;
  if (body?.k !== 'call') return null;
  const found = memberOf(body.with, 'of');
  return typeof found === 'string' ? found : null;
}

function memberOf(template: Tpl, name: string): Json | undefined {
  if ('obj' in template) {
    const member = template.obj[name];
    return member !== undefined && 'lit' in member ? member.lit : undefined;
  }
  if (!('lit' in template) || typeof template.lit !== 'object' || template.lit === null || Array.isArray(template.lit)) return undefined;
  return (template.lit as { readonly [name: string]: Json })[name];
}

interface Work {
  readonly node: string;
  readonly gseq: number;
  readonly by: TurnFacts;
}

/** Who gave the results of steps, by the item of the run; a result that was taken over is the work of whoever gave it there. */
function workersOf(events: readonly Told[]): ReadonlyMap<string, readonly Work[]> {
  const last = new Map<string, TurnFacts>();
  const works = new Map<string, Work[]>();
  const add = (at: Spot & { readonly node: string }, gseq: number, by: TurnFacts): void => {
    last.set(placeOf(at), by);
    const own = works.get(spotKey(at)) ?? [];
    works.set(spotKey(at), own);
    own.push({ node: at.node, gseq, by });
  };
  for (const attempt of attemptsOf(events)) {
    const by = attempt.turns.at(-1);
    if (by !== undefined) add(attempt, attempt.ended, by);
  }
  for (const { run, actor, gseq, event } of events) {
    if (event.type !== 'attempt.reused') continue;
    const { item, node, reusedFrom } = event;
    const by = last.get(placeOf({ run: reusedFrom, actor, item, node }));
    if (by !== undefined) add({ run, actor, item, node }, gseq, by);
  }
  return works;
}

/** The latest work before the score, of the step that its name means where the score was given: beside it, or around it. */
function workerOf(
  works: ReadonlyMap<string, readonly Work[]>,
  at: Spot & { readonly node: string },
  of: string,
  before: number,
): Score['worker'] {
  const own = aroundOf(at).flatMap((spot) => works.get(spotKey(spot)) ?? []);
  for (let scope = at.node; scope !== '';) {
    scope = scope.includes('/') ? scope.slice(0, scope.lastIndexOf('/')) : '';
    const node = scope === '' ? of : `${scope}/${of}`;
    const found = own.findLast((work) => work.gseq < before && (work.node === node || work.node.startsWith(`${node}/`)));
    if (found !== undefined) return { agent: found.by.agent, by: found.by.by };
  }
  return null;
}

type Spot = Pick<Score, 'run' | 'actor' | 'item'>;

function spotKey({ run, actor, item }: Spot): string {
  return JSON.stringify([run, actor, item]);
}

/** The items around one, the outermost first, and itself: chunks are named after the item that fanned out. */
function aroundOf({ run, actor, item }: Spot): readonly Spot[] {
  const [, parent, around] = /^(.*)\/(\d+):[^/]*$/.exec(actor) ?? [];
  const above = parent === undefined ? [] : aroundOf({ run, actor: parent, item: Number(around) });
  return [...above, { run, actor, item }];
}
