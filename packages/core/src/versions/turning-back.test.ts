import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { $, each, event, flow, lit, scope, states, to, value, wait } from '../../test/ir.ts';
import { assertUndone, playSaga, saga } from '../../test/sagas.ts';
import { countingOf, forkHere, turnBack } from '../../test/turning-back.ts';
import { ModelHost } from '../../test/model-host.ts';

const shares = fc.double({ min: 0, max: 1, noNaN: true });

/** To its end; a run that was cancelled before the cut is so still. */
function end(host: ModelHost): ModelHost {
  host.finish(20_000);
  assert.notEqual(host.outcome(), null);
  return host;
}

describe('a run that undoes what it did', () => {
  it('and is taken back to any point, also of the undoing, undoes in the end exactly what counts and is not wanted', () => {
    fc.assert(
      fc.property(saga, fc.array(shares, { minLength: 1, maxLength: 3 }), (one, back) => {
        const host = playSaga(one, 0);
        for (const share of back) {
          turnBack(host, share);
          end(host);
        }
        assertUndone(host, countingOf(host));
      }),
      { numRuns: 200 },
    );
  });

  it('and is forked at any point does so too', () => {
    fc.assert(
      fc.property(saga, shares, (one, share) => {
        const host = playSaga(one, 0);
        forkHere(host, share);
        assertUndone(end(host));
      }),
      { numRuns: 200 },
    );
  });
});

const waits = flow(
  [
    wait('x', event('a')),
    scope(
      's',
      [
        wait('s/w', event('b', { match: 'event.about == item', reads: ['item'] })),
        states('s/m', [
          wait('s/m/one', event('a'), { max: 2, events: { go: 'two' }, next: [to('two')] }),
          value('s/m/two', $('visits'), { next: [to('one', 'visits < 2'), to('end')] }),
          value('s/m/end', lit(null)),
        ]),
      ],
      lit(null),
      { each: each('[0, 1, 2]', { workers: 2 }) },
    ),
  ],
  lit('done'),
);

const signal = fc.record({ name: fc.constantFrom('a', 'b', 'go'), about: fc.nat(2) });
const story = fc.record({ before: fc.array(signal, { maxLength: 12 }), after: fc.array(signal, { maxLength: 12 }), share: shares });

/** Of those that count, each was taken once at most, and is in the mail until then. */
function assertMail(host: ModelHost): void {
  const events = countingOf(host).map((recorded) => recorded.event);
  const received = events.flatMap((one) => (one.type === 'signal.received' ? [one.id] : []));
  const matched = events.flatMap((one) => (one.type === 'signal.matched' ? [one.id] : []));
  const { kind } = host.root();
  const kept = kind.type === 'root' ? kind.mail.signals.map(({ id }) => id) : [];
  assert.equal(new Set(matched).size, matched.length, 'taken twice');
  assert.deepEqual(kept.toSorted(), received.filter((id) => !matched.includes(id)).toSorted());
}

function send(host: ModelHost, id: string, { name, about }: { readonly name: string; readonly about: number }): void {
  if (host.root().status !== 'settled') host.signal(id, name, { about });
}

describe('a run that waits for signals', () => {
  for (const [what, back] of [
    ['is taken back to any point', turnBack],
    ['is forked at any point', forkHere],
  ] as const)
    it(`and ${what} has the signals from before, waits again for those from later, and comes to its end`, () => {
      fc.assert(
        fc.property(story, ({ before, after, share }) => {
          const host = new ModelHost(waits);
          for (const [index, one] of before.entries()) send(host, `b${index}`, one);
          back(host, share);
          assertMail(host);
          for (const [index, one] of after.entries()) send(host, `a${index}`, one);
          assertMail(host);
          for (let round = 0; round < 20; round += 1)
            for (const about of [0, 1, 2]) for (const name of ['a', 'b']) send(host, `${round} ${name} ${about}`, { name, about });
          assert.equal(host.outcome()?.status, 'succeeded');
        }),
        { numRuns: 150 },
      );
    });
});
