/** What a worker thread does: calls that come over its port, one after the other. */

import { workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { Answer, Env, FromHandler, Task, ToHandler } from './channel.ts';
import { beginWork } from './work.ts';
import type { Work } from './work.ts';

export interface ThreadData {
  readonly port: MessagePort;
  readonly env: Env;
  /** Numbers of calls that may be taken, in shared memory: who puts 0 in the place of one has it. */
  readonly open: Int32Array;
}

/** `number` is that of the call. */
export type ToThread =
  | { readonly type: 'task'; readonly number: number; readonly place: number; readonly task: Task }
  | { readonly type: 'tell'; readonly number: number; readonly message: ToHandler };

export interface FromThread {
  readonly number: number;
  readonly message: FromHandler | { readonly type: 'answer'; readonly answer: Answer };
}

const { port, env, open } = workerData as ThreadData;

/** Of calls that have not begun; one that was taken back stays until its turn comes. */
const waiting: Extract<ToThread, { type: 'task' }>[] = [];
let current: { readonly number: number; readonly work: Work } | null = null;

port.on('message', (message: ToThread) => {
  if (message.type === 'task') waiting.push(message);
  else if (message.number === current?.number) current.work.receive(message.message);
  if (current === null) begin();
});

function begin(): void {
  for (let given = waiting.shift(); given !== undefined; given = waiting.shift()) {
    const { number, place, task } = given;
    if (Atomics.compareExchange(open, place, number, 0) !== number) continue;
    const send = (message: FromThread['message']): void => port.postMessage({ number, message } satisfies FromThread);
    const work = beginWork(task, env, send);
    current = { number, work };
    void work.answer.then((answer) => {
      send({ type: 'answer', answer });
      current = null;
      begin();
    });
    return;
  }
}
