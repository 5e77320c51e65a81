/**
 * Follows a run to its end: shows its progress, and turns signals into what they mean. The first SIGINT or SIGTERM lets
 * what runs end and leaves the run to be resumed; a second one ends it at once. When the engine works in another process
 * a signal only ends the watching.
 */

import type { Host, RunSummary, Streamed } from '@scriptorium/core';
import { exitCodeOfRun, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Connection } from '@scriptorium/engine';
import type { Context } from '../context.ts';
import { createWaitNotes } from './open-waits.ts';
import { createRenderer } from '../progress/renderers.ts';
import { createNews, noteLimits } from '../progress/news.ts';
import { reuseOf } from './reuse.ts';
import type { Reuse } from './reuse.ts';
import { seeThrough } from './runs-below.ts';
import { summaryJson, summaryText } from './summary.ts';

const EVERY_MS = 200;

export interface Followed {
  readonly summary: RunSummary;
  readonly exitCode: ExitCode;
  /** Another process goes on with the run. */
  readonly detached: boolean;
  /** What it took over from the run before it. */
  readonly reuse: Reuse | null;
}

export async function followRun(context: Context, connection: Connection, run: string): Promise<Followed> {
  const renderer = createRenderer(context.settings.progress, context.terminal, context.env, context.now);
  const leaving = new AbortController();
  const signals = watchSignals(connection, renderer.note, leaving, `${context.command} resume ${run}`);
  const news = createNews();
  const waits = createWaitNotes(connection.host, context, renderer);
  const forgetLimits = noteLimits(connection.host, renderer.note);
  const { text } = renderer;
  const deaf = new AbortController();
  if (text !== undefined) void hear(connection.host, run, text, deaf.signal);
  let exitCode: ExitCode = exitCodes.internal;
  try {
    let summary: RunSummary | null = null;
    for await (const next of connection.host.watch(run, { everyMs: EVERY_MS, signal: leaving.signal })) {
      summary = next;
      for (const line of news.of(next)) renderer.note(line);
      waits.update(next);
      renderer.update(next);
    }
    if (summary?.endedAt !== undefined && summary.endedAt !== null && connection.own())
      await seeThrough(connection.host, [run], leaving.signal, renderer.note);
    await signals.closing();
    const last = summary === null || (connection.own() && !signals.received()) ? await connection.host.describe(run) : summary;
    const detached = leaving.signal.aborted && !connection.own();
    exitCode = detached ? exitCodes.ok : exitCodeOfRun(last);
    const reuse = detached || signals.received() ? null : await reuseOf(connection.host, last);
    return { summary: last, exitCode, detached, reuse };
  } finally {
    waits.stop();
    forgetLimits();
    deaf.abort();
    signals.forget();
    renderer.close(exitCode);
  }
}

/** Shows what agents write. Nothing depends on it: where the engine leaves, what it would have shown is lost. */
async function hear(host: Host, run: string, show: (piece: Streamed) => void, signal: AbortSignal): Promise<void> {
  try {
    for await (const piece of host.listen(run, { signal })) if (!signal.aborted) show(piece);
  } catch {
    // Told by whoever follows the run.
  }
}

/** Follows runs to their ends, one after the other, without showing their progress; null when a signal came before. */
export async function followAll(context: Context, connection: Connection, runs: readonly string[]): Promise<readonly RunSummary[] | null> {
  const { host } = connection;
  const note = (text: string): void => context.terminal.err(`${text}\n`);
  const leaving = new AbortController();
  const signals = watchSignals(connection, note, leaving, `${context.command} resume --all`);
  const ends: RunSummary[] = [];
  try {
    for (const run of runs) {
      let last: RunSummary | null = null;
      for await (const next of host.watch(run, { everyMs: EVERY_MS, signal: leaving.signal })) last = next;
      if (signals.received()) break;
      if (last !== null) ends.push(last);
    }
    if (!signals.received()) await seeThrough(host, runs, leaving.signal, note);
    await signals.closing();
    return signals.received() ? null : ends;
  } finally {
    signals.forget();
  }
}

/** Writes what a command that followed a run has to say at its end. */
export function putOutcome(context: Context, { summary, exitCode, detached, reuse }: Followed): ExitCode {
  const { terminal } = context;
  if (context.json)
    terminal.out(`${JSON.stringify({ ...summaryJson(summary, exitCode), ...(reuse === null ? {} : { reuse }) }, null, 2)}\n`);
  else if (detached) terminal.err(`The run goes on in another process; see it with \`${context.command} watch ${summary.run}\`.\n`);
  else terminal.out(summaryText(summary, context, reuse));
  return exitCode;
}

interface Signals {
  readonly received: () => boolean;
  /** Resolves when a drain or stop that a signal began has ended. */
  readonly closing: () => Promise<void>;
  readonly forget: () => void;
}

function watchSignals({ host, own }: Connection, note: (text: string) => void, leaving: AbortController, resume: string): Signals {
  let count = 0;
  let closing: Promise<void> = Promise.resolve();
  const onSignal = (): void => {
    count += 1;
    if (!own()) {
      leaving.abort();
    } else if (count === 1) {
      note(`Draining: what runs may end, nothing new starts. Press again to stop at once. Resume with: ${resume}`);
      closing = host.drain();
    } else if (count === 2) {
      note('Stopping at once.');
      closing = host.stop();
    } else {
      process.exit(exitCodes.interrupted);
    }
    closing.catch(() => undefined);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    received: () => count > 0,
    closing: () => closing,
    forget: () => {
      process.removeListener('SIGINT', onSignal);
      process.removeListener('SIGTERM', onSignal);
    },
  };
}
