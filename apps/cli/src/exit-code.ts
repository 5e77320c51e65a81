/** How the command line tells other programs how it ended. Codes are stable; `--help` and the documentation list them. */

import type { HostError, RunSummary } from '@scriptorium/core';

export const exitCodes = {
  ok: 0,
  /** The run failed (more items than tolerated, or a step of the flow itself) or was cancelled; a file is not formatted. */
  failed: 1,
  /** Wrong usage, or a definition with errors. */
  usage: 2,
  /** The run completed, and some items failed within its tolerance. */
  partial: 3,
  /** Refused: a prerequisite is missing or a configuration is invalid. */
  refused: 4,
  notFound: 5,
  /** Not possible in the present state: the run has ended, or the name is ambiguous. */
  conflict: 6,
  /** A fault of the program. */
  internal: 50,
  /** The store cannot be used; nothing that was reported done is lost. 71 to 79 say more: see the engine's `journalExitCodes`. */
  storage: 70,
  /** Interrupted by SIGINT or SIGTERM; what was done stays done. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes] | 71 | 72 | 73 | 74 | 75 | 76 | 77 | 78 | 79;

export const exitCodeHelp = `Exit codes:
   0  done
   1  the run failed or was cancelled; of fmt --check: not formatted
   2  wrong usage, or errors in the definition
   3  completed, with failed items within the tolerance
   4  refused before or at the start: a prerequisite is missing
   5  not found
   6  not possible in the present state
  50  a fault of the program
  70  the disk failed; start again     71  another engine took the store over
  72  the store is damaged             73  this Node cannot work with stores
  74  the store is on a network        75  no space is left for the store
  76  acknowledged events are lost     77  an event is not what was written
  78  the store is of another version  79  the store cannot be read and written
 130  interrupted; resume with \`scriptorium resume\``;

export function exitCodeOfRun({ status, error, progress }: RunSummary): ExitCode {
  switch (status) {
    case 'succeeded':
      return progress.items.failed > 0 ? exitCodes.partial : exitCodes.ok;
    case 'failed':
      return error?.code === 'fatal' ? exitCodes.refused : exitCodes.failed;
    case 'cancelled':
      return exitCodes.failed;
    case 'interrupted':
    case 'parked':
    case 'running':
    case 'paused':
    case 'cancelling':
      return exitCodes.interrupted;
  }
}

export function exitCodeOfHost(code: HostError['code']): ExitCode {
  switch (code) {
    case 'not_found':
      return exitCodes.notFound;
    case 'ambiguous':
    case 'conflict':
      return exitCodes.conflict;
    case 'invalid':
      return exitCodes.usage;
    case 'unavailable':
    case 'overloaded':
    case 'fatal':
      return exitCodes.refused;
  }
}

/** An error that is told to the person at the terminal, with what to do about it. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;
  readonly fix: string | undefined;

  constructor(exitCode: ExitCode, message: string, fix?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CommandError';
    this.exitCode = exitCode;
    this.fix = fix;
  }
}
