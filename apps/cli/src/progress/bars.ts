/** Live bars on a terminal: redrawn in place at most ten times a second, log lines above them, the cursor given back. */

import type { RunSummary } from '@scriptorium/core';
import { widthOf } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { progressLines } from './lines.ts';
import type { ProgressRenderer } from './renderer.ts';
import { createWriting } from './writing.ts';

const REDRAW_MS = 100;
/** The clock in the heading goes on while nothing else happens. */
const IDLE_REDRAW_MS = 1_000;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_LINE = '\u001b[2K';
const CLEAR_BELOW = '\u001b[0J';

export function createBars(terminal: Terminal, now: () => number): ProgressRenderer {
  let drawn = 0;
  let latest: RunSummary | null = null;
  let drawnAt = -Infinity;
  let timer: NodeJS.Timeout | null = null;
  let waiting: readonly string[] = [];
  const writing = createWriting(now);

  const home = (): string => (drawn === 0 ? '\r' : `\r\u001b[${drawn}A`);
  const erase = (): string => `${home()}${CLEAR_BELOW}`;

  function block(): string {
    if (latest === null) return '';
    const columns = Math.max(10, terminal.columns() - 1);
    const waits = latest.endedAt === null ? waiting : [];
    const written = latest.endedAt === null ? writing.lines(columns) : [];
    const lines = [...progressLines(latest, now(), columns, terminal.paintErr), ...written.map((line) => terminal.paintErr('dim', line))];
    const rows = lines.map((line) => `${CLEAR_LINE}${line}\n`);
    // Whole, as commands are copied: the terminal breaks what is longer than a row.
    const long = waits.map((line) => `${CLEAR_BELOW}${terminal.paintErr(line.startsWith(' ') ? 'cyan' : 'yellow', line)}\n`);
    const text = [home(), ...rows, ...long, CLEAR_BELOW].join('');
    drawn = lines.length + waits.reduce((sum, line) => sum + Math.ceil(widthOf(line) / Math.max(1, terminal.columns())), 0);
    return text;
  }

  function redraw(): void {
    drawnAt = now();
    terminal.err(block());
    schedule(IDLE_REDRAW_MS);
  }

  function schedule(delayMs: number): void {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(redraw, delayMs);
    timer.unref();
  }

  function soon(): void {
    const wait = REDRAW_MS - (now() - drawnAt);
    if (wait <= 0) redraw();
    else schedule(wait);
  }

  terminal.err(HIDE_CURSOR);
  const restore = (): void => terminal.err(SHOW_CURSOR);
  process.once('exit', restore);
  return {
    update: (summary) => {
      latest = summary;
      soon();
    },
    waiting: (lines) => {
      waiting = lines;
      if (latest !== null) soon();
    },
    text: (piece) => {
      writing.add(piece);
      if (latest !== null) soon();
    },
    note: (text) => {
      const above = `${erase()}${text}\n`;
      drawn = 0;
      terminal.err(above + block());
    },
    close: () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      terminal.err(block() + SHOW_CURSOR);
      drawn = 0;
      latest = null;
      process.removeListener('exit', restore);
    },
  };
}
