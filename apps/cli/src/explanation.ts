/** Errors in words: what happened, where, why, and the command that helps. Stacks only where they were asked for. */

import type { HostError, StepError } from '@scriptorium/core';
import type { JournalError } from '@scriptorium/engine';
import type { Context } from './context.ts';
import { CommandError, exitCodeOfHost, exitCodes } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';

interface Explained {
  readonly text: string;
  readonly exitCode: ExitCode;
}

export async function explainError(
  error: unknown,
  { verbose, command, terminal }: Pick<Context, 'verbose' | 'command' | 'terminal'>,
): Promise<Explained> {
  const paint = terminal.paintErr;
  const { message, fix, exitCode } = await factsOf(error);
  const text = [
    `${paint('red', 'error:')} ${message}`,
    ...(fix === undefined ? [] : [`${paint('cyan', 'fix:')} ${asTyped(fix, command)}`]),
  ].join('\n');
  return { text: `${text}\n${verbose && error instanceof Error ? `\n${stackOf(error)}\n` : ''}`, exitCode };
}

/** Commands in a text as they are typed here. */
export function asTyped(text: string, command: string): string {
  return text.replaceAll('`scriptorium ', `\`${command} `);
}

interface Facts {
  readonly message: string;
  readonly fix: string | undefined;
  readonly exitCode: ExitCode;
}

async function factsOf(error: unknown): Promise<Facts> {
  if (error instanceof CommandError) return error;
  if (isNamed(error, 'HostError')) {
    const { message, fix, code } = error as HostError;
    return { message, fix, exitCode: exitCodeOfHost(code) };
  }
  if (isNamed(error, 'JournalError')) {
    const { message, fix, fault } = error as JournalError;
    const { journalExitCodes } = await import('@scriptorium/engine');
    return { message: `the store: ${message}`, fix, exitCode: journalExitCodes[fault] as ExitCode };
  }
  if (isNamed(error, 'StepError')) {
    const { message, fix } = error as StepError;
    return { message, fix, exitCode: exitCodes.refused };
  }
  const message = error instanceof Error ? error.message : String(error);
  const system = error instanceof Error && 'syscall' in error;
  return system
    ? { message, fix: 'Check the path, its permissions and the free space.', exitCode: exitCodes.refused }
    : {
        message: `this should not have happened: ${message}`,
        fix: 'Run the command again with -v for the stack, and report it.',
        exitCode: exitCodes.internal,
      };
}

function isNamed(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
