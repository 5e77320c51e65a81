/**
 * Ends process groups when this process ends, however it ends: also when it is killed, and whatever they do then. A small
 * shell beside it is told of every group; that its input closes is the end.
 *
 * 1. A group is known to the guardian from its start until it is let go.
 * 2. A guardian that ended by itself is replaced, and told again of all groups.
 *
 * Not on Windows, which has no process groups. What has made itself a session of its own is not in the group any more.
 */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

/** `+ 123` and `- 123` on its input. Signals that a terminal sends to everybody do not end it. */
const SCRIPT = `trap '' HUP INT TERM QUIT
groups=
while read -r sign group; do
  kept=
  for one in $groups; do [ "$one" = "$group" ] || kept="$kept $one"; done
  groups=$kept
  [ "$sign" = + ] && groups="$groups $group"
done
for one in $groups; do kill -s KILL -- "-$one" 2>/dev/null; done`;

const guarded = new Set<number>();
let guardian: ChildProcess | null = null;

/** The group of this leader ends with this process; call what is returned when it has ended. */
export function guardGroup(leader: number): () => void {
  if (process.platform === 'win32') return () => undefined;
  guarded.add(leader);
  if (guardian === null) guardian = start();
  else tell(guardian, '+', leader);
  return () => {
    if (guarded.delete(leader) && guardian !== null) tell(guardian, '-', leader);
  };
}

function start(): ChildProcess {
  const child = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/', env: {} });
  const gone = (): void => {
    if (guardian !== child) return;
    guardian = guarded.size === 0 ? null : start();
  };
  child.on('exit', gone);
  // Without a shell nobody guards; what starts the program has its own means, too.
  child.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  // It waits for this process, and not the other way round.
  child.unref();
  (child.stdin as Socket | null)?.unref();
  for (const leader of guarded) tell(child, '+', leader);
  return child;
}

function tell({ stdin }: ChildProcess, sign: '+' | '-', leader: number): void {
  stdin?.write(`${sign} ${leader}\n`);
}
