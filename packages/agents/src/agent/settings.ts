/**
 * How an agent works, from what its step gives and what is set for it by name: `agents.writer.model`, or for one item
 * `agents.writer[Moby Dick].model`. What is set counts before what the step gives, and is read anew for every attempt,
 * so that it can be changed while the run goes on.
 */

import { StepError } from '@scriptorium/core';
import type { Json, JsonObject, Settings } from '@scriptorium/core';

/** Of each setting, what is wrong with a value as the end of a sentence; null for nothing. */
const problems: { readonly [name: string]: (value: Json) => string | null } = {
  model: (value) =>
    [value].flat().length > 0 && [value].flat().every((name) => typeof name === 'string' && name !== '')
      ? null
      : 'names a model, or several',
  system: (value) => (typeof value === 'string' ? null : 'is a text'),
  prompt: (value) => (typeof value === 'string' ? null : 'is a text'),
  temperature: (value) => (typeof value === 'number' && value >= 0 && value <= 2 ? null : 'is a number from 0 to 2'),
  maxOutputTokens: (value) => (isCount(value, 1_000_000) ? null : 'is a whole number from 1 to 1000000'),
  seed: (value) => (Number.isSafeInteger(value) ? null : 'is a whole number'),
  maxTurns: (value) => (isCount(value, 200) ? null : 'is a whole number from 1 to 200'),
  budget: (value) => (isBudget(value) ? null : 'has usd, tokens or calls, each a number from 0'),
};

const BUDGET_UNITS: readonly string[] = ['usd', 'tokens', 'calls'];

/** The part of a setting's name before the agent's. */
export const AGENTS = 'agents';

/** `agents.<agent>.<setting>`, or `agents.<agent>[<key of an item>].<setting>`. */
const NAME = /^agents\.([^.[\]]+)(?:\[(.+)\])?\.([A-Za-z]+)$/;

/** What is wrong with a setting, as a sentence; null for nothing. */
export function settingProblem(name: string, value: Json): string | null {
  const [, agent, , key = ''] = NAME.exec(name) ?? [];
  if (agent === undefined)
    return `'${name}' is no setting of an agent: write ${AGENTS}.<agent>.<setting>, or ${AGENTS}.<agent>[<item>].<setting>`;
  const problem = Object.hasOwn(problems, key) ? problems[key] : undefined;
  if (problem === undefined) return `an agent has no setting '${key}'; it has ${Object.keys(problems).join(', ')}`;
  const says = value === null ? null : problem(value);
  return says === null ? null : `${name} ${says}, not ${JSON.stringify(value)}`;
}

/** Who does the work of the step. */
export function agentOf({ agent }: { readonly agent?: string }, step: string): string {
  return agent ?? step.split('/').at(-1) ?? step;
}

/** The step, with the innermost item around it. */
export interface SettingPlace {
  readonly path: string;
  readonly key?: string;
}

type Named = JsonObject & { readonly agent?: string };

/** The step's own, with what is set for this agent in its place. Raises `fatal` for what cannot be set. */
export function withSettings<T extends Named>(given: T, settings: Settings, step: SettingPlace): T {
  const own = Object.entries(settingsFor(given, settings, step));
  for (const [name, value] of own) {
    const problem = settingProblem(name, value);
    if (problem !== null) throw new StepError('fatal', problem);
  }
  // What is said of the item comes last.
  const ranked = own.toSorted(([a], [b]) => Number(itemIn(a) !== undefined) - Number(itemIn(b) !== undefined));
  return { ...given, ...Object.fromEntries(ranked.map(([name, value]) => [NAME.exec(name)?.[3] ?? name, value])) };
}

/** The settings that count for the step, under their names. */
export function settingsFor(given: Named, settings: Settings, { path, key }: SettingPlace): Settings {
  const agent = agentOf(given, path);
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => {
      const item = itemIn(name);
      return NAME.exec(name)?.[1] === agent && (item === undefined || item === key);
    }),
  );
}

function itemIn(name: string): string | undefined {
  return NAME.exec(name)?.[2];
}

function isBudget(value: Json): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const units = Object.entries(value);
  return units.length > 0 && units.every(([unit, most]) => BUDGET_UNITS.includes(unit) && typeof most === 'number' && most >= 0);
}

function isCount(value: Json, most: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= most;
}
