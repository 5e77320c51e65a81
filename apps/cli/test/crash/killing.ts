/** Runs the command line as a user would, and ends it as the operating system would. */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { evolveProgress, showProgress, startProgress } from '@scriptorium/core';
import type { Recorded, Tally } from '@scriptorium/core';
import { openJournal } from '@scriptorium/engine';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const dyingAt = new URL('./dying-at.ts', import.meta.url).href;

export interface Ended {
  readonly code: number | null;
  readonly killed: boolean;
  readonly output: string;
}

/** Runs one command; it dies at the moment of that number, unless it has ended by then. */
export function scriptorium(
  args: readonly string[],
  { home, diesAt }: { readonly home: string; readonly diesAt?: number },
): Promise<Ended> {
  return new Promise((resolve) => {
    const dying = diesAt === undefined ? [] : ['--import', dyingAt];
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...dying, main, ...args, '--home', home], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DIES_AT: String(diesAt) },
    });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child.on('close', (code, signal) => resolve({ code, killed: signal === 'SIGKILL', output }));
  });
}

/** Every file that a batch left below its stages, by `stage/name`, with the hash of its bytes but for the name of the batch. */
export function outputsOf(out: string, batch: string): ReadonlyMap<string, string> {
  const files = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1))
    .filter((path) => path.split('/')[1] === batch && !path.startsWith('logs/'))
    .toSorted();
  return new Map(
    files.map((path) => [
      path.replace(`/${batch}/`, '/'),
      createHash('sha256')
        .update(readFileSync(join(out, path), 'latin1').replaceAll(batch, '*'), 'latin1')
        .digest('hex'),
    ]),
  );
}

export interface Audit {
  readonly run: string;
  readonly events: readonly Recorded[];
  readonly succeededTwice: readonly string[];
  readonly startedAfterSuccess: readonly string[];
  /** Moments at which a tally did not add up. */
  readonly unbalanced: readonly string[];
  readonly restarts: number;
  readonly reexecuted: readonly { readonly step: string; readonly reason: string }[];
}

/** What the journal of the only run in a store says about it. */
export function auditStore(home: string): Audit {
  const journal = openJournal(join(home, 'journal.db'));
  try {
    const [row] = journal.runs({ limit: 2 });
    if (row === undefined) throw new Error('the store has no run');
    const fault = journal.verify().fault;
    if (fault !== null) throw new Error(fault.message);
    const flow = journal.flow(row.flow.hash);
    if (flow === null) throw new Error('the definition is missing');
    const events = journal.readRun(row.run, 0, 1_000_000) as readonly Recorded[];
    return {
      run: row.run,
      events,
      ...repetitions(events),
      unbalanced: imbalances(startProgress(flow), events),
      restarts: journal.epoch - 1,
    };
  } finally {
    journal.close();
  }
}

function repetitions(events: readonly Recorded[]): Pick<Audit, 'succeededTwice' | 'startedAfterSuccess' | 'reexecuted'> {
  const done = new Set<string>();
  const succeededTwice: string[] = [];
  const startedAfterSuccess: string[] = [];
  const reexecuted: { step: string; reason: string }[] = [];
  for (const { actor, event } of events) {
    if (event.type === 'attempt.started') {
      const step = `${actor} ${event.item} ${event.node}`;
      if (done.has(step)) startedAfterSuccess.push(step);
      if (event.attempt > 1) reexecuted.push({ step, reason: event.reason });
    }
    if (event.type === 'attempt.succeeded') {
      const step = `${actor} ${event.item} ${event.node}`;
      if (done.has(step)) succeededTwice.push(step);
      done.add(step);
    }
  }
  return { succeededTwice, startedAfterSuccess, reexecuted };
}

function imbalances(start: ReturnType<typeof startProgress>, events: readonly Recorded[]): readonly string[] {
  const found: string[] = [];
  let view = start;
  for (const recorded of events) {
    view = evolveProgress(view, recorded);
    const { items, stages } = showProgress(view, recorded.at);
    for (const [name, tally] of [['items', items], ...stages.map((stage) => [stage.id, stage] as const)] as const) {
      if (sum(tally) !== tally.total) found.push(`${name} after event ${recorded.gseq}: ${JSON.stringify(tally)}`);
    }
  }
  return found;
}

function sum({ waiting, running, succeeded, failed, skipped, cancelled }: Tally): number {
  return waiting + running + succeeded + failed + skipped + cancelled;
}
