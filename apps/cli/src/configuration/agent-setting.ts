/** `agents.writer.model=opus`: how an agent works, as it is written on the command line or in the configuration. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AGENTS, settingProblem } from '@scriptorium/agents';
import type { Json, Settings } from '@scriptorium/core';
import { entriesOf } from './configuration.ts';
import type { Configuration } from './configuration.ts';
import { CommandError, exitCodes } from '../exit-code.ts';

const WRITTEN = /^(agents\.[^.[\]=]+(?:\[.+?\])?\.[A-Za-z]+)=(.*)$/s;
const FILE = 'file:';
/** Instructions are texts that a model reads whole. */
const MAX_CHARACTERS = 200_000;

export function isOfAgent(text: string): boolean {
  return text.startsWith(`${AGENTS}.`);
}

/** Whose setting it is. */
export function agentNamed(text: string): string {
  return text.slice(AGENTS.length + 1).split(/[.[]/)[0] ?? '';
}

/**
 * The value is JSON where it is some, a list where it names models with commas, else a text; nothing after the `=` takes
 * it back, and `file:` before a path is the text of that file.
 */
export function readAgentSetting(text: string, cwd: string): [name: string, value: Json] {
  const [, name = text, written] = WRITTEN.exec(text) ?? [];
  const value = written === undefined ? undefined : withText(name, valueOf(name, written), cwd);
  const problem = settingProblem(name, value ?? null) ?? (value === undefined ? `'${text}' says no value` : null);
  if (problem === null && value !== undefined) return [name, value];
  throw new CommandError(exitCodes.usage, problem ?? '', 'Write agents.<agent>.<setting>=<value>, such as agents.writer.model=opus.');
}

/** What counts of the configuration, with the texts of files. */
export function agentSettingsOf(configuration: Configuration): Settings {
  return Object.fromEntries(
    [...entriesOf(configuration, AGENTS)].map(([rest, { value, base }]) => {
      const name = `${AGENTS}.${rest}`;
      return [name, withText(name, value, base)];
    }),
  );
}

/** The models that settings name. */
export function modelsIn(settings: Settings): readonly (readonly string[])[] {
  return Object.entries(settings).flatMap(([name, value]) =>
    name.endsWith('.model') && value !== null ? [[value].flat() as string[]] : [],
  );
}

function valueOf(name: string, written: string): Json {
  if (written === '') return null;
  if (isText(name)) return written;
  try {
    return JSON.parse(written) as Json;
  } catch {
    return written.includes(',') ? written.split(',').map((one) => one.trim()) : written;
  }
}

function isText(name: string): boolean {
  return name.endsWith('.system') || name.endsWith('.prompt');
}

function withText(name: string, value: Json, base: string): Json {
  if (!isText(name) || typeof value !== 'string' || !value.startsWith(FILE)) return value;
  const path = resolve(base, value.slice(FILE.length));
  const text = textOf(name, path);
  if (text.length > MAX_CHARACTERS)
    throw new CommandError(
      exitCodes.refused,
      `${name}: ${path} has ${text.length} characters, and ${MAX_CHARACTERS} are read`,
      'Shorten it.',
    );
  return text;
}

function textOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.refused, `${name}: ${path} cannot be read (${code})`, 'Correct the path after `file:`.');
  }
}
