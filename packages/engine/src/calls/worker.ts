/** What a worker thread does. */

import type { MessagePort } from 'node:worker_threads';
import type { Answer, Task, ToHandler } from './channel.ts';
import { beginWork } from './work.ts';

export interface ThreadTask extends Task {
  readonly port: MessagePort;
}

export async function runTask({ port, ...task }: ThreadTask): Promise<Answer> {
  const { receive, answer } = beginWork(task, (message) => port.postMessage(message));
  port.on('message', (message: ToHandler) => receive(message));
  try {
    return await answer;
  } finally {
    port.close();
  }
}
