/** The handlers of `saga.flow.yaml`. They only say what they would do; put calls of the real services in their place. */

import { defineHandler, StepError, type Handler } from '@scriptorium/core';

const text = { type: 'string' };
const price = { type: 'integer', minimum: 0 };

interface Wanted {
  readonly what: string;
  readonly price: number;
  readonly traveller: string;
}

const book: Handler = defineHandler({
  name: 'trip/book',
  version: '1.0.0',
  doc: 'Books something. The same call again gives the same booking.',
  input: { type: 'object', required: ['what', 'price', 'traveller'], properties: { what: text, price, traveller: text } },
  output: { type: 'object', required: ['id', 'price'], properties: { id: text, price } },
  effects: 'write',
  run: ({ what, price, traveller }: Wanted, { log, step }) => {
    // A service that is told this key books once, however often it is asked.
    log('info', `booking a ${what} for ${traveller}`, { idempotencyKey: step.idempotencyKey });
    return { id: `${what}-${traveller.toLowerCase()}`, price };
  },
});

const giveBack: Handler = defineHandler({
  name: 'trip/give-back',
  version: '1.0.0',
  doc: 'Gives a booking back. One that is not there any more is no error.',
  input: { type: 'object', required: ['id'], properties: { id: text } },
  output: { type: 'object', required: ['id'], properties: { id: text } },
  effects: 'write',
  idempotent: true,
  run: ({ id }: { id: string }, { log }) => {
    log('info', `giving back ${id}`);
    return { id };
  },
});

const charge: Handler = defineHandler({
  name: 'trip/charge',
  version: '1.0.0',
  doc: 'Takes the price from what there is.',
  input: { type: 'object', required: ['money', 'price'], properties: { money: price, price } },
  output: { type: 'object', required: ['left'], properties: { left: price } },
  effects: 'write',
  errors: { card_declined: 'There is less money than the price.' },
  run: ({ money, price }: { money: number; price: number }) => {
    if (money < price) throw new StepError('card_declined', `${price} is more than ${money}`, { fix: 'Raise the input `money`.' });
    return { left: money - price };
  },
});

export const handlers: readonly Handler[] = [book, giveBack, charge];
