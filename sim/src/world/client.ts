/** What somebody outside asks of an engine, and what they are told. */

import { NORMAL_MESSAGE_PRIORITY, unreachable } from '@scriptorium/core';
import type { Host, OpenWait, PoolStatus, StartRequest } from '@scriptorium/core';
import type { ClientObservation } from '../history.ts';
import type { Act, PlannedRun } from '../setting.ts';

export interface ClientPorts {
  readonly host: Host;
  /** Id of a run of the setting; null while nobody knows it. */
  readonly runAt: (index: number) => string | null;
  /** Null for a run that was not planned. */
  readonly plannedAt: (index: number) => PlannedRun | null;
}

/** What an act came to; `pool` as in the observation. */
export type Told = Pick<Extract<ClientObservation, { type: 'client.acked' }>, 'run' | 'id' | 'already' | 'pool' | 'mailboxes' | 'effects'>;

/** Steers what it is told to by the name `world`. */
const BY = 'world';

export function startedBy(index: number): string {
  return `client ${index}`;
}

export async function startRun(host: Host, planned: PlannedRun, index: number): Promise<Told> {
  return told(await host.start({ ...requestOf(planned), by: startedBy(index) }));
}

function requestOf({ flow, called, input, options }: PlannedRun): Omit<StartRequest, 'by'> {
  return { flow, called, input, options };
}

/** Null for what cannot be asked: the run is not known yet, or nothing waits. */
export async function perform({ host, runAt, plannedAt }: ClientPorts, act: Act): Promise<Told | null> {
  if (act.do === 'limit') return changeLimit(host, act);
  if (act.do === 'close_breaker') return told('', { pool: await poolOf(host, (await host.closeBreaker(act.pool, BY)).pool) });
  if (act.do === 'send') {
    const { to, topic, n, key, id } = act;
    const { status, mailboxes } = await host.send({ to, topic, payload: { n }, key, priority: NORMAL_MESSAGE_PRIORITY, id, by: BY });
    return told('', { id, already: status === 'already', mailboxes });
  }
  if (act.do === 'redeliver') {
    await host.redeliver({ mailbox: act.box, ids: null, by: BY });
    return told('');
  }
  if (act.do === 'migrate') {
    await host.migrate({ flow: act.flow, modules: [], dryRun: false, by: BY });
    return told('');
  }
  if (act.do === 'read') return null;
  if (!('run' in act)) {
    await host[act.do]();
    return told('');
  }
  if (act.do === 'again') {
    const planned = plannedAt(act.run);
    return planned === null ? null : told(await host.start({ ...requestOf(planned), by: BY }));
  }
  const run = runAt(act.run);
  if (run === null) return null;
  switch (act.do) {
    case 'pause':
    case 'resume':
      await host[act.do](run, BY);
      return told(run);
    case 'cancel':
      await host.cancel(run, BY, 'the setting says so');
      return told(run);
    case 'signal': {
      const { id, status } = await host.signal(run, { name: act.name, payload: act.payload, id: act.id, by: BY });
      return told(run, { id, already: status === 'already' });
    }
    case 'answer':
      return answer(host, run, act);
    case 'report':
      await host.report(run);
      return told(run);
    case 'results':
      for await (const _ of host.results(run, 'all'));
      return told(run);
    case 'fork':
      return told(await host.fork({ run, step: act.step, input: null, outputs: {}, by: BY }));
    case 'rollback': {
      const events = await host.events(run);
      const kept = events[Math.min(events.length - 1, Math.floor(act.share * events.length))];
      if (kept === undefined) return null;
      const { effects } = await host.rollback({ run, to: kept.gseq, by: BY });
      return told(run, { effects: effects.map(({ step, attempt }) => `${step} ${attempt}`) });
    }
    default:
      return unreachable(act);
  }
}

async function answer(host: Host, run: string, { pick, answer: answerTo, id }: Extract<Act, { do: 'answer' }>): Promise<Told | null> {
  const open = (await host.waits(run)).filter(isQuestion);
  const wait = open[pick % Math.max(1, open.length)];
  if (wait === undefined) return null;
  const { step, item, ask, to } = wait;
  const given = { step, item, answer: answerTo(ask ?? ''), as: to[0] ?? null, id, by: BY };
  const { status } = await host.answer(wait.run, given);
  return told(wait.run, { id, already: status === 'already' });
}

function isQuestion({ event, ask, to }: OpenWait): boolean {
  return event !== null && (ask !== null || to.length > 0);
}

async function changeLimit(host: Host, { pool, change }: Extract<Act, { do: 'limit' }>): Promise<Told> {
  const changed = await host.setLimit(pool, change, BY);
  return told('', { pool: await poolOf(host, changed.pool) });
}

async function poolOf(host: Host, name: string): Promise<PoolStatus | null> {
  return (await host.limits()).find(({ pool }) => pool === name) ?? null;
}

function told(run: string, more: Partial<Told> = {}): Told {
  return { run, id: null, already: false, pool: null, ...more };
}
