/** `fork`: a run beside another, from where a step began or from the beginning, with something changed. */

import type { Flow, Json, JsonObject } from '@scriptorium/core';
import { completeInput, givenInputs } from '../configuration/input.ts';
import { withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { followRun, putOutcome } from '../showing/following.ts';

export interface ForkFlags {
  readonly from?: string;
  readonly set: readonly string[];
}

export async function fork(context: Context, name: string, flags: ForkFlags): Promise<ExitCode> {
  const inputs = flags.set.filter((text) => text.startsWith('input.')).map((text) => text.slice('input.'.length));
  const outputs = Object.fromEntries(flags.set.filter((text) => !text.startsWith('input.')).map(outputOf));
  return withStore(context, async (connection) => {
    const { host } = connection;
    const parent = await host.describe(name);
    const input = inputs.length === 0 ? null : changedInput(await host.definition(parent.run), parent.input, inputs, context.cwd);
    const run = await host.fork({ run: parent.run, step: flags.from ?? null, input, outputs, by: context.by });
    context.terminal.err(`run ${run}, beside ${parent.run}\n`);
    return putOutcome(context, await followRun(context, connection, run));
  });
}

function outputOf(text: string): readonly [step: string, output: Json] {
  const [, step, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  try {
    if (step !== undefined && value !== undefined) return [step, JSON.parse(value) as Json];
  } catch {
    // Told below.
  }
  throw new CommandError(
    exitCodes.usage,
    `'${text}' is neither input.<name>=<value> nor <step>=<output as JSON>`,
    `Write --set input.model=opus, or --set 'scan={"books":[]}'.`,
  );
}

/** The whole input of a run with what was set of it. */
export function changedInput(flow: Flow, before: JsonObject, sets: readonly string[], cwd: string): JsonObject {
  const given = givenInputs(flow, [], sets);
  const whole = Object.entries({ ...before, ...given }).map(([name, value]) => [name, { value, base: cwd }] as const);
  // What was not changed stays as the run had it.
  const changed = Object.entries(completeInput(flow, whole)).filter(([name]) => Object.hasOwn(given, name));
  return { ...before, ...Object.fromEntries(changed) };
}
