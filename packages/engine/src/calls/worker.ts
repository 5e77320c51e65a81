/** What a worker thread does: calls that come over its port, one after the other. */

import { workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { Answer, Env, FromHandler, Task, ToHandler } from './channel.ts';
import { beginWork } from './work.ts';
import type { Work } from './work.ts';

export interface ThreadData {
  readonly port: MessagePort;
  readonly env: Env;
}

export type ToThread = { readonly type: 'task'; readonly task: Task } | ToHandler;

export type FromThread = FromHandler | { readonly type: 'answer'; readonly answer: Answer };

const { port, env } = workerData as ThreadData;
const send = (message: FromThread): void => port.postMessage(message);

let work: Work | null = null;

port.on('message', (message: ToThread) => {
  if (message.type === 'task') void begin(message.task);
  else work?.receive(message);
});

async function begin(task: Task): Promise<void> {
  const begun = beginWork(task, env, send);
  work = begun;
  const answer = await begun.answer;
  work = null;
  send({ type: 'answer', answer });
}
