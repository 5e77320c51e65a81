/**
 * The engine's own handlers. `core/exec` runs any program as a step, `core/fail` fails on purpose.
 *
 * 1. No shell is involved: an argument is one argument, whatever it contains.
 * 2. The program's environment is an allow-list; secrets reach it only by name.
 * 3. Whatever ends the step ends the program's whole process group, and so does the engine's end, however it ends.
 */

import type { ChildProcess } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { redaction, secretsIn } from '@scriptorium/cassettes';
import { defineHandler, StepError } from '@scriptorium/core';
import type { Context, Cost, Handler, Json, Schema } from '@scriptorium/core';
import { messageOf } from '../journal/storage-error.ts';
import { readLines } from '../programs/output-lines.ts';
import { watchProcess } from '../programs/process-watch.ts';
import { scrubbedEnv, startProgram } from '../programs/program.ts';
import type { Program } from '../programs/program.ts';
import { excerptOf, excerptSchema } from './excerpt.ts';

export interface ProgramInput {
  readonly argv: readonly string[];
  readonly input?: Json;
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly timeoutMs?: number;
  readonly maxOutputBytes?: number;
  readonly memoryMb?: number;
  readonly stdout?: 'json' | 'text';
  readonly excerpt?: number;
  readonly cost?: Cost;
}

const DEFAULT_OUTPUT_BYTES = 16 * 1024 * 1024;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
/** Of standard error, what a failure shows. */
const STDERR_TAIL = 2_000;
/** Begins a line of standard error that tells what the program has used. */
const SPEND_MARK = 'scriptorium:spend';
/** How long a program may take to end itself. */
const KILL_AFTER_MS = 2_000;

/** What every step that runs a program is told. */
export const programSchema: { readonly [name: string]: Schema } = {
  argv: {
    type: 'array',
    minItems: 1,
    maxItems: 1000,
    items: { type: 'string' },
    description: 'The program and its arguments; no shell interprets them.',
  },
  input: { description: 'What the program reads from its standard input, as JSON.' },
  env: {
    type: 'array',
    items: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
    description: 'Names of further environment variables to hand over.',
  },
  cwd: { type: 'string', minLength: 1, description: "Working directory; the engine's own unless given." },
  timeoutMs: { type: 'integer', minimum: 1 },
  maxOutputBytes: { type: 'integer', minimum: 1, maximum: MAX_OUTPUT_BYTES },
  memoryMb: { type: 'integer', minimum: 1, description: 'What it may have of memory, with all that it starts; no limit unless given.' },
  stdout: { enum: ['json', 'text'], default: 'json', description: 'What the program writes; text comes as `{ text }`.' },
  excerpt: excerptSchema,
  cost: {
    type: 'object',
    description: `What the program may use at most. It tells what it used by lines such as ${SPEND_MARK} {"usd":0.02,"tokens":900} on standard error.`,
    additionalProperties: false,
    properties: { usd: { type: 'number', minimum: 0 }, tokens: { type: 'integer', minimum: 0 } },
  },
};

export const programErrors: { readonly [code: string]: string } = {
  'exec.not_found': 'The program does not exist or may not be executed.',
  'exec.failed': 'The program ended with another exit code than 0, or by a signal.',
  'exec.output': 'Standard output was no JSON, or larger than `maxOutputBytes`.',
};

const exec: Handler = defineHandler<ProgramInput>({
  name: 'core/exec',
  version: '1.0.0',
  doc: 'Runs a program: `input` as JSON on its standard input, its standard output as JSON is the result. Standard error goes to the log.',
  effects: 'write',
  input: { type: 'object', required: ['argv'], additionalProperties: false, properties: programSchema },
  output: true,
  errors: programErrors,
  cost: ({ cost }) => cost ?? null,
  run: (input, context) => runProgram(input, context),
});

const fail: Handler = defineHandler<{ readonly error: string; readonly message: string }>({
  name: 'core/fail',
  version: '1.0.0',
  doc: 'Fails with the given code and message.',
  effects: 'none',
  input: {
    type: 'object',
    required: ['error', 'message'],
    additionalProperties: false,
    properties: { error: { type: 'string', pattern: '^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$' }, message: { type: 'string', minLength: 1 } },
  },
  output: false,
  errors: { '*': 'The code that the step names.' },
  run: ({ error, message }) => {
    throw new StepError(error, message);
  },
});

export const execHandlers: readonly Handler[] = [exec, fail];

/** What the program says on its standard output. `env`: variables beside those that the input names. */
export async function runProgram(input: ProgramInput, context: Context, env: { readonly [name: string]: string } = {}): Promise<Json> {
  const file = findProgram(input, context.env);
  const args = input.argv.slice(1);
  const known = { ...scrubbedEnv(context.env, input.env), ...env };
  const program = startProgram({ file, args, cwd: resolve(input.cwd ?? '.'), env: known, stdio: ['pipe', 'pipe', 'pipe'] });
  return outcome(program, input, context);
}

/** The program's absolute path, looked up as the system would. */
function findProgram({ argv, cwd }: ProgramInput, env: Context['env']): string {
  const name = argv[0] ?? '';
  const directory = resolve(cwd ?? '.');
  if (!isDirectory(directory))
    throw new StepError('exec.not_found', `the working directory ${directory} does not exist`, {
      fix: "Create it, or correct the step's `cwd`.",
    });
  const candidates = /[/\\]/.test(name)
    ? [isAbsolute(name) ? name : join(directory, name)]
    : (env['PATH'] ?? '').split(delimiter).map((dir) => join(dir || directory, name));
  const extensions = process.platform === 'win32' ? ['', ...(env['PATHEXT'] ?? '.EXE').split(';')] : [''];
  const found = candidates.flatMap((candidate) => extensions.map((extension) => candidate + extension)).find(isExecutable);
  if (found !== undefined) return found;
  throw new StepError('exec.not_found', `the program ${JSON.stringify(name)} was not found or may not be executed`, {
    fix: 'Install it, put its directory on PATH, or give its full path as the first element of `argv`.',
  });
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function outcome(program: Program, input: ProgramInput, context: Context): Promise<Json> {
  const { maxOutputBytes = DEFAULT_OUTPUT_BYTES, timeoutMs, memoryMb } = input;
  const redact = input.excerpt === undefined ? (text: string): string => text : redaction(secretsIn(context.env));
  const { child } = program;
  const name = input.argv[0] ?? '';
  let broken: Error | null = null;
  const end = (why: Error, gently: boolean): void => {
    broken ??= why;
    if (gently) endGroup(program);
    else program.signal('SIGKILL');
  };
  const stdout = collect(child, maxOutputBytes, () => end(outputError(name, maxOutputBytes), true));
  const stderr = logLines(child, context, redact);
  const onAbort = (): void =>
    end(context.signal.reason instanceof Error ? context.signal.reason : new StepError('cancelled', 'the program was ended'), true);
  const timer =
    timeoutMs === undefined
      ? null
      : setTimeout(() => end(new StepError('timeout', `${name} took longer than ${timeoutMs} ms`), true), timeoutMs);
  const unwatch =
    child.pid === undefined
      ? (): void => undefined
      : watchProcess({
          pid: child.pid,
          memoryBytes: (memoryMb ?? Number.POSITIVE_INFINITY) * 1024 * 1024,
          onMemory: () => end(memoryError(name, memoryMb ?? 0), false),
          onStopped: () => end(stoppedError(name), false),
        });
  if (context.signal.aborted) onAbort();
  else context.signal.addEventListener('abort', onAbort, { once: true });
  try {
    send(child, input.input);
    const { code, signal } = await program.ended.catch((error: unknown) => {
      throw new StepError('exec.not_found', `the program cannot be started: ${messageOf(error)}`, { cause: error });
    });
    if (broken !== null) throw broken as Error;
    if (code !== 0) throw failedError(name, code, signal, stderr());
    return resultOf(input, Buffer.from(stdout()).toString('utf8').toWellFormed(), redact);
  } finally {
    unwatch();
    if (timer !== null) clearTimeout(timer);
    context.signal.removeEventListener('abort', onAbort);
  }
}

function send(child: ChildProcess, input: Json | undefined): void {
  // A program need not read its input; that it closed the pipe is no failure.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input === undefined ? '' : JSON.stringify(input));
}

/** Asks it to end, and ends it when it does not. */
function endGroup({ child, signal }: Program): void {
  signal('SIGTERM');
  const timer = setTimeout(() => signal('SIGKILL'), KILL_AFTER_MS);
  child.once('close', () => clearTimeout(timer));
}

function collect(child: ChildProcess, limit: number, onOverflow: () => void): () => Uint8Array {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  child.stdout?.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes <= limit) parts.push(part);
    else onOverflow();
  });
  return () => Buffer.concat(parts);
}

/** Standard error as log lines; returns its tail. */
function logLines(child: ChildProcess, context: Context, redact: (text: string) => string): () => string {
  let tail = '';
  readLines(
    child.stderr,
    (line) => hearLine(redact(line), context),
    (line) => !line.startsWith(SPEND_MARK),
  );
  // Of more than is shown, so that a key which is cut in two is none of it.
  child.stderr?.on('data', (part: string) => (tail = (tail + part).slice(-2 * STDERR_TAIL)));
  return () => redact(tail).slice(-STDERR_TAIL).trim().toWellFormed();
}

function hearLine(line: string, context: Context): void {
  if (!line.startsWith(SPEND_MARK)) return context.log('info', line);
  try {
    context.spend(JSON.parse(line.slice(SPEND_MARK.length)) as Cost);
  } catch (error) {
    context.log('warn', `${line}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function outputError(program: string, maxOutputBytes: number): StepError {
  return new StepError('exec.output', `${program} wrote more than ${maxOutputBytes} bytes to standard output`, {
    fix: 'Let it write files, or raise `maxOutputBytes`.',
  });
}

function memoryError(program: string, memoryMb: number): StepError {
  return new StepError('resource.memory', `${program} and what it started had more than the ${memoryMb} MB that they may have`, {
    fix: 'Give it smaller pieces, or raise `memoryMb`.',
  });
}

function stoppedError(program: string): StepError {
  return new StepError('lost', `${program} was stopped and did not go on`);
}

function failedError(program: string, code: number | null, signal: string | null, stderr: string): StepError {
  const how = code === null ? `was ended by ${signal}` : `ended with exit code ${code}`;
  const details = { ...(code === null ? { signal: signal ?? 'unknown' } : { exitCode: code }), stderr };
  return new StepError('exec.failed', `${program} ${how}${stderr === '' ? '' : `: ${stderr}`}`, {
    details,
    fix: 'Its standard error is in `scriptorium logs <run>`; run it by hand with the same arguments.',
  });
}

function resultOf({ argv, stdout, excerpt }: ProgramInput, printed: string, redact: (text: string) => string): Json {
  const kept = excerpt === undefined ? { text: printed } : excerptOf(printed, excerpt, redact);
  return stdout === 'text' || 'characters' in kept ? { ...kept } : parseOutput(argv[0] ?? '', kept.text.trim());
}

function parseOutput(program: string, text: string): Json {
  if (text === '') return null;
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const start = text.slice(0, 200).toWellFormed();
    throw new StepError(
      'exec.output',
      `the standard output of ${program} is not JSON: ${(error as Error).message}; it begins with ${JSON.stringify(start)}`,
      { fix: 'Write the result alone to standard output, and messages to standard error.' },
    );
  }
}
