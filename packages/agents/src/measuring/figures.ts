/** What agents did in a run, told from its events: calls of models, what they took and used, what went wrong, and how good it was. */

import type { Flow, Usage } from '@scriptorium/core';
import type { TurnFacts } from '../agent/conversation.ts';
import { attemptsOf, placeOf } from './attempts.ts';
import type { Attempt, Told } from './attempts.ts';
import { criticalPath } from './critical-path.ts';
import type { PathPiece } from './critical-path.ts';
import { scoresOf } from './scores.ts';
import { madeHere, takenFrom, turnsAt, turnsByPlace } from './taken-over.ts';
import type { Score } from './scores.ts';

export interface AgentFigures {
  readonly agent: string;
  /** `provider/model`; empty where none has answered and no failure says which it was. */
  readonly model: string;
  readonly calls: number;
  /** Of the calls, in milliseconds: the middle one, and the one that 19 of 20 are quicker than. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Until the first piece of an answer, the middle one. */
  readonly firstMs: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly usd: number;
  /** Attempts that were made because the one before had failed. */
  readonly retries: number;
  /** Answers that were not what the step asks for. */
  readonly contractFailures: number;
  /** Attempts that failed otherwise, by their codes. */
  readonly failures: { readonly [code: string]: number };
  /** By the names of scores, what its work was given. */
  readonly scores: { readonly [name: string]: ScoreFigures };
  /** Flows that its tools called, and what their runs used. */
  readonly lent: { readonly calls: number; readonly usd: number; readonly tokens: number };
  /** Time of its calls as a share of the time of all calls of agents, from 0 to 1. */
  readonly share: number;
  /** Of the run's critical path, from 0 to 1: how much shorter the run would be at most if it took no time. */
  readonly criticalShare: number;
  /** Calls that other runs made and paid for, whose results were taken over; nothing else here has them. */
  readonly reused: { readonly calls: number; readonly usd: number };
}

/** A piece of the critical path. */
export interface CriticalPiece {
  readonly step: string;
  readonly key: string | null;
  readonly ms: number;
}

export interface ScoreFigures {
  readonly count: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

export interface AgentReport {
  /** The one that took longest first. */
  readonly agents: readonly AgentFigures[];
  /** Of all steps, by the step that was judged and the name of the score: also of work that no agent did. */
  readonly scores: readonly ({ readonly of: string | null; readonly name: string } & ScoreFigures)[];
  /** Length of the critical path. */
  readonly criticalMs: number;
  /** The first first; the longest {@link MAX_PIECES} where there are more. */
  readonly criticalPath: readonly CriticalPiece[];
}

interface Group {
  readonly agent: string;
  readonly model: string;
  readonly turns: TurnFacts[];
  readonly failed: string[];
  retries: number;
  criticalMs: number;
  readonly lent: Usage[];
  readonly reused: TurnFacts[];
  readonly scores: Score[];
}

/**
 * `events` are those of `runs`, in which what agents did is counted, and of the runs whose results those took over, whose
 * work is only judged here. `flows` has the definition of each.
 */
export function reportAgents(events: readonly Told[], runs: ReadonlySet<string>, flows: ReadonlyMap<string, Flow>): AgentReport {
  const own = events.filter(({ run }) => runs.has(run));
  const isMade = madeHere(own);
  const attempts = attemptsOf(own);
  const modelOf = modelsOf(attempts);
  const groups = new Map<string, Group>();
  const groupOf = (agent: string, model: string): Group => {
    const key = JSON.stringify([agent, model]);
    const group = groups.get(key) ?? { agent, model, turns: [], failed: [], retries: 0, criticalMs: 0, lent: [], reused: [], scores: [] };
    groups.set(key, group);
    return group;
  };
  for (const turn of takenOver(events, own, isMade)) groupOf(turn.agent, turn.by).reused.push(turn);
  for (const attempt of attempts) {
    if (!isMade({ run: attempt.run, gseq: attempt.begun })) continue;
    for (const turn of attempt.turns) groupOf(turn.agent, turn.by).turns.push(turn);
    const by = modelOf(attempt);
    if (by === null) continue;
    const group = groupOf(by.agent, by.model);
    if (attempt.error !== null) group.failed.push(attempt.error.code);
    if (attempt.reason === 'retry') group.retries += 1;
    if (attempt.isCall && attempt.used !== null) group.lent.push(attempt.used);
  }
  const path = criticalPath(own.filter(isMade), flows);
  const criticalMs = path.reduce((sum, { ms }) => sum + ms, 0);
  for (const { attempt, ms } of path) {
    const by = attempt === null ? null : modelOf(attempt);
    if (by !== null) groupOf(by.agent, by.model).criticalMs += ms;
  }
  const scores = scoresOf(events, flows).filter(({ run }) => runs.has(run));
  for (const score of scores) if (score.worker !== null) groupOf(score.worker.agent, score.worker.by).scores.push(score);
  const whole = [...groups.values()].reduce((sum, { turns }) => sum + timeOf(turns), 0);
  const agents = [...groups.values()].map((group) => figuresOf(group, whole, criticalMs));
  return { agents: agents.toSorted((a, b) => b.share - a.share), scores: scoreTable(scores), criticalMs, criticalPath: longestOf(path) };
}

const MAX_PIECES = 200;

function longestOf(path: readonly PathPiece[]): readonly CriticalPiece[] {
  const least = path.map(({ ms }) => ms).toSorted((a, b) => b - a)[MAX_PIECES - 1] ?? 0;
  return path.flatMap(({ node: step, key, ms }) => (ms >= least ? [{ step, key, ms }] : [])).slice(0, MAX_PIECES);
}

/** Calls of models that were made elsewhere: copied into a fork, or behind a result that was taken over. */
function takenOver(events: readonly Told[], own: readonly Told[], isMade: (told: Told) => boolean): readonly TurnFacts[] {
  const done = turnsByPlace(attemptsOf(events));
  const taken = takenFrom(events);
  const copied = attemptsOf(own.filter((told) => !isMade(told))).flatMap(({ turns }) => turns);
  const reused = own.filter((told) => told.event.type === 'attempt.reused' && isMade(told));
  const places = new Set(
    reused.flatMap(({ run, actor, event }) =>
      event.type === 'attempt.reused' ? [placeOf({ run, actor, item: event.item, node: event.node })] : [],
    ),
  );
  return [...copied, ...[...places].flatMap((place) => turnsAt(place, done, taken))];
}

/** Who worked in an attempt; of one that failed before anybody answered, whoever answered in another one of the step. */
function modelsOf(attempts: readonly Attempt[]): (attempt: Attempt) => { readonly agent: string; readonly model: string } | null {
  const known = new Map<string, TurnFacts>();
  for (const attempt of attempts) {
    const turn = attempt.turns.at(-1);
    if (turn !== undefined) known.set(placeOf(attempt), turn).set(attempt.node, turn);
  }
  return (attempt) => {
    const turn = attempt.turns.at(-1) ?? known.get(placeOf(attempt)) ?? known.get(attempt.node);
    const model = attempt.turns.at(-1)?.by ?? attempt.error?.model ?? turn?.by;
    if (turn !== undefined) return { agent: turn.agent, model: model ?? '' };
    const named = attempt.error?.model ?? null;
    return named === null ? null : { agent: attempt.node.split('/').at(-1) ?? attempt.node, model: named };
  };
}

function figuresOf(
  { agent, model, turns, failed, retries, criticalMs, lent, reused, scores }: Group,
  wholeMs: number,
  pathMs: number,
): AgentFigures {
  const sum = (of: (one: TurnFacts) => number): number => turns.reduce((total, one) => total + of(one), 0);
  const times = turns.map(({ ms }) => ms);
  const others = Map.groupBy(
    failed.filter((code) => code !== CONTRACT),
    (code) => code,
  );
  return {
    agent,
    model,
    calls: turns.length,
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    firstMs: quantile(
      turns.map(({ firstMs }) => firstMs),
      0.5,
    ),
    inputTokens: sum(({ usage }) => usage.input),
    cachedTokens: sum(({ usage }) => usage.cachedInput),
    outputTokens: sum(({ usage }) => usage.output),
    reasoningTokens: sum(({ usage }) => usage.reasoning),
    usd: sum(({ usd }) => usd ?? 0),
    retries,
    contractFailures: failed.filter((code) => code === CONTRACT).length,
    failures: Object.fromEntries([...others].map(([code, all]) => [code, all.length])),
    scores: Object.fromEntries([...Map.groupBy(scores, ({ name }) => name)].map(([name, some]) => [name, scoreFigures(some)])),
    reused: { calls: reused.length, usd: reused.reduce((total, { usd }) => total + (usd ?? 0), 0) },
    lent: lent.reduce((all, { usd, tokens }) => ({ calls: all.calls + 1, usd: all.usd + usd, tokens: all.tokens + tokens }), noLoans),
    share: wholeMs === 0 ? 0 : timeOf(turns) / wholeMs,
    criticalShare: pathMs === 0 ? 0 : criticalMs / pathMs,
  };
}

const noLoans: AgentFigures['lent'] = { calls: 0, usd: 0, tokens: 0 };

const CONTRACT = 'contract.output';

function timeOf(turns: readonly TurnFacts[]): number {
  return turns.reduce((sum, { ms }) => sum + ms, 0);
}

function scoreTable(scores: readonly Score[]): AgentReport['scores'] {
  return [...Map.groupBy(scores, ({ of, name }) => JSON.stringify([of, name])).values()].flatMap((some) => {
    const [first] = some;
    return first === undefined ? [] : [{ of: first.of, name: first.name, ...scoreFigures(some) }];
  });
}

function scoreFigures(scores: readonly Score[]): ScoreFigures {
  const values = scores.map(({ value }) => value);
  const sorted = values.toSorted((a, b) => a - b);
  const sum = values.reduce((total, value) => total + value, 0);
  return { count: values.length, mean: sum / values.length, least: sorted[0] ?? 0, most: sorted.at(-1) ?? 0 };
}

/** The nearest rank. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
