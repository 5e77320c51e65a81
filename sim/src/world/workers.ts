/** Workers that answer as the setting says: in time or late, once or twice, with nothing at all, deaf to being told to end. */

import { StepError } from '@scriptorium/core';
import type { Context, Handler, Json } from '@scriptorium/core';
import type { Clock } from '@scriptorium/engine';
import type { CallResult, CallSite } from '../history.ts';
import type { Reply, Setting } from '../setting.ts';

export interface WorkerPorts {
  readonly setting: Pick<Setting, 'handlers' | 'answer'>;
  readonly epoch: () => number;
  /** Place of a run among those of the setting. */
  readonly indexOf: (run: string) => number | null;
  readonly clock: Clock;
  readonly begun: (site: CallSite, input: Json) => void;
  readonly ended: (site: CallSite, result: CallResult) => void;
}

/** What comes back, if anything does. */
type Result = Exclude<Reply['result'], { readonly never: true }>;

/** The setting's handlers, worked by such workers. */
export function workersOf(ports: WorkerPorts): readonly Handler[] {
  return ports.setting.handlers.map((handler) => ({
    ...handler,
    runs: 'async',
    errors: { ...handler.errors, '*': 'Whatever the setting says.' },
    run: (input: Json, context: Context) => work(ports, handler.name, input, context),
  }));
}

function work(ports: WorkerPorts, uses: string, input: Json, { run, step, signal }: Context): Promise<Json> {
  const { path: node, key = null, attempt, idempotencyKey } = step;
  const site: CallSite = { run: run.id, epoch: ports.epoch(), uses, node, key, attempt, idempotencyKey };
  ports.begun(site, input);
  const { afterMs, result, hears, againMs } = ports.setting.answer({ ...site, index: ports.indexOf(run.id), input, failures: null });
  const answer = Promise.withResolvers<Json>();
  const deliver = (result: Result): void => {
    ports.ended(site, resultOf(result));
    if ('ok' in result) answer.resolve(result.ok);
    else answer.reject(errorOf(result));
  };
  const forget: (() => void)[] = [];
  if (!('never' in result)) {
    forget.push(ports.clock.after(afterMs, () => deliver(result)));
    if (againMs !== null) forget.push(ports.clock.after(afterMs + againMs, () => deliver(result)));
  }
  const onAbort = (): void => {
    if (!hears) return;
    for (const one of forget) one();
    ports.ended(site, { type: 'aborted' });
    answer.reject(new StepError('cancelled', 'the call was ended'));
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return answer.promise.finally(() => signal.removeEventListener('abort', onAbort));
}

function resultOf(result: Result): CallResult {
  if ('ok' in result) return { type: 'ok', output: result.ok };
  return 'fail' in result ? { type: 'failed', error: result.fail } : { type: 'lost' };
}

function errorOf(result: Exclude<Result, { readonly ok: Json }>): StepError {
  if (!('fail' in result)) return new StepError('lost', 'the worker ended');
  const { code, message, ...more } = result.fail;
  return new StepError(code, message, more);
}
