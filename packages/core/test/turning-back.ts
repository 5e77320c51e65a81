/** Taking a model run back to an earlier point, as the engine does. */

import { amend, amendmentsOf, ROOT } from '../src/index.ts';
import type { Recorded } from '../src/index.ts';
import type { ModelHost } from './model-host.ts';

/** Told and teller stand side by side in the journal: a cut between them is moved behind both. */
export function cutAt(journal: readonly Recorded[], wanted: number): number {
  let cut = Math.max(1, Math.min(wanted, journal.length));
  while (cut < journal.length) {
    const [last, next] = [journal[cut - 1], journal[cut]];
    if (next?.event.from === undefined || next.event.from.actor !== last?.actor || next.event.from.seq !== last.seq) break;
    cut += 1;
  }
  return cut;
}

/** Takes all actors back to the first `cut` events, as the engine does. */
export function rollBack(host: ModelHost, cut: number): void {
  const kept = host.journal.slice(0, cut);
  const ends = new Map(kept.map(({ actor, seq }) => [actor, seq]));
  const { name, version, hash } = host.flow;
  const identity = { name, version, hash };
  const later = new Set(host.journal.slice(cut).map(({ actor }) => actor));
  host.append(ROOT, { type: 'run.rolled_back', to: ends.get(ROOT) ?? 0, gseq: cut, flow: identity, aside: '', files: [], by: 'test' });
  for (const actor of later)
    if (actor !== ROOT && host.actors.has(actor)) host.append(actor, { type: 'actor.rolled_back', to: ends.get(actor) ?? 0, files: [] });
}

/** Back to a place in what happened, and on from there; `share` is how far along it lies. */
export function turnBack(host: ModelHost, share: number): void {
  const journal = countingOf(host);
  const last = journal[cutAt(journal, Math.ceil(share * journal.length)) - 1];
  const cut = host.journal.findIndex((recorded) => recorded === last) + 1;
  rollBack(host, cut);
  host.append(ROOT, { type: 'run.resumed', by: 'test' });
  host.interrupt('rewound');
}

/** The run is its own fork from here on: what came later never happened, and what was under way is lost. */
export function forkHere(host: ModelHost, share: number): void {
  const cut = cutAt(host.journal, Math.ceil(share * host.journal.length));
  host.journal.splice(cut);
  host.replay();
  host.append(ROOT, { type: 'run.forked', parent: 'p', gseq: cut, step: null, input: null, outputs: [], handlers: {}, by: 'test' });
  host.interrupt('rewound');
}

/** Without what was taken back, and the facts that took it back. */
export function countingOf({ journal }: ModelHost): readonly Recorded[] {
  const { rollbacks } = amendmentsOf(journal);
  return journal.filter(
    (recorded) =>
      recorded.event.type !== 'run.rolled_back' &&
      recorded.event.type !== 'actor.rolled_back' &&
      amend({ rollbacks, migrations: [] }, recorded) !== null,
  );
}
