import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rehearse } from '@scriptorium/testing';
import { handlers } from './handlers.ts';

const source = new URL('saga.flow.yaml', import.meta.url);

test('given enough money, then everything is booked and nothing given back', async () => {
  await using run = await rehearse(source, { input: { money: 800 }, handlers, unscripted: 'call' });
  assert.deepEqual((await run.outcome()).output, { booked: true, bookings: ['flight-ada', 'hotel-ada'], left: 100 });
  assert.deepEqual(run.calls('trip/give-back'), []);
});

test('given too little, then what was booked is given back, the last booking first', async () => {
  await using run = await rehearse(source, { input: { money: 500 }, handlers, unscripted: 'call' });
  const { status, output } = await run.outcome();
  assert.deepEqual([status, output], ['succeeded', { booked: false, bookings: [], left: 500 }]);
  assert.deepEqual(
    run.calls('trip/give-back').map(({ input }) => (input as { id: string }).id),
    ['hotel-ada', 'flight-ada'],
  );
});
