/** A store on which days pass, and runs that are worth removing. */

import { join } from 'node:path';
import type { Flow, PostEvent } from '@scriptorium/core';
import { openJournal, systemClock } from '@scriptorium/engine';
import type { Engine, EngineOptions, Retention } from '@scriptorium/engine';
import { compile, compileTree, finish, startIn, startTree, until } from './kit.ts';
import type { Kit } from './kit.ts';

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

/** Writes messages into the mailbox `desk` of a store that no engine works on: a dead one, then so many that were answered. */
export function fillMailbox(home: string, answered: number): void {
  const journal = openJournal(join(home, 'journal.db'));
  const at = Date.now();
  const plain = {
    type: 'notification',
    from: 'a',
    to: 'desk',
    causation: null,
    priority: 5,
    deadline: null,
    key: null,
    topic: null,
  } as const;
  const about = { mailbox: 'desk', by: 'test' } as const;
  const begun = (id: string): readonly PostEvent[] => [
    { type: 'message.sent', ...about, header: { id, correlation: id, ...plain }, body: { v: { payload: id, context: null } } },
    { type: 'message.taken', mailbox: 'desk', id, taker: { run: 'r', step: 's', key: id } },
  ];
  const facts: PostEvent[] = [...begun('dead'), { type: 'message.died', mailbox: 'desk', id: 'dead', reason: 'x' }];
  for (let number = 0; number < answered; number += 1) {
    const id = String(number);
    facts.push(...begun(id), { type: 'message.settled', ...about, id, outcome: 'answered', reason: null, reply: null });
  }
  journal.commit({ events: facts.map((event, index) => ({ run: '', actor: 'mailbox:desk', seq: index + 1, at, event })) });
  journal.close();
}

/** A flow that waits for {@link go}. */
export const paused: Flow = compile('{ flow: try/paused, version: "1.0.0", steps: { go: { wait: { event: go } } } }');
export const go = { name: 'go', payload: null, id: null, by: 'test' } as const;

export interface Related {
  /** Waits for {@link go}. */
  readonly above: string;
  /** Has ended, and was called by `above`. */
  readonly child: string;
  /** Has ended, and was forked. */
  readonly parent: string;
  /** Waits for {@link go}. */
  readonly fork: string;
}

/** Runs that need each other: two that go on, and two that have ended. */
export async function startRelated(engine: Engine, kit: Kit): Promise<Related> {
  const tree = compileTree(
    `{ flow: try/above, version: "1.0.0", steps: { done: { uses: try/child }, open: { needs: [done], wait: { event: go } } } }`,
    `{ flow: try/child, version: "1.0.0", steps: { one: { value: 1 } } }`,
  );
  const above = await startTree(engine, kit, tree);
  await until(async () => (await engine.waits(above)).length === 1);
  const [child] = await engine.list({ parent: above });
  const parent = await startIn(engine, kit, paused);
  await engine.signal(parent, go);
  await finish(engine, parent);
  const fork = await engine.fork({ run: parent, step: 'go', input: null, outputs: {}, by: 'test' });
  return { above, child: child?.run ?? '', parent, fork };
}
