/** What a child process does: calls that come over its channel, one after the other. It ends when the channel does. */

import type { Answer, Env, FromHandler, Task, ToHandler } from './channel.ts';
import { beginWork } from './work.ts';
import type { Work } from './work.ts';

/** `mark` is a line to print when the call is over: all that the call has printed came before it. */
export type ToChild = TaskForChild | ToHandler;

interface TaskForChild {
  readonly type: 'task';
  readonly task: Task;
  readonly env: Env;
  readonly mark: string;
}

export type FromChild = FromHandler | { readonly type: 'answer'; readonly answer: Answer; readonly rss: number };

/** Handlers may do what they like with the global object. */
const send: ((message: FromChild) => void) | undefined = process.send?.bind(process);

let work: Work | null = null;

process.on('message', (message: ToChild) => {
  if (message.type === 'task') void begin(message);
  else work?.receive(message);
});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

async function begin({ task, env, mark }: TaskForChild): Promise<void> {
  const begun = beginWork(task, env, (message) => send?.(message));
  work = begun;
  const answer = await begun.answer;
  work = null;
  process.stdout.write(`\n${mark}\n`);
  process.stderr.write(`\n${mark}\n`);
  send?.({ type: 'answer', answer, rss: process.memoryUsage.rss() });
}
