/** Which renderer shows the progress of a run. */

import type { Terminal } from '../terminal.ts';
import { createBars } from './bars.ts';
import type { ProgressMode } from './mode.ts';
import { createNdjson } from './ndjson.ts';
import { createPlain } from './plain.ts';
import type { ProgressRenderer } from './renderer.ts';

/** `auto` is bars on a terminal, and plain lines in a pipe, in CI and on dumb terminals. */
export function createRenderer(
  mode: ProgressMode,
  terminal: Terminal,
  env: { readonly [name: string]: string | undefined },
  now: () => number,
): ProgressRenderer {
  switch (mode) {
    case 'auto':
      return terminal.errIsTty && !env['CI'] && env['TERM'] !== 'dumb' ? createBars(terminal, now) : createPlain(terminal, now);
    case 'bars':
      return createBars(terminal, now);
    case 'plain':
      return createPlain(terminal, now);
    case 'json':
      return createNdjson(terminal, now);
    case 'none':
      return { update: () => undefined, note: () => undefined, close: () => undefined };
  }
}
