/** `waits`, `answer`, `approve` and `signal`: what runs wait for, and what comes to them from outside. */

import { planOf } from '@scriptorium/core';
import type { Answered, Flow, Host, Json, JsonObject, OpenWait, Schema } from '@scriptorium/core';
import { createContracts } from '@scriptorium/flow';
import { putResult, withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { answerCommand, valuesOf, waitText } from '../showing/open-waits.ts';
import { formatTime } from '../showing/quantity.ts';

export interface AnswerFlags {
  readonly item?: string;
  readonly as?: string;
  readonly id?: string;
}

export async function waits(context: Context, run: string | undefined): Promise<ExitCode> {
  const open = await withStore(context, ({ host }) => host.waits(run));
  putResult(context, open, () =>
    open.length === 0
      ? 'Nothing waits.\n'
      : open
          .map((wait) => {
            const command = answerCommand(wait);
            return `${wait.run}  ${waitText(wait, context.now())}\n${command === null ? '' : `  ${context.terminal.paint('cyan', `${context.command} ${command}`)}\n`}`;
          })
          .join(''),
  );
  return exitCodes.ok;
}

export async function answer(context: Context, run: string, words: readonly string[], flags: AnswerFlags): Promise<ExitCode> {
  return withStore(context, async ({ host }) => {
    const flow = await host.definition(run);
    const [first] = words;
    const named = first !== undefined && isStep(flow, first, words.length);
    const step = named ? first : null;
    const given = named ? words.slice(1) : words;
    if (given.length === 0)
      throw new CommandError(exitCodes.usage, 'there is no answer', 'Give it as JSON, or as key=value: `decision=publish`.');
    const wait = await meant(host, run, step, flags);
    return give(context, host, run, step, parseValue(given, wait?.answer ?? true), flags);
  });
}

export async function approve(
  context: Context,
  run: string,
  step: string | undefined,
  flags: AnswerFlags & { readonly reject?: true },
): Promise<ExitCode> {
  return withStore(context, async ({ host }) => {
    const wait = await meant(host, run, step ?? null, flags);
    const schema = wait?.answer ?? contractOf(await host.definition(run), step);
    const choice = schema === null ? null : choiceOf(schema, flags.reject === true);
    if (wait !== null && choice === null)
      throw new CommandError(
        exitCodes.usage,
        `${wait.step} waits for more than a yes or a no`,
        `Answer it with \`scriptorium ${answerCommand(wait) ?? 'answer'}\`.`,
      );
    return give(context, host, run, step ?? null, choice?.value ?? true, flags);
  });
}

export async function signal(
  context: Context,
  run: string,
  event: string,
  words: readonly string[],
  { id }: { readonly id?: string },
): Promise<ExitCode> {
  const payload = words.length === 0 ? null : parseValue(words, true);
  const signalled = await withStore(context, ({ host }) => host.signal(run, { name: event, payload, id: id ?? null, by: context.by }));
  putResult(context, signalled, () => {
    if (signalled.status === 'already') return `The signal ${signalled.id} was received before.\n`;
    return `Run ${signalled.run} has received '${event}'${signalled.kept ? '; it is kept until somebody waits for it' : ''}.\n`;
  });
  return exitCodes.ok;
}

/** Of the one step that may be meant, whether it waits now or not. */
function contractOf(flow: Flow, step: string | undefined): Schema | null {
  const bodies = [...planOf(flow).values()].flatMap(({ node: { id, do: body } }) =>
    body.k === 'wait' && body.event !== undefined && (step === undefined || id === step || id.endsWith(`/${step}`)) ? [body.event] : [],
  );
  return bodies.length === 1 ? (bodies[0]?.answer ?? null) : null;
}

/** A first word is the step where the flow has one of that name that waits, or where only a step can stand. */
function isStep(flow: Flow, word: string, count: number): boolean {
  const ids = [...planOf(flow).values()].filter(({ node }) => node.do.k === 'wait').map(({ node }) => node.id);
  if (ids.some((id) => id === word || id.endsWith(`/${word}`))) return true;
  return count > 1 && /^[a-z][\w./]*$/.test(word);
}

/** The wait that is answered, for its contract; null where the host is to say why there is none, or which. */
async function meant(host: Host, run: string, step: string | null, { item }: AnswerFlags): Promise<OpenWait | null> {
  const open = (await host.waits(run)).filter(({ event }) => event !== null);
  const found = open.filter(
    (wait) => (step === null || wait.step === step || wait.step.endsWith(`/${step}`)) && (item === undefined || wait.item === item),
  );
  return found.length === 1 ? (found[0] ?? null) : null;
}

async function give(context: Context, host: Host, run: string, step: string | null, value: Json, flags: AnswerFlags): Promise<ExitCode> {
  const { item = null, as = null, id = null } = flags;
  const answered = await host.answer(run, { step, item, answer: value, as, id, by: context.by });
  const { status } = await host.describe(answered.run);
  putResult(context, { ...answered, answer: value }, () =>
    answeredText(answered, value, status === 'interrupted' || status === 'paused' ? status : null, context),
  );
  return exitCodes.ok;
}

function answeredText(
  { run, step, item, status, by, at }: Answered,
  value: Json,
  held: 'interrupted' | 'paused' | null,
  { command }: Context,
): string {
  const place = item === null ? step : `${step} [${item}]`;
  const told =
    status === 'already'
      ? `${place} had this answer already, from ${by} at ${formatTime(at)}.`
      : `${place} is answered: ${JSON.stringify(value)}.`;
  return `${told}\n${held === null ? '' : `The run is ${held}: it goes on with \`${command} resume ${run}\`.\n`}`;
}

/** The first choice of a contract says yes, its last one no: of a truth value, an enum, or an object that requires one. */
function choiceOf(schema: Schema, reject: boolean): { readonly value: Json } | null {
  if (typeof schema === 'boolean') return null;
  if (schema['type'] === 'boolean') return { value: !reject };
  const values = valuesOf(schema);
  if (values.length > 1) return { value: (reject ? values.at(-1) : values[0]) ?? null };
  const { properties, required } = schema as { readonly properties?: JsonObject; readonly required?: readonly string[] };
  const [only] = required ?? [];
  if (only === undefined || required?.length !== 1) return null;
  const inner = choiceOf((properties?.[only] ?? true) as Schema, reject);
  return inner === null ? null : { value: { [only]: inner.value } };
}

/** One JSON value or text, or `key=value` for each field of an object; as the contract has it. */
export function parseValue(words: readonly string[], schema: Schema): Json {
  const pairs = words.map((word) => /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(word));
  if (pairs.every((pair) => pair !== null))
    return Object.fromEntries(pairs.map(([, key = '', text = '']) => [key, valueOf(text, propertyOf(schema, key))]));
  const [word = ''] = words;
  if (words.length > 1)
    throw new CommandError(exitCodes.usage, 'the answer is more than one value', 'Put quotes around it, or give fields as key=value.');
  if (/^\s*[{[]/.test(word) && jsonOf(word) === undefined)
    throw new CommandError(
      exitCodes.usage,
      `this is no JSON: ${word}`,
      `Write it like '{ "decision": "publish" }', or as decision=publish.`,
    );
  return valueOf(word, schema);
}

/** JSON where it is some that fits, else the text itself where that does. */
function valueOf(text: string, schema: Schema): Json {
  const json = jsonOf(text);
  if (json === undefined) return text;
  const check = createContracts().compile(schema);
  return check(json).length > 0 && check(text).length === 0 ? text : json;
}

function propertyOf(schema: Schema, key: string): Schema {
  if (typeof schema === 'boolean') return true;
  const property = (schema['properties'] as JsonObject | undefined)?.[key];
  return typeof property === 'object' && property !== null
    ? { ...(property as JsonObject), ...('$defs' in schema ? { $defs: schema['$defs'] ?? {} } : {}) }
    : true;
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
