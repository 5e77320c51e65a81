/** A store on which days pass, and runs that are worth removing. */

import type { Flow } from '@scriptorium/core';
import { systemClock } from '@scriptorium/engine';
import type { EngineOptions, Retention } from '@scriptorium/engine';
import { compile } from './kit.ts';

export const DAY_MS: number = 24 * 3_600_000;
export const retention: Retention = { keepMs: 30 * DAY_MS, newest: 0, bytes: null, forgetMs: null };

/** A clock that days pass on when the test says so, and on which nothing is waited for long. */
export function calendar(): { readonly world: NonNullable<EngineOptions['world']>; readonly pass: (days: number) => void } {
  let ahead = 0;
  const clock = {
    ...systemClock,
    now: () => systemClock.now() + ahead,
    after: (ms: number, fire: () => void) => systemClock.after(Math.min(ms, 5), fire),
  };
  return { world: { clock }, pass: (days) => void (ahead += days * DAY_MS) };
}

export function items(count: number, text: string): Flow {
  return compile(`
flow: try/items
version: "1.0.0"
input: { n: { type: integer } }
steps:
  all:
    each: { in: "\${ [${Array.from({ length: count }, (_, index) => index).join(', ')}] }", as: n, key: "\${ string(n) }" }
    value: { n: "\${ n }", text: ${JSON.stringify(text)} }
  large: { value: { n: "\${ input.n }", text: ${JSON.stringify(text.repeat(500))} } }
output: \${ large }
`);
}
