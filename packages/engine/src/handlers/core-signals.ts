/**
 * `core/emit` and `core/signal`: a step that sends a signal, to its own run or to another one. The signal's id is the
 * step's idempotency key, so that it is received once however often the step is tried.
 */

import { defineHandler, HostError, StepError } from '@scriptorium/core';
import type { Context, Handler, Json, Signalled, SignalRequest } from '@scriptorium/core';

/** Raises {@link HostError} for a signal that the run does not take. */
export type Send = (run: string, request: SignalRequest) => Promise<Signalled>;

export const EMIT = 'core/emit';

interface SignalInput {
  readonly event: string;
  readonly data?: Json;
}

const event: Json = { type: 'string', minLength: 1, description: 'The name of the event.' };
const data: Json = { description: 'What it carries; null unless given.' };
const received: Json = { type: 'boolean', description: 'False where nobody in the run is there to take it.' };
const errors = { 'signal.refused': 'The run is not there, has ended, or takes no such signal.' };

export function createSignalHandlers(send: Send): readonly Handler[] {
  return [
    defineHandler<SignalInput>({
      name: EMIT,
      version: '1.0.0',
      doc: 'An event of the own run: for waits that wait for it, and states that it leads out of.',
      effects: 'write',
      input: { type: 'object', required: ['event'], properties: { event, data }, additionalProperties: false },
      output: { type: 'object', required: ['received'], properties: { received }, additionalProperties: false },
      errors,
      run: async (input, context) => ({ received: await sendOnce(send, context.run.id, input, context) }),
    }),
    defineHandler<SignalInput & { readonly run: string }>({
      name: 'core/signal',
      version: '1.0.0',
      doc: 'Sends a signal to another run.',
      effects: 'write',
      input: {
        type: 'object',
        required: ['run', 'event'],
        properties: {
          run: { type: 'string', pattern: '^\\d{8}-\\d{6}-[0-9a-z]{6}(\\.[0-9a-z]{12})?$', description: 'The whole id of a run.' },
          event,
          data,
        },
        additionalProperties: false,
      },
      output: {
        type: 'object',
        required: ['run', 'received'],
        properties: { run: { type: 'string' }, received },
        additionalProperties: false,
      },
      errors,
      run: async ({ run, ...input }, context) => ({ run, received: await sendOnce(send, run, input, context) }),
    }),
  ];
}

async function sendOnce(
  send: Send,
  run: string,
  { event: name, data: payload = null }: SignalInput,
  { step, log }: Context,
): Promise<boolean> {
  try {
    await send(run, { name, payload, id: step.idempotencyKey, by: `step ${step.path}` });
    return true;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    // The run takes such signals, only not where it is now.
    if (error.code === 'conflict') {
      log('info', `nobody took the event '${name}': ${error.message}`);
      return false;
    }
    throw new StepError('signal.refused', error.message, error.fix === undefined ? {} : { fix: error.fix });
  }
}
