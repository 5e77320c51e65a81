/** Short flows, played: every handler `t/<name>` takes an hour and gives its name, unless the script says otherwise. */

import { rehearse, takes } from '../../src/index.ts';
import type { Rehearsal, Script } from '../../src/index.ts';

export interface Demo {
  /** The flow from `steps:` or `states:` on. */
  readonly flow: string;
  /** Other flows, as a whole. */
  readonly flows?: readonly string[];
  readonly script?: Script;
  readonly act: (run: Rehearsal, played: Played) => Promise<void>;
}

export interface Played {
  /** Names of the handlers that were called, in the order of their calls. */
  readonly called: () => readonly string[];
  /** Of two handlers, whether they were at work at the same time. */
  readonly overlapped: (a: string, b: string) => Promise<boolean>;
}

export async function play({ flow, flows = [], script = {}, act }: Demo): Promise<void> {
  const names = new Set([...flow.matchAll(/\bt\/(\w+)/g)].map(([uses]) => uses));
  const own: Script = Object.fromEntries([...names].map((uses) => [uses, () => takes('1h', uses.slice(2))]));
  const source = `flow: pattern/one\nversion: "1.0.0"\n${flow}`;
  await using run = await rehearse(source, { flows: [source, ...flows], script: { ...own, ...script } });
  await act(run, {
    called: () => run.calls().map(({ uses }) => uses.slice(2)),
    overlapped: async (a, b) => {
      const [first, second] = [await run.attempts(a), await run.attempts(b)].map(([attempt]) => attempt);
      if (first === undefined || second === undefined) throw new Error(`${a} or ${b} never began`);
      const { POSITIVE_INFINITY: never } = Number;
      return first.startedAt < (second.endedAt ?? never) && second.startedAt < (first.endedAt ?? never);
    },
  });
}
