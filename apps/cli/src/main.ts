/** The entry: reads the command line, runs one command, and tells how it ended by the exit code. */

import { CommanderError } from 'commander';
import { commandFrom, contextOf } from './context-of.ts';
import { exitCodes } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { explainError } from './explanation.ts';
import { createProgram } from './program/program.ts';
import { processTerminal } from './terminal.ts';

const VERSION = '0.1.0';

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
      exitCode = await work(contextOf(flags, { terminal, env: process.env, cwd: process.cwd() }));
    } catch (error) {
      const explained = await explainError(error, {
        verbose: flags.verbose === true,
        command: commandFrom(process.cwd(), process.env),
        terminal,
      });
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
