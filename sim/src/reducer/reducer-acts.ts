/** What clients do to runs of the smallest host: each becomes facts in one commit, or is refused. */

import { amend, amendmentsOf, iterationOf, planMigration, ROOT, unreachable } from '@scriptorium/core';
import type { ActorState, Event, Flow, Recorded } from '@scriptorium/core';
import type { Act } from '../setting.ts';
import type { ReducerRun } from './reducer-run.ts';
import type { ReducerWorld } from './reducer-world.ts';

/** An answer that nobody has any use for. */
const TOO_LATE = 9_999;

type OfRun = Extract<Act, { readonly run: number }>;

export function applyAct(world: ReducerWorld, act: Act): void {
  if ('run' in act) {
    const run = world.runAt(act.run);
    if (run === null) return world.refused(act.do, '', 'not_found');
    if (run.isSettled() && act.do !== 'fork' && act.do !== 'rollback') return world.refused(act.do, run.id, 'conflict');
    return actOnRun(world, run, act);
  }
  switch (act.do) {
    case 'limit':
    case 'close_breaker':
    case 'send':
    case 'redeliver':
    case 'read':
      // There are no pools here, no mailboxes and no store.
      return;
    case 'migrate':
      for (const run of world.runs.values()) if (!run.isSettled()) migrate(world, run, act.flow);
      return;
    case 'drain':
    case 'stop':
      return endInOrder(world, act.do);
    default:
      return unreachable(act);
  }
}

function actOnRun(world: ReducerWorld, run: ReducerRun, act: OfRun): void {
  const ack =
    (id: string | null = null, already = false) =>
    (): void =>
      world.acked(act.do, run.id, id, already);
  switch (act.do) {
    case 'pause':
      if (run.held() || run.root().status !== 'running') return world.refused(act.do, run.id, 'conflict');
      return world.step(() => run.append(ROOT, { type: 'run.paused', by: 'sim' }), ack());
    case 'resume':
      if (!isHalted(run)) return world.refused(act.do, run.id, 'conflict');
      return world.step(() => resume(run), ack());
    case 'cancel':
      if (run.root().status !== 'running') return world.refused(act.do, run.id, 'conflict');
      return world.step(() => {
        if (isHalted(run)) resume(run);
        run.append(ROOT, { type: 'run.cancelling', by: 'sim', reason: 'as planned' });
      }, ack());
    case 'signal': {
      const { kind } = run.root();
      const id = act.id ?? `signal ${world.rows.length} ${world.roll(1_000_000)}`;
      const already = kind.type === 'root' && kind.mail.known.has(id);
      const received: Event = { type: 'signal.received', id, name: act.name, payload: { v: act.payload }, by: 'sim', unfit: [] };
      // A host may hear the same signal twice before it knows.
      const isDoubled = already && world.roll(2) === 0;
      return world.step(() => (already && !isDoubled ? 0 : run.append(ROOT, received)), ack(id, already));
    }
    case 'answer':
      return answer(world, run, act, ack);
    case 'again':
    case 'report':
    case 'results':
      return;
    case 'fork':
      return fork(world, run, act.step);
    case 'rollback':
      return rollBack(world, run, act.share);
    default:
      return unreachable(act);
  }
}

/** One that is being cancelled stands still, too, while it is interrupted. */
function isHalted(run: ReducerRun): boolean {
  const { kind } = run.root();
  return kind.type === 'root' && kind.held !== null;
}

function resume(run: ReducerRun): void {
  run.append(ROOT, { type: 'run.resumed', by: 'sim' });
  run.reconsider();
}

function answer(world: ReducerWorld, run: ReducerRun, act: Extract<Act, { do: 'answer' }>, ack: (id: string | null) => () => void): void {
  // A host may hear of a second answer before it knows that there was a first.
  const isLate = world.roll(3) === 0;
  const open = [...run.actors].flatMap(([actor, { open: items }]) =>
    [...items].flatMap(([item, { steps }]) =>
      [...steps].flatMap(([node, step]) =>
        step.type === 'waiting' && (isLate || step.end === null) && step.ask !== null
          ? [{ actor, item, node, ask: step.ask, iteration: iterationOf(steps, node) ?? '', isFirst: step.end === null }]
          : [],
      ),
    ),
  );
  const question = open[act.pick % open.length];
  if (question === undefined) return world.refused('answer', run.id, 'conflict');
  const { actor, ask, iteration, isFirst, ...at } = question;
  const given = isFirst ? act.answer(ask) : { value: TOO_LATE };
  const of = iteration === '' ? {} : { iteration };
  const known = act.id === null ? {} : { id: act.id };
  world.step(() => run.append(actor, { type: 'wait.answered', ...at, answer: { v: given }, by: 'sim', ...of, ...known }), ack(act.id));
}

/** What ran is lost, and goes on when another host resumes the runs. */
function endInOrder(world: ReducerWorld, how: 'drain' | 'stop'): void {
  const live = [...world.runs.values()].filter((run) => !run.isSettled());
  world.step(() => {
    for (const run of live) run.append(ROOT, { type: 'run.interrupted', reason: how === 'drain' ? 'drained' : 'stopped' });
  });
  world.restart(how, 'stopped');
  for (const { id } of live) {
    world.later(world.roll(1_000), () => {
      const run = world.runs.get(id);
      if (run === undefined || run.isSettled() || !isHalted(run)) return;
      world.step(
        () => resume(run),
        () => world.acked('resume', id),
      );
    });
  }
}

/** Those that count, and where a cut through them may lie: told and teller stand side by side. */
function countingOf(rows: readonly Recorded[]): readonly Recorded[] {
  const { rollbacks } = amendmentsOf(rows);
  return rows.filter(
    (recorded) =>
      recorded.event.type !== 'run.rolled_back' &&
      recorded.event.type !== 'actor.rolled_back' &&
      amend({ rollbacks, migrations: [] }, recorded) !== null,
  );
}

function cutAt(counting: readonly Recorded[], wanted: number): number {
  let cut = Math.max(1, Math.min(wanted, counting.length));
  while (cut < counting.length) {
    const [last, next] = [counting[cut - 1], counting[cut]];
    if (next?.event.from === undefined || next.event.from.actor !== last?.actor || next.event.from.seq !== last.seq) break;
    cut += 1;
  }
  return cut;
}

/** Takes all actors of a run back, and goes on from there. */
function rollBack(world: ReducerWorld, run: ReducerRun, share: number): void {
  const rows = world.rowsOf(run.id);
  const counting = countingOf(rows);
  const cut = cutAt(counting, Math.ceil(share * counting.length));
  const [kept, erased] = [counting.slice(0, cut), counting.slice(cut)];
  if (erased.length === 0) return world.refused('rollback', run.id, 'conflict');
  world.forget(run);
  world.step(
    () => {
      const ends = new Map(kept.map(({ actor, seq }) => [actor, seq]));
      const { name, version, hash } = run.flow;
      const gseq = kept.at(-1)?.gseq ?? 0;
      const back: Event = {
        type: 'run.rolled_back',
        to: ends.get(ROOT) ?? 0,
        gseq,
        flow: { name, version, hash },
        aside: '',
        files: [],
        by: 'sim',
      };
      run.append(ROOT, back);
      for (const actor of new Set(erased.map((recorded) => recorded.actor)))
        if (actor !== ROOT) run.append(actor, { type: 'actor.rolled_back', to: ends.get(actor) ?? 0, files: [] });
      run.restore(world.rowsOf(run.id));
      run.loseRunning('rewound');
      resume(run);
    },
    () => world.acked('rollback', run.id),
  );
}

/** A run beside another, with the same facts up to where a step began, or only its beginning. */
function fork(world: ReducerWorld, run: ReducerRun, step: string | null): void {
  const rows = world.rowsOf(run.id);
  const counting = countingOf(rows);
  const first = step === null ? 1 : counting.findIndex(({ event }) => 'node' in event && event.node === step);
  if (first <= 0) return world.refused('fork', run.id, 'not_found');
  const before = counting[step === null ? 0 : first - 1];
  // What was taken back before is copied, too: the numbers that facts name of each other stay true.
  const kept = rows.slice(0, rows.findIndex(({ gseq }) => gseq === before?.gseq) + 1);
  const isApart = before?.event.from !== undefined || counting[first]?.event.from === undefined;
  if (!isApart) return world.refused('fork', run.id, 'conflict');
  const id = `f${world.runs.size}`;
  world.step(
    () => {
      const beside = world.create(id, run.index, run.flow);
      for (const recorded of kept) beside.copy(recorded);
      beside.restore(world.rowsOf(id));
      const gseq = kept.at(-1)?.gseq ?? 0;
      beside.append(ROOT, { type: 'run.forked', parent: run.id, gseq, step, input: null, outputs: [], handlers: {}, by: 'sim' });
      beside.loseRunning('rewound');
      resume(beside);
    },
    () => world.acked('fork', id),
  );
}

/** All actors of a run go on with another definition at once, if they can. */
function migrate(world: ReducerWorld, run: ReducerRun, newer: Flow): void {
  if (run.flow.name !== newer.name || run.flow.hash === newer.hash) return;
  const live: readonly ActorState[] = [...run.actors.values()].filter(({ status }) => status !== 'settled');
  const plan = planMigration(run.flow, newer, live, () => true);
  if (plan.type !== 'migratable') return world.refused('migrate', run.id, plan.type);
  const { map } = plan;
  const before = run.flow.hash;
  const { name, version, hash } = newer;
  world.forget(run);
  world.step(
    () => {
      for (const { id } of live) {
        const assumed = plan.assumed.get(id) ?? [];
        const flow = { name, version, hash };
        if (id === ROOT) run.append(id, { type: 'run.migrated', before, flow, map, assumed, handlers: {}, modules: [], by: 'sim' });
        else run.append(id, { type: 'actor.migrated', before, hash, map, assumed });
      }
      run.flow = newer;
      run.restore(world.rowsOf(run.id));
      run.loseRunning('rewound');
      resume(run);
    },
    () => world.acked('migrate', run.id),
  );
}
