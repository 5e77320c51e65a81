/**
 * One store from its first engine to the end of everything in it: victims are sent to it, die of whatever the kind of
 * crash is, and are followed by others; the last one is left alone, and then the judge reads.
 */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Control } from './controls.ts';
import { isClean, judge, outputsOf } from './judge.ts';
import type { Judged, Outputs, Verdict } from './judge.ts';
import type { Program } from './program.ts';
import type { Order } from './victim.ts';

const victim = fileURLToPath(new URL('./victim.ts', import.meta.url));

/** A victim that is left alone has ended by then, on a machine that is busy with other things too. */
const PATIENCE_MS = 90_000;
/** Stands in for an exit code where a process did not end by itself in {@link PATIENCE_MS}. */
export const STUCK = 'stuck';

export interface Place extends Judged {
  /** On the machine's own disk, whatever disk the store is on. */
  readonly directory: string;
}

/** A fresh place; the store and the outputs are below `disk` where it is given. */
export function makePlace(programs: readonly Program[], disk?: string): Place {
  const directory = mkdtempSync(join(tmpdir(), 'scriptorium-crash-'));
  const base = disk ?? directory;
  return {
    directory,
    programs,
    home: join(base, 'store'),
    out: join(base, 'out'),
    acknowledgements: join(directory, 'acknowledgements'),
    effects: join(directory, 'effects'),
  };
}

export function leavePlace(place: Place): void {
  rmSync(place.directory, { recursive: true, force: true });
}

/** How far the work in this place is, as the bytes that its handlers wrote down. */
export function workIn({ effects }: Place): number {
  return statSync(effects, { throwIfNoEntry: false })?.size ?? 0;
}

export interface Death {
  readonly code: number | null | typeof STUCK;
  readonly signal: string | null;
  readonly errors: string;
}

export interface Victim {
  readonly child: ChildProcess;
  /** Resolves when its store is open, or when it has ended. */
  readonly opened: Promise<void>;
  readonly death: Promise<Death>;
  /** Sends the signal to it and to all its threads and children. */
  readonly signal: (name: NodeJS.Signals) => void;
}

export interface Sending {
  readonly control?: Control | null;
  readonly clockOffMs?: readonly number[];
  /** Of the programs; all, unless it is said. */
  readonly atOnce?: number;
  readonly reserveBytes?: number;
  /** Until it is killed. */
  readonly lingers?: boolean;
  /** A program that runs it, with its arguments. */
  readonly under?: readonly string[];
}

/** Sends a victim to the place. */
export function sendVictim(place: Place, sending: Sending = {}): Victim {
  const { control = null, clockOffMs = [], under = [], atOnce = place.programs.length, reserveBytes = 0, lingers = false } = sending;
  const { home, out, acknowledgements, effects, programs } = place;
  const order: Order = { home, out, acknowledgements, effects, programs, atOnce, reserveBytes, control, clockOffMs, lingers };
  const own = [process.execPath, '--disable-warning=ExperimentalWarning', victim, JSON.stringify(order)] as const;
  const [command, ...rest] = under.length === 0 ? own : (['env', ...under, ...own] as const);
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    // Compiled once for all the processes: they start in half the time.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'scriptorium-crash-cache') },
  });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const death = new Promise<Death>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, errors: error.message }));
    child.once('close', (code, signal) => resolve({ code, signal, errors }));
  });
  const opened = new Promise<void>((resolve) => {
    child.stdout.once('data', () => resolve());
    void death.then(() => resolve());
  });
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  return { child, opened, death, signal };
}

/** Waits for its end; kills it where it does not come. */
export async function awaitDeath({ death, signal }: Victim, patienceMs: number = PATIENCE_MS): Promise<Death> {
  const over = new AbortController();
  const stuck = sleep(patienceMs, null, { signal: over.signal }).catch(() => null);
  const first = await Promise.race([death, stuck]);
  over.abort();
  if (first !== null) return first;
  signal('SIGCONT');
  signal('SIGKILL');
  return { ...(await death), code: STUCK };
}

/** Sends a victim that nothing happens to. */
export function finish(place: Place, sending: Sending = {}): Promise<Death> {
  return awaitDeath(sendVictim(place, sending));
}

/** What a round of one kind has come to. */
export interface Round {
  /** Deaths, faults and damages in it. */
  readonly crashes: number;
  /** Those of them that the engine, or the reading of its chain, has noticed and named. */
  readonly detected: number;
  readonly verdict: Verdict;
}

const nothing: Verdict = { acknowledged: 0, engines: 0, lost: [], repeated: [], faults: [] };

/** Lets the work end, judges, and adds what was wrong before. */
export async function conclude(
  place: Place,
  expected: Outputs | null,
  so: { readonly crashes: number; readonly detected?: number; readonly faults?: readonly string[] },
  sending: Sending = {},
): Promise<Round> {
  const { crashes, detected = 0, faults = [] } = so;
  const last = await finish(place, sending);
  const verdict = last.code === 0 ? judge(place, expected) : { ...nothing, faults: [`the last engine did not end: ${describe(last)}`] };
  return { crashes, detected, verdict: { ...verdict, faults: [...faults, ...verdict.faults] } };
}

export function describe({ code, signal, errors }: Death): string {
  return `${code === null ? signal : code}${errors === '' ? '' : `: ${errors.trim().slice(0, 600)}`}`;
}

/** What an undisturbed run of the programs leaves, and {@link workIn} its place. */
export async function undisturbed(programs: readonly Program[]): Promise<{ readonly expected: Outputs; readonly work: number }> {
  const place = makePlace(programs);
  try {
    const { verdict } = await conclude(place, null, { crashes: 0 });
    if (!isClean(verdict)) throw new Error(`an undisturbed run is not clean: ${JSON.stringify(verdict)}`);
    return { expected: outputsOf(place.out), work: workIn(place) };
  } finally {
    leavePlace(place);
  }
}
