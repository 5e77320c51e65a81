/** The entry: reads the command line, runs one command, and tells how it ended by the exit code. */

import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { configurationOf, settingsOf } from './configuration/configuration.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { explainError } from './explanation.ts';
import { createProgram } from './program.ts';
import type { SettingFlags } from './program.ts';
import { processTerminal } from './terminal.ts';

const VERSION = '0.1.0';
const launcher = fileURLToPath(new URL('../../../scriptorium', import.meta.url));

const terminal = processTerminal(process.env);

// A reader that has seen enough (`| head`) closes the pipe: what is written after that is lost, and the work goes on.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await main(process.argv.slice(2));
// Attempts that nobody waits for any more would keep the process of an engine whose store failed.
if (process.exitCode >= exitCodes.storage && process.exitCode < exitCodes.interrupted) process.exit();

async function main(words: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok;
  const program = createProgram(async (flags, work) => {
    try {
      exitCode = await work(contextOf(flags));
    } catch (error) {
      const explained = await explainError(error, { verbose: flags.verbose === true, command: commandFrom(process.cwd()), terminal });
      terminal.err(explained.text);
      exitCode = explained.exitCode;
    }
  }, VERSION);
  exitOverride(program);
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
  return exitCode;
}

function exitOverride(command: ReturnType<typeof createProgram>): void {
  command.exitOverride();
  for (const child of command.commands) exitOverride(child);
}

function contextOf(flags: SettingFlags): Context {
  const cwd = process.cwd();
  const { home, out, mode, profile, progress, limit } = flags;
  const given = { home, out, mode, profile, limit, progress: progress === false ? 'none' : progress };
  const configuration = configurationOf({ cwd, env: process.env, environment: flags.env, flags: given });
  const settings = settingsOf(configuration);
  const context: Context = {
    terminal,
    env: process.env,
    cwd,
    now: Date.now,
    by: `cli:${userName()}`,
    home: settings.home,
    configuration,
    settings,
    get command() {
      return commandFrom(cwd);
    },
    json: flags.json === true,
    verbose: flags.verbose === true,
    open: async () => (await import('./compose.ts')).openConnection(context),
    plan: async function* (request) {
      yield* (await import('./compose.ts')).planWithoutTrace(context, request);
    },
  };
  return context;
}

/** The plain name where it is found by it, else the way to the launcher of this checkout. */
function commandFrom(cwd: string): string {
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .some((directory) => directory !== '' && existsSync(join(directory, 'scriptorium')));
  if (found) return 'scriptorium';
  const near = relative(cwd, launcher);
  return near.startsWith('..') ? launcher : `.${sep}${near}`;
}

/** Systems without an entry for the user (some containers) have no name to give. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
