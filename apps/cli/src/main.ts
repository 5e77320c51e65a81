/** The entry: reads the command line, runs one command, and tells how it ended by the exit code. */

import { callCommand } from './command-call.ts';
import { exitCodes } from './exit-code.ts';
import { processTerminal } from './terminal.ts';

// A reader that has seen enough (`| head`) closes the pipe: what is written after that is lost, and the work goes on.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const { env } = process;
process.exitCode = await callCommand(process.argv.slice(2), { terminal: processTerminal(env), env, cwd: process.cwd() });
// Attempts that nobody waits for any more would keep the process of an engine whose store failed.
if (process.exitCode >= exitCodes.storage && process.exitCode < exitCodes.interrupted) process.exit();
