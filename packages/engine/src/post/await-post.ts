/** The flow by which a step waits for the post: while it does, nothing of the step is in memory. */

import type { Flow, Taker } from '@scriptorium/core';

export const AWAIT_POST = 'core/await-post';

/** The signal that it waits for. */
export const POST_EVENT = 'post';

/** What it is given: what it waits for is a message, or what became of the one with this id. */
export interface Awaited {
  readonly mailbox: string;
  /** Empty for a message. */
  readonly id: string;
  readonly taker: Taker;
  /** Until when, as ISO 8601; empty for as long as it takes. */
  readonly until: string;
}

const text = { type: 'string' } as const;

/** As the compiler made it of `await-post.flow.yaml`: an engine has no compiler. A test compares the two. */
export const awaitPost: Flow = {
  ir: 1,
  expr: 1,
  name: AWAIT_POST,
  version: '1.0.0',
  doc: 'Waits for the post: for a message, or for what became of one.',
  input: {
    type: 'object',
    properties: {
      mailbox: text,
      id: text,
      taker: {
        type: 'object',
        required: ['run', 'step', 'key'],
        properties: { run: text, step: text, key: text },
        additionalProperties: false,
      },
      until: text,
    },
    required: ['id', 'mailbox', 'taker', 'until'],
    additionalProperties: false,
  },
  output: { type: 'boolean' },
  limits: {},
  root: {
    id: '',
    needs: [],
    do: {
      k: 'and',
      steps: [
        {
          id: 'mail',
          needs: [],
          do: {
            k: 'and',
            steps: [
              {
                id: 'mail/post',
                needs: [],
                do: { k: 'wait', event: { name: POST_EVENT, to: [], answer: true } },
                retry: [],
                catch: [],
                returns: true,
              },
              {
                id: 'mail/late',
                needs: [],
                if: { $: "input.until != ''", reads: ['input'] },
                do: {
                  k: 'and',
                  steps: [
                    {
                      id: 'mail/late/time',
                      needs: [],
                      do: { k: 'wait', until: { expr: { $: 'input.until', reads: ['input'] } } },
                      retry: [],
                      catch: [],
                      returns: true,
                    },
                    {
                      id: 'mail/late/up',
                      needs: ['time'],
                      do: { k: 'value', value: { lit: true } },
                      retry: [],
                      catch: [],
                      returns: true,
                    },
                  ],
                  output: { expr: { $: 'up', reads: ['up'] } },
                },
                retry: [],
                catch: [],
                returns: true,
              },
            ],
            until: { $: 'post != null || late != null', reads: ['late', 'post'] },
            output: { expr: { $: 'post', reads: ['post'] } },
          },
          retry: [],
          catch: [],
          returns: true,
        },
      ],
      output: { expr: { $: 'mail != null', reads: ['mail'] } },
    },
    retry: [],
    catch: [],
    returns: true,
  },
  migrate: [],
  hash: 'sha256:65e79dfb617218ab36aa7b844477363740b16f6afb26bbc3b549e67ade806782',
};
