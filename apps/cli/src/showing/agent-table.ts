/** What agents did, as tables for people. */

import type { AgentFigures, AgentReport, ScoreFigures } from '@scriptorium/agents';
import { formatDuration } from './quantity.ts';
import { table } from '../terminal.ts';

/** Nothing where no agent did anything and nothing was judged. */
export function agentTables({ agents, scores, criticalMs }: AgentReport, indent = ''): string {
  const rows = agents.map(rowOf);
  const header = ['agent', 'model', 'calls', 'p50', 'p95', 'tokens', 'cost', 'retries', 'broken', 'score', 'time', 'critical'];
  const failed = agents.flatMap(({ agent, model, failures }) =>
    Object.entries(failures).map(([code, count]) => [agent, model, code, String(count)]),
  );
  const lent = agents
    .filter((one) => one.lent.calls > 0)
    .map(({ agent, model, lent: { calls, tokens, usd } }) => [agent, model, `${calls}`, `${tokens}`, `${usd.toFixed(4)} USD`]);
  const reused = agents
    .filter((one) => one.reused.calls > 0)
    .map(({ agent, model, reused: { calls, usd } }) => [agent, model, `${calls}`, `${usd.toFixed(4)} USD`]);
  return [
    rows.length === 0 ? '' : table([header, ...rows], indent),
    lent.length === 0 ? '' : table([['flows called by', 'model', 'calls', 'tokens', 'cost'], ...lent], indent),
    reused.length === 0 ? '' : table([['taken over', 'model', 'calls', 'paid elsewhere'], ...reused], indent),
    failed.length === 0 ? '' : table([['failed', 'model', 'with', 'times'], ...failed], indent),
    scores.length === 0 ? '' : table([['score', 'of', 'times', 'mean', 'least', 'most'], ...scores.map(scoreRow)], indent),
    criticalMs === 0 || rows.length === 0 ? '' : `${indent}critical path ${formatDuration(criticalMs)}\n`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function rowOf(figures: AgentFigures): readonly string[] {
  const { agent, model, calls, p50Ms, p95Ms, inputTokens, outputTokens, usd, retries, contractFailures, scores } = figures;
  return [
    agent,
    model,
    `${calls}`,
    `${p50Ms} ms`,
    `${p95Ms} ms`,
    `${inputTokens} + ${outputTokens}`,
    `${usd.toFixed(4)} USD`,
    `${retries}`,
    `${contractFailures}`,
    meanOf(Object.values(scores)),
    percent(figures.share),
    percent(figures.criticalShare),
  ];
}

function scoreRow({ of, name, count, mean, least, most }: AgentReport['scores'][number]): readonly string[] {
  return [name, of ?? '–', `${count}`, mean.toFixed(2), least.toFixed(2), most.toFixed(2)];
}

function meanOf(scores: readonly ScoreFigures[]): string {
  const count = scores.reduce((sum, one) => sum + one.count, 0);
  return count === 0 ? '–' : (scores.reduce((sum, { count, mean }) => sum + count * mean, 0) / count).toFixed(2);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
