/** What agents did in a run, told from its events: calls of models, what they took and used, and what went wrong. */

import type { Failure, Recorded } from '@scriptorium/core';
import { FACTS } from './agent/conversation.ts';
import type { TurnFacts } from './agent/conversation.ts';

export interface AgentFigures {
  readonly agent: string;
  /** `provider/model`. */
  readonly model: string;
  readonly calls: number;
  /** Of the calls, in milliseconds: the middle one, and the one that nine of ten are quicker than. */
  readonly medianMs: number;
  readonly p90Ms: number;
  /** Until the first piece of an answer, the middle one. */
  readonly firstMs: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly usd: number;
  /** Answers that were asked for again because they were not what the step asks for. */
  readonly corrections: number;
  /** Time of its calls as a share of the time of all calls of agents, from 0 to 1. */
  readonly share: number;
}

export interface AgentFailures {
  readonly step: string;
  readonly code: string;
  readonly count: number;
}

export interface AgentReport {
  /** The one that took longest first. */
  readonly agents: readonly AgentFigures[];
  /** Of the attempts of steps that an agent works for. */
  readonly failures: readonly AgentFailures[];
}

export function reportAgents(events: Iterable<Pick<Recorded, 'event'>>): AgentReport {
  const turns = new Map<string, TurnFacts[]>();
  const steps = new Set<string>();
  const failed: { readonly step: string; readonly error: Failure }[] = [];
  for (const { event } of events) {
    if (event.type === 'attempt.failed') failed.push({ step: event.node, error: event.error });
    if (event.type !== 'attempt.noted' || !event.note.name.startsWith(FACTS) || !('v' in event.note.value)) continue;
    const facts = event.note.value.v as unknown as TurnFacts;
    steps.add(event.node);
    const key = `${facts.agent}\n${facts.by}`;
    turns.set(key, [...(turns.get(key) ?? []), facts]);
  }
  const whole = [...turns.values()].flat().reduce((sum, { ms }) => sum + ms, 0);
  const agents = [...turns].map(([key, own]): AgentFigures => {
    const [agent = '', model = ''] = key.split('\n');
    const sum = (of: (one: (typeof own)[number]) => number): number => own.reduce((total, one) => total + of(one), 0);
    const times = own.map(({ ms }) => ms);
    return {
      agent,
      model,
      calls: own.length,
      medianMs: quantile(times, 0.5),
      p90Ms: quantile(times, 0.9),
      firstMs: quantile(
        own.map(({ firstMs }) => firstMs),
        0.5,
      ),
      inputTokens: sum(({ usage }) => usage.input),
      cachedTokens: sum(({ usage }) => usage.cachedInput),
      outputTokens: sum(({ usage }) => usage.output),
      usd: sum(({ usd }) => usd ?? 0),
      corrections: own.filter(({ corrects }) => corrects).length,
      share: whole === 0 ? 0 : sum(({ ms }) => ms) / whole,
    };
  });
  return { agents: agents.toSorted((a, b) => b.share - a.share), failures: countFailures(failed.filter(({ step }) => steps.has(step))) };
}

function countFailures(failed: readonly { readonly step: string; readonly error: Failure }[]): readonly AgentFailures[] {
  const groups = Map.groupBy(failed, ({ step, error }) => `${step}\n${error.code}`);
  return [...groups].map(([key, own]) => {
    const [step = '', code = ''] = key.split('\n');
    return { step, code, count: own.length };
  });
}

/** The nearest rank. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
