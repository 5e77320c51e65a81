/** Progress as plain lines, for pipes and CI: at every change of status, every tenth of the work, and every few seconds. */

import type { RunSummary } from '@scriptorium/core';
import { formatClock } from '../showing/quantity.ts';
import type { Terminal } from '../terminal.ts';
import { overallText, settled, shortName } from './lines.ts';
import type { ProgressRenderer } from './renderer.ts';

const EVERY_MS = 5_000;

export function createPlain(terminal: Terminal, now: () => number): ProgressRenderer {
  let shownAt = -Infinity;
  let tenth = -1;
  let status = '';
  let total = -1;
  let text = '';
  let latest: RunSummary | null = null;

  function show(summary: RunSummary): void {
    const { progress, startedAt, endedAt } = summary;
    const stages = progress.stages.map(
      (stage) => `${shortName(stage.id)} ${settled(stage)}${stage.failed > 0 ? ` (${stage.failed} failed)` : ''}`,
    );
    const line = `${summary.status} ${overallText(progress).trim()}${stages.length === 0 ? '' : ` | ${stages.join(', ')}`}`;
    shownAt = now();
    if (line === text) return;
    text = line;
    terminal.err(`[${formatClock((endedAt ?? now()) - startedAt)}] ${line}\n`);
  }

  // While nothing happens there are no updates; the clock and the remaining time go on all the same.
  const timer = setInterval(() => {
    if (latest !== null && now() - shownAt >= EVERY_MS) show(latest);
  }, EVERY_MS);
  timer.unref();
  return {
    update: (summary) => {
      latest = summary;
      const reached = Math.floor(summary.progress.fraction * 10);
      if (summary.status === status && reached === tenth && summary.progress.items.total === total && now() - shownAt < EVERY_MS) return;
      status = summary.status;
      tenth = reached;
      total = summary.progress.items.total;
      show(summary);
    },
    note: (line) => terminal.err(`${line}\n`),
    close: () => {
      clearInterval(timer);
      if (latest !== null) show(latest);
    },
  };
}
