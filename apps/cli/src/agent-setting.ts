/** `agents.writer.model=opus`: how an agent works, as it is written on the command line. */

import { AGENTS, settingProblem } from '@scriptorium/agents';
import type { Json } from '@scriptorium/core';
import { CommandError, exitCodes } from './exit-code.ts';

export function isOfAgent(text: string): boolean {
  return text.startsWith(`${AGENTS}.`);
}

/** The value is JSON where it is some, a list where it has commas, else a text; nothing after the `=` takes it back. */
export function readAgentSetting(text: string): [name: string, value: Json] {
  const at = text.indexOf('=');
  const [name, written] = at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  const value = at === -1 ? undefined : valueOf(written);
  const problem = value === undefined ? `'${text}' says no value` : settingProblem(name, value);
  if (problem === null && value !== undefined) return [name, value];
  throw new CommandError(exitCodes.usage, problem ?? '', 'Write agents.<agent>.<setting>=<value>, such as agents.writer.model=opus.');
}

function valueOf(written: string): Json {
  if (written === '') return null;
  try {
    return JSON.parse(written) as Json;
  } catch {
    return written.includes(',') ? written.split(',').map((one) => one.trim()) : written;
  }
}
