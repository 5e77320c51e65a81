/** What TypeScript refuses in states, waits, policies and calls of flows, as in `builder.types.test.ts`. */

import { test } from 'node:test';
import type { TypedHandler } from '@scriptorium/core';
import { z } from 'zod';
import { $, flow } from '../index.ts';
import type { MaybeRef, Ref, RefOf } from '../index.ts';

declare const scan: TypedHandler<{ folder: string }, { books: readonly string[] }>;
declare const clean: TypedHandler<{ path: string; kind: 'prose' | 'verse' }, { path: string; tags: { [name: string]: string } }>;
declare const review: TypedHandler<{ path: string }, { score: number; notes: readonly string[] }>;
declare const judge: TypedHandler<{ text: string }, { score: number; hint: string; next: 'write' | 'done' }>;

const version = '1.0.0';
const Input = z.object({ folder: z.string(), workers: z.int().default(4) });
const Findings = z.object({ issues: z.array(z.object({ text: z.string() })) });

/** Compiles only where both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(proof: Same<A, B>): void;
declare function valueOf<T>(ref: RefOf<T>): T;

test('lines that must not compile do not', () => {
  void [states, waits, policies, children];
});

function states(): void {
  flow('a/b', { version, input: Input, limits: { llm: { concurrent: 2 } } }, (s, input) =>
    s.states(['write', 'judge', 'done'], (s) => {
      const latest = s.latest('judge', judge);
      same<typeof latest.hint, MaybeRef<string>>(true);
      const write = s.step('write', scan, { with: { folder: $.or(latest.hint, input.folder) }, limit: 'llm', next: 'judge' });
      s.step('judge', judge, {
        with: { text: $`${write.books}.size()` },
        max: 4,
        next: (own) => [{ if: $`${own.score} > 8`, to: 'done' }, { to: own.next }],
        catch: (caught, error) => [caught.to('done', { errors: 'loop.exceeded' }), caught.value({ because: error.message })],
      });
      // @ts-expect-error 'review' was not named
      s.step('review', judge, { with: { text: 'a' } });
      // @ts-expect-error nothing is known of 'review'
      s.latest('review', judge);
      // @ts-expect-error there is no field 'hints'
      s.value('done', latest.hints);
      // @ts-expect-error nor before it has run a hint that is sure
      s.step('done', judge, { with: { text: latest.hint } });
      // @ts-expect-error there is no state 'jugde'
      s.step('write', scan, { with: { folder: 'a' }, next: 'jugde' });
      // @ts-expect-error nor in a list
      s.step('write', scan, { with: { folder: 'a' }, next: [{ if: $`true`, to: 'jugde' }, { to: 'done' }] });
      // @ts-expect-error the last transition has no condition
      s.step('write', scan, { with: { folder: 'a' }, next: [{ if: $`true`, to: 'judge' }] });
      // @ts-expect-error nor do others come after one without
      s.step('write', scan, { with: { folder: 'a' }, next: [{ to: 'judge' }, { to: 'done' }] });
      // @ts-expect-error any text may be no state
      s.step('write', scan, { with: { folder: 'a' }, next: input.folder });
      // @ts-expect-error a kind of book is no state
      s.step('write', clean, { with: { path: 'a', kind: 'prose' }, next: (own) => own.tags });
      // @ts-expect-error a score is no state
      s.step('judge', judge, { with: { text: 'a' }, next: (own) => own.score });
      // @ts-expect-error what judges has no field 'nxt'
      s.step('judge', judge, { with: { text: 'a' }, next: (own) => own.nxt });
      // @ts-expect-error a state with \`if\` may do nothing and choose nothing
      s.step('judge', judge, { with: { text: 'a' }, if: $`true`, next: (own) => own.next });
      // @ts-expect-error there is no state 'end' to go on with
      s.step('judge', judge, { with: { text: 'a' }, catch: (caught) => [caught.to('end')] });
      // @ts-expect-error states run one at a time and need nothing
      s.value('done', 1, { needs: [write] });
      // @ts-expect-error visits are counted
      s.value('done', 1, { max: '4' });
      // @ts-expect-error there is no limit 'lm'
      s.value('done', 1, { limit: 'lm' });
      // @ts-expect-error the handler needs a text
      s.step('judge', judge, { with: { txt: 'a' }, next: 'done' });
    }),
  );
  flow('a/b', { version }, (s) => {
    // @ts-expect-error a step goes on with nothing
    s.value('a', 1, { next: 'b' });
    // @ts-expect-error a step is not entered again
    s.value('b', 1, { max: 4 });
    // @ts-expect-error nor does its catch go on with a state
    s.value('c', 1, { catch: (caught) => [caught.to('a')] });
    const inner = s.scope('inner', (s) =>
      s.states(['one', 'two'], (s) => {
        const two = s.step('two', judge, { with: { text: 'a' } });
        s.value('one', 1, { next: 'two' });
        return { score: two.score };
      }),
    );
    same<typeof inner.score, Ref<number>>(true);
    // @ts-expect-error a scope of states gives what its body says
    s.value('d', inner.hint);
    const many = s.each('many', { in: [1, 2] }, (item, s) => s.states(['one'], (s) => s.value('one', { item })));
    s.each('after', { in: many.ok }, (each) => each.item);
    // @ts-expect-error its items too
    s.each('wrong', { in: many.ok }, (each) => each.items);
  });
}

function waits(): void {
  const Decision = { type: 'object', required: ['go'], properties: { go: { enum: ['ask', 'done'] }, note: { type: 'string' } } } as const;
  flow('a/b', { version, input: Input }, (s, input) => {
    same<ReturnType<typeof valueOf<null>>, null>(true);
    const rest = s.wait('rest', '5m');
    // @ts-expect-error a time that is over has no fields
    s.value('rested', rest.at);
    s.wait('until', { until: input.folder }, { timeout: '1h' });
    // @ts-expect-error a number is no duration
    s.wait('number', { for: input.workers });
    // @ts-expect-error it waits for one thing
    s.wait('both', { for: '5m', event: 'paid' });
    // @ts-expect-error a wait is tried once
    s.wait('retry', '5m', { retry: { max: 2 } });
    const paid = s.wait(
      'paid',
      { event: 'paid', match: (event) => $`${event.go} == ${input.folder}`, answer: Decision },
      { timeout: '2d' },
    );
    same<typeof paid.go, Ref<'ask' | 'done'>>(true);
    // @ts-expect-error the answer has no field 'went'
    s.value('went', paid.went);
    // @ts-expect-error nor has the event
    s.wait('match', { event: 'paid', match: (event) => $`${event.went.at} == 1`, answer: Decision });
    // @ts-expect-error a note may be left out
    s.step('note', review, { with: { path: paid.note } });
    const asked = s.wait('asked', { event: 'ask', ask: `Go on with ${input.folder}?`, to: ['editor'], answer: Findings });
    same<typeof asked.issues, Ref<{ text: string }[]>>(true);
  });
  flow('a/b', { version }, (s) =>
    s.states(['ask', 'done'], (s) => {
      s.wait('ask', { event: 'approval', answer: Decision }, { max: 3, next: (answer) => answer.go, events: { cancel: 'done' } });
      s.wait('done', '5m');
      // @ts-expect-error a note is no state
      s.wait('ask', { event: 'approval', answer: Decision }, { next: (answer) => answer.note });
      // @ts-expect-error there is no state 'end' for the event
      s.wait('ask', '5m', { events: { cancel: 'end' } });
    }),
  );
}

function policies(): void {
  flow('a/b', { version, budget: { usd: 3 }, limits: { disk: { concurrent: 1 } } }, (s) => {
    const done = s.step('done', review, {
      with: { path: 'a' },
      cache: true,
      budget: { calls: 3 },
      compensate: (undo, own) => undo(review, { with: { path: `${own.score}` }, limit: 'disk' }),
    });
    s.step('key', review, { with: { path: 'a' }, cache: $`${done.score} > 1` });
    // @ts-expect-error a budget counts usd, tokens and calls
    s.step('budget', review, { with: { path: 'a' }, budget: { eur: 3 } });
    // @ts-expect-error a list is no key
    s.step('cache', review, { with: { path: 'a' }, cache: done.notes });
    // @ts-expect-error data is no call, and has nothing to undo
    s.value('value', 1, { compensate: (undo) => undo(review, { with: { path: 'a' } }) });
    // @ts-expect-error nor has it a result worth keeping
    s.value('kept', 1, { cache: true });
    // @ts-expect-error what undoes it needs a path
    s.step('undo', review, { with: { path: 'a' }, compensate: (undo) => undo(review, { with: {} }) });
    // @ts-expect-error what was done has no field 'scores'
    s.step('own', review, { with: { path: 'a' }, compensate: (undo, own) => undo(review, { with: { path: own.scores } }) });
    // @ts-expect-error a compensation is a call
    s.step('data', review, { with: { path: 'a' }, compensate: () => ({ value: 1 }) });
    s.each('some', { in: [1, 2], until: ({ ok }) => $`${ok}.size() > 1` }, (n) => n);
    // @ts-expect-error there is nothing 'done' so far
    s.each('none', { in: [1, 2], until: ({ done }) => $`${done}.size() > 1` }, (n) => n);
    // @ts-expect-error a scope ends by a condition
    s.until(done.score);
  });
  // @ts-expect-error a flow's budget too
  flow('a/b', { version, budget: { money: 3 } }, () => 1);
  // @ts-expect-error a migration says from where
  flow('a/b', { version, migrate: [{ map: { a: 'b' } }] }, () => 1);
}

function children(): void {
  const child = flow('c/d', { version, input: { path: { type: 'string' }, depth: { type: 'integer', default: 1 } } }, (s, input) => {
    const read = s.step('read', review, { with: { path: input.path } });
    return { score: read.score };
  });
  const library = flow('c/e', { version, input: Input }, (s, input) => s.value('a', input.workers));
  flow('a/b', { version }, (s) => {
    const called = s.step('called', child, { with: { path: 'a' } });
    same<typeof called.score, Ref<number>>(true);
    s.each('many', { in: ['a'], as: 'path' }, child, (path) => ({ path, depth: 2 }));
    s.step('library', library, { with: { folder: 'a' } });
    // @ts-expect-error the flow needs a path
    s.step('less', child, { with: { depth: 3 } });
    // @ts-expect-error a folder is no number
    s.step('wrong', library, { with: { folder: 3 } });
    // @ts-expect-error it has no input 'deep'
    s.step('more', child, { with: { path: 'a', deep: 3 } });
    // @ts-expect-error its output has no notes
    s.value('notes', called.notes);
    const started = s.start('started', child, { with: { path: 'a' } });
    same<typeof started.run, Ref<string>>(true);
    // @ts-expect-error of a flow that was only started there is no score
    s.value('score', started.score);
    // @ts-expect-error a handler cannot be started
    s.start('handler', review, { with: { path: 'a' } });
  });
}
