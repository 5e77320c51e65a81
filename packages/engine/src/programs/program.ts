/**
 * A program in a process group of its own.
 *
 * 1. The group ends with its leader, with {@link Program.end}, and with this process: also when that is killed.
 * 2. Its environment is what it is given here and nothing else.
 * 3. {@link Program.ended} resolves whatever it does: also when it has left somebody behind who holds its output open.
 */

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { guardGroup } from './guardian.ts';

export interface ProgramRequest {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: { readonly [name: string]: string | undefined };
  readonly stdio: StdioOptions;
  /** What each of its processes may reserve of writable memory, where the system can hold it to that. */
  readonly dataBytes?: number;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Program {
  readonly child: ChildProcess;
  /** Rejects when it could not be started. */
  readonly ended: Promise<Ending>;
  /** Sends all of the group a signal; what is stopped obeys SIGKILL alone. */
  readonly signal: (signal: NodeJS.Signals) => void;
}

/** What every program may see of the environment. */
const COMMON_ENV: readonly string[] = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  ...(process.platform === 'win32' ? ['SystemRoot', 'PATHEXT', 'TEMP', 'TMP'] : []),
];

/** How long output is waited for that somebody else holds open. */
const OUTPUT_MS = 1_000;

export function scrubbedEnv(
  env: { readonly [name: string]: string | undefined },
  more: readonly string[] = [],
): { readonly [name: string]: string } {
  const names = [...COMMON_ENV, ...more];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

export function startProgram({ file, args, cwd, env, stdio, dataBytes }: ProgramRequest): Program {
  const { wrapper, wrapped } = launcher(dataBytes);
  const [first = file, ...rest] = [...wrapper, file, ...args];
  const child = spawn(first, wrapped ? rest : [...args], {
    cwd,
    env: { ...env },
    stdio,
    detached: process.platform !== 'win32',
    shell: false,
    windowsHide: true,
  });
  const letGo = child.pid === undefined ? (): void => undefined : guardGroup(child.pid);
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      if (process.platform === 'win32') child.kill(name);
      else process.kill(-child.pid, name);
    } catch {
      // Nobody of the group is left.
    }
  };
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      signal('SIGKILL');
      letGo();
      const timer = setTimeout(() => {
        for (const stream of child.stdio) stream?.destroy();
      }, OUTPUT_MS);
      child.once('close', () => clearTimeout(timer));
    });
    child.once('close', (code, name) => resolve({ code, signal: name }));
  });
  // Not everybody who starts one waits for its end.
  ended.catch(() => undefined);
  return { child, ended, signal };
}

const SETPRIV = '/usr/bin/setpriv';
const PRLIMIT = '/usr/bin/prlimit';
let found: { readonly setpriv: boolean; readonly prlimit: boolean } | undefined;

/** What the kernel does for a program, where it can: kill it when this process ends, and bound its memory. */
function launcher(dataBytes: number | undefined): { readonly wrapper: readonly string[]; readonly wrapped: boolean } {
  found ??= {
    setpriv: works(SETPRIV, ['--pdeathsig', 'KILL', '--', '/bin/true']),
    prlimit: works(PRLIMIT, ['--data=1000000000', '--', '/bin/true']),
  };
  const wrapper = [
    ...(found.setpriv ? [SETPRIV, '--pdeathsig', 'KILL', '--'] : []),
    ...(found.prlimit && dataBytes !== undefined ? [PRLIMIT, `--data=${dataBytes}`, '--'] : []),
  ];
  return { wrapper, wrapped: wrapper.length > 0 };
}

function works(file: string, args: readonly string[]): boolean {
  return process.platform === 'linux' && spawnSync(file, args, { stdio: 'ignore', timeout: 1_000 }).status === 0;
}
