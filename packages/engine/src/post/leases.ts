/**
 * Who has which message. The lease of a message is the life of the run that took it: a run that is interrupted keeps it,
 * because it goes on where it was.
 */

import { afterLoss, nextMessage, takenBy } from '@scriptorium/core';
import type { HeldMessage, Json, MailboxState, RunStatus, Taker } from '@scriptorium/core';
import type { Boxes } from './boxes.ts';
import { misfitText } from '../calls/contracts.ts';
import type { Contracts } from '../calls/contracts.ts';

export interface Leases {
  /** What the taker has, or has now; null where there is nothing for it. What the mailbox does not accept is refused. */
  readonly give: (name: string, taker: Taker) => HeldMessage | null;
  /** Takes back what takers had that are gone. */
  readonly lose: (name: string, isGone: (taker: Taker) => boolean, reason: string) => void;
  /** What these takers had is done, where nobody has said anything else about it. */
  readonly finish: (name: string, isOf: (taker: Taker) => boolean) => void;
  /** The run has ended. */
  readonly conclude: (run: string, status: RunStatus) => void;
  /** Takes up what an engine before has left; `endOf` says how a run ended, if it has. */
  readonly restore: (endOf: (run: string) => RunStatus | null) => void;
}

export function createLeases(boxes: Boxes, contracts: Contracts): Leases {
  /** Mailboxes from which a run has, or has had, messages. */
  const touched = new Map<string, Set<string>>();
  const touch = (run: string, name: string): void => void touched.set(run, (touched.get(run) ?? new Set()).add(name));

  function give(name: string, taker: Taker): HeldMessage | null {
    for (;;) {
      const box = boxes.get(name);
      const message = takenBy(box, taker.key) ?? nextMessage(box);
      if (message === null || message.at.type === 'taken') return message;
      const about = { mailbox: name, id: message.header.id } as const;
      const reason = misfitOf(contracts, box, boxes.bodyOf(message.body).payload);
      if (reason === null) {
        touch(taker.run, name);
        boxes.commit([{ type: 'message.taken', ...about, taker }]);
        return takenBy(boxes.get(name), taker.key) ?? null;
      }
      boxes.commit([{ type: 'message.settled', ...about, outcome: 'refused', reason, reply: null, by: `mailbox ${name}` }]);
    }
  }

  function lose(name: string, isGone: (taker: Taker) => boolean, reason: string): void {
    const box = boxes.get(name);
    boxes.commit(takenIn(box, isGone).map(({ message }) => afterLoss(box, message, reason)));
  }

  function finish(name: string, isOf: (taker: Taker) => boolean): void {
    boxes.commit(
      takenIn(boxes.get(name), isOf).map(({ message, taker }) => {
        const { id, type } = message.header;
        const about = { type: 'message.settled', mailbox: name, id, reply: null, by: taker.step } as const;
        if (type !== 'request') return { ...about, outcome: 'answered', reason: null };
        return { ...about, outcome: 'returned', reason: 'whoever had it came to an end without an answer' };
      }),
    );
  }

  function conclude(run: string, status: RunStatus): void {
    const isOf = (taker: Taker): boolean => taker.run === run;
    for (const name of touched.get(run) ?? []) {
      if (status === 'succeeded') finish(name, isOf);
      else lose(name, isOf, `run ${run} has ended: ${status}`);
    }
    touched.delete(run);
  }

  return {
    give,
    lose,
    finish,
    conclude,
    restore: (endOf) => {
      for (const box of boxes.all()) for (const { taker } of takenIn(box, () => true)) touch(taker.run, box.name);
      for (const run of [...touched.keys()]) {
        const status = endOf(run);
        if (status !== null) conclude(run, status);
      }
    },
  };
}

function takenIn(
  { held }: MailboxState,
  isOf: (taker: Taker) => boolean,
): readonly { readonly message: HeldMessage; readonly taker: Taker }[] {
  return [...held.values()].flatMap((message) =>
    message.at.type === 'taken' && isOf(message.at.taker) ? [{ message, taker: message.at.taker }] : [],
  );
}

/** Why the mailbox does not accept it, if so. */
export function misfitOf(contracts: Contracts, { name, settings }: MailboxState, payload: Json): string | null {
  if (settings.accepts === true) return null;
  const issues = contracts.compile(settings.accepts)(payload);
  if (issues.length === 0) return null;
  return `it is not what ${name} accepts: ${misfitText(issues)}`;
}
