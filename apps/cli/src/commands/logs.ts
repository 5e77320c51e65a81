/** `logs`: the readable log of a run. */

import { createReadStream, existsSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { placesOf } from '../showing/run-places.ts';

const POLL_MS = 250;

export interface LogFlags {
  /** Only the last so many lines. */
  readonly lines?: number;
  readonly follow?: boolean;
  /** Only warnings and errors, with what belongs to them. */
  readonly errors?: boolean;
}

export async function logs(context: Context, run: string, flags: LogFlags): Promise<ExitCode> {
  return withStore(context, async ({ host }) => {
    const summary = await host.describe(run);
    const { log } = placesOf(summary);
    if (!existsSync(log)) await host.report(summary.run);
    let end = await printLog(context, log, 0, flags);
    if (flags.follow !== true) return exitCodes.ok;
    const leaving = new AbortController();
    process.once('SIGINT', () => leaving.abort());
    while (!leaving.signal.aborted && process.stdout.writable) {
      const live = (await host.describe(summary.run)).status === 'running';
      end = await printLog(context, log, end, flags);
      if (!live) break;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return exitCodes.ok;
  });
}

/** Prints from a byte on; returns the byte where it ended. */
async function printLog({ terminal }: Context, path: string, start: number, { lines, errors }: LogFlags): Promise<number> {
  const end = statSync(path).size;
  if (end <= start) return start;
  const kept: string[] = [];
  let wanted = true;
  for await (const line of createInterface({ input: createReadStream(path, { start, end: end - 1, encoding: 'utf8' }) })) {
    if (!line.startsWith(' ')) wanted = errors !== true || /^\S+ (WARN|ERROR)/.test(line);
    if (!wanted) continue;
    if (lines === undefined || start > 0) terminal.out(`${line}\n`);
    else if (kept.push(line) > lines) kept.shift();
  }
  for (const line of kept) terminal.out(`${line}\n`);
  return end;
}
