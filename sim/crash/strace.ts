/** Faults at the Nth call of the operating system, by strace where it is installed and may trace. */

import { spawnSync } from 'node:child_process';

/** What happens at the Nth call of `call`: that call is not made. */
export interface Injection {
  readonly call: string;
  readonly at: number;
  readonly what: 'KILL' | 'EIO' | 'ENOSPC' | 'EROFS';
  /** Only calls on these files. */
  readonly paths?: readonly string[];
}

/** The command that runs another one with the fault; its own exit is that of the command. */
export function injecting({ call, at, what, paths = [] }: Injection): readonly string[] {
  const fault = what === 'KILL' ? 'signal=KILL' : `error=${what}`;
  const only = paths.flatMap((path) => ['-P', path]);
  // Stopping at the calls that matter alone is faster, but then no signal is sent.
  const how = what === 'KILL' ? [] : ['--seccomp-bpf'];
  return ['strace', '-f', '-qq', ...how, '-o', '/dev/null', ...only, '-e', `trace=${call}`, '-e', `inject=${call}:${fault}:when=${at}`];
}

/** Why there is none, or null. */
export function lacksStrace(): string | null {
  const tried = spawnSync('strace', ['-f', '-qq', '--seccomp-bpf', '-o', '/dev/null', '-e', 'trace=fsync', 'true']);
  if (tried.error !== undefined) return 'strace is not installed';
  return tried.status === 0 ? null : `strace may not trace here: ${tried.stderr.toString().trim()}`;
}
