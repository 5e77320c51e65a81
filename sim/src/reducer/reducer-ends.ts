/** What calls come to, as facts, and what waits for an event. */

import { planOf } from '@scriptorium/core';
import type { Event, OpenWait } from '@scriptorium/core';
import type { CallResult } from '../history.ts';
import type { Reply } from '../setting.ts';
import type { Dispatch, ReducerRun } from './reducer-run.ts';

/** What waits for an event. */
export function openWaits(run: ReducerRun): readonly OpenWait[] {
  return [...run.actors].flatMap(([, { open }]) =>
    [...open].flatMap(([item, { steps }]) =>
      [...steps].flatMap(([step, wait]): OpenWait[] => {
        if (wait.type !== 'waiting' || wait.end !== null || wait.due !== null) return [];
        const body = planOf(run.flow).get(step)?.node.do;
        const event = body?.k === 'wait' ? (body.event?.name ?? null) : null;
        return [{ run: run.id, step, item: String(item), event, ask: wait.ask, to: [], answer: true, since: wait.at, due: null }];
      }),
    ),
  );
}

export function keyOf({ item, node, attempt, iteration }: Pick<Dispatch, 'item' | 'node' | 'attempt' | 'iteration'>): string {
  return `${item}:${node}:${attempt}${iteration === '' ? '' : `@${iteration}`}`;
}

export function resultOf({ result }: Reply): CallResult {
  if ('ok' in result) return { type: 'ok', output: result.ok };
  if ('fail' in result) return { type: 'failed', error: result.fail };
  return { type: 'lost' };
}

/** The fact that a result becomes. */
export function endOf(
  at: { readonly item: number; readonly node: string; readonly attempt: number },
  result: CallResult,
  cancelled: boolean,
): Event {
  switch (result.type) {
    case 'ok':
      return { ...at, type: 'attempt.succeeded', output: { v: result.output }, artifacts: [], ms: 1 };
    case 'failed':
      return { ...at, type: 'attempt.failed', error: result.error, ms: 1 };
    case 'aborted':
      return { ...at, type: 'attempt.lost', reason: 'cancelled', among: 1 };
    case 'lost':
      return { ...at, type: 'attempt.lost', reason: cancelled ? 'cancelled' : 'worker', among: 1 };
  }
}
