/** A stop that is asked when the signal says so. */

import { Stop } from '../src/calls/stop.ts';

export function stopAt(signal: AbortSignal): Stop {
  const stop = new Stop();
  const ask = (): void => stop.ask(signal.reason);
  if (signal.aborted) ask();
  else signal.addEventListener('abort', ask, { once: true });
  return stop;
}
