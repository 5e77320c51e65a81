/**
 * Looks after running processes: how much memory one and those that it started have, and whether it was stopped. Only
 * where there is /proc; elsewhere nothing is seen, and a timeout is what remains.
 */

import { readFileSync } from 'node:fs';

export interface Watched {
  readonly pid: number;
  /** Of the process and those below it, resident. */
  readonly memoryBytes: number;
  readonly onMemory: (bytes: number) => void;
  /** It has been stopped (SIGSTOP and the like) for a while: nobody but SIGCONT or SIGKILL moves it. */
  readonly onStopped: () => void;
}

/** How often it is looked. */
const LOOK_MS = 100;
/** How long a process may be stopped. */
const STOPPED_LOOKS = 50;
/** Processes below one that are counted. */
const MAX_FAMILY = 1_000;

const watched = new Map<Watched, { stopped: number }>();
let looking: NodeJS.Timeout | null = null;

/** Each callback is called at most once; call what is returned when the process has ended. */
export function watchProcess(one: Watched): () => void {
  if (process.platform !== 'linux') return () => undefined;
  watched.set(one, { stopped: 0 });
  looking ??= setInterval(look, LOOK_MS).unref();
  return () => {
    watched.delete(one);
    if (watched.size > 0 || looking === null) return;
    clearInterval(looking);
    looking = null;
  };
}

function look(): void {
  for (const [one, seen] of watched) {
    const { bytes, stopped } = statusOf(one.pid, { left: MAX_FAMILY });
    seen.stopped = stopped ? seen.stopped + 1 : 0;
    const isTooLarge = bytes > one.memoryBytes;
    if (!isTooLarge && seen.stopped < STOPPED_LOOKS) continue;
    watched.delete(one);
    if (isTooLarge) one.onMemory(bytes);
    else one.onStopped();
  }
}

function statusOf(pid: number, family: { left: number }): { readonly bytes: number; readonly stopped: boolean } {
  const status = contentOf(`/proc/${pid}/status`);
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  const below = contentOf(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean);
  family.left -= below.length;
  const sum = family.left < 0 ? 0 : below.reduce((bytes, child) => bytes + statusOf(Number(child), family).bytes, 0);
  return { bytes: kilobytes * 1024 + sum, stopped: /^State:\s+T/m.test(status) };
}

/** Empty for one that has just ended. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
