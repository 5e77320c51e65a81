/** An engine's process whose one handler computes until there is a file, while another one waits. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { watchLoop } from './loop-watch.ts';

const [, , home = ''] = process.argv;
const watch = watchLoop(home, 400);
const { promise: enough, resolve } = Promise.withResolvers<void>();
// Listening for longer than for one message keeps the process until it is let go.
process.on('message', () => resolve());

const waiting = watch.during({ run: 'run', step: 'waiting', handler: 'fixture/wait' }, () => enough);
await watch.during({ run: 'run', step: 'blocking', handler: 'fixture/block' }, async () => {
  while (!existsSync(join(home, 'seen'))) performance.now();
});
await waiting;
process.send?.('turned');
