/**
 * How an agent works, from what its step gives and what is set for it by name: `agents.writer.model`. What is set counts
 * before what the step gives, and is read anew for every attempt, so that it can be changed while the run goes on.
 */

import { StepError } from '@scriptorium/core';
import type { Json, JsonObject, Settings } from '@scriptorium/core';

/** Of each setting, what is wrong with a value as the end of a sentence; null for nothing. */
const problems: { readonly [name: string]: (value: Json) => string | null } = {
  model: (value) =>
    [value].flat().length > 0 && [value].flat().every((name) => typeof name === 'string' && name !== '')
      ? null
      : 'names a model, or several',
  temperature: (value) => (typeof value === 'number' && value >= 0 && value <= 2 ? null : 'is a number from 0 to 2'),
  maxOutputTokens: (value) => (isCount(value, 1_000_000) ? null : 'is a whole number from 1 to 1000000'),
  seed: (value) => (Number.isSafeInteger(value) ? null : 'is a whole number'),
  maxTurns: (value) => (isCount(value, 200) ? null : 'is a whole number from 1 to 200'),
};

/** The part of a setting's name before the agent's. */
export const AGENTS = 'agents';

/** What is wrong with a setting, as a sentence; null for nothing. */
export function settingProblem(name: string, value: Json): string | null {
  const [root, agent, key, ...rest] = name.split('.');
  if (root !== AGENTS || agent === undefined || key === undefined || rest.length > 0)
    return `'${name}' is no setting of an agent: write agents.<agent>.<setting>`;
  const problem = Object.hasOwn(problems, key) ? problems[key] : undefined;
  if (problem === undefined) return `an agent has no setting '${key}'; it has ${Object.keys(problems).join(', ')}`;
  const says = value === null ? null : problem(value);
  return says === null ? null : `${name} ${says}, not ${JSON.stringify(value)}`;
}

/** Who does the work of the step. */
export function agentOf({ agent }: { readonly agent?: string }, step: string): string {
  return agent ?? step.split('/').at(-1) ?? step;
}

/** What the step gives, with what is set for this agent in its place. Raises `fatal` for what cannot be set. */
export function withSettings<T extends JsonObject & { readonly agent?: string }>(given: T, settings: Settings, step: string): T {
  const prefix = `${AGENTS}.${agentOf(given, step)}.`;
  const own = Object.entries(settings).filter(([name]) => name.startsWith(prefix));
  for (const [name, value] of own) {
    const problem = settingProblem(name, value);
    if (problem !== null) throw new StepError('fatal', problem);
  }
  return { ...given, ...Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value])) };
}

function isCount(value: Json, most: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= most;
}
