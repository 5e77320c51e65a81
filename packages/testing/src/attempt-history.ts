/** The attempts of a step, as its run's events tell of them. */

import type { Instant, Recorded, StartReason } from '@scriptorium/core';

export interface AttemptRecord {
  readonly step: string;
  /** The innermost item's key; null outside an `each`. */
  readonly key: string | null;
  /** From 1; attempts are counted anew in every visit of a state. */
  readonly attempt: number;
  /** Why it was started; null where it was refused without a start. */
  readonly reason: StartReason | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  /** `running`, `succeeded`, `lost`, or the code of its failure. */
  readonly result: string;
}

export function attemptHistory(events: readonly Recorded[], step: string): readonly AttemptRecord[] {
  const records: AttemptRecord[] = [];
  const open = new Map<string, number>();
  for (const { actor, at, event } of events) {
    if (!('node' in event) || !('item' in event) || event.node !== step) continue;
    const spot = `${actor}/${event.item}`;
    switch (event.type) {
      case 'attempt.started':
        open.set(spot, records.length);
        records.push({
          step,
          key: event.key,
          attempt: event.attempt,
          reason: event.reason,
          startedAt: at,
          endedAt: null,
          result: 'running',
        });
        break;
      case 'attempt.succeeded':
        end(records, open, spot, at, 'succeeded');
        break;
      case 'attempt.continued':
        end(records, open, spot, at, 'continued');
        break;
      case 'attempt.lost':
        end(records, open, spot, at, 'lost');
        break;
      case 'attempt.failed':
        if (open.has(spot)) end(records, open, spot, at, event.error.code);
        else records.push({ step, key: null, attempt: event.attempt, reason: null, startedAt: at, endedAt: at, result: event.error.code });
        break;
      default:
        break;
    }
  }
  return records;
}

function end(records: AttemptRecord[], open: Map<string, number>, spot: string, at: Instant, result: string): void {
  const index = open.get(spot);
  const record = index === undefined ? undefined : records[index];
  if (index === undefined || record === undefined) return;
  records[index] = { ...record, endedAt: at, result };
  open.delete(spot);
}
