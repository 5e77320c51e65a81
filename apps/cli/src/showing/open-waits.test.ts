import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Host, OpenWait, RunSummary } from '@scriptorium/core';
import { answerCommand, createWaitNotes, waitText } from './open-waits.ts';
import { formatTime } from './quantity.ts';

const minute = 60_000;
const context = { command: 'scriptorium', now: () => 2 * minute };

function asking(step: string, since: number): OpenWait {
  return { run: 'r', step, item: null, event: step, ask: 'Good?', to: [], answer: { type: 'boolean' }, since, due: null };
}

/** A run that waits for what `open` says; seconds pass when the test says so. */
function followed(t: TestContext, waiting?: (lines: readonly string[]) => void) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const told: string[] = [];
  let open: readonly OpenWait[] = [];
  const host = { waits: async () => open, list: async () => [] } as unknown as Host;
  const notes = createWaitNotes(host, context, { note: (line) => void told.push(line), ...(waiting === undefined ? {} : { waiting }) });
  t.after(notes.stop);
  return {
    told,
    waitFor: async (...waits: readonly OpenWait[]): Promise<void> => {
      open = waits;
      notes.update({ run: 'r', status: 'running', progress: { awaiting: waits.length } } as unknown as RunSummary);
      t.mock.timers.tick(1_000);
      await setImmediate();
    },
  };
}

const first = [`one asks "Good?", since ${formatTime(0)}`, '  answer it with `scriptorium answer r one true|false`'];
const second = [`two asks "Good?", since ${formatTime(minute)}`, '  answer it with `scriptorium answer r two true|false`'];

test('given one question after another, then each is told once, with since when and the command that answers it', async (t) => {
  const { told, waitFor } = followed(t);
  await waitFor(asking('one', 0));
  await waitFor(asking('one', 0));
  assert.deepEqual(told, first);
  await waitFor(asking('two', minute));
  await waitFor();
  assert.deepEqual(told, [...first, ...second]);
});

test('given a screen that is redrawn, then it has what is waited for now', async (t) => {
  const shown: (readonly string[])[] = [];
  const { told, waitFor } = followed(t, (lines) => void shown.push(lines));
  await waitFor(asking('one', 0));
  await waitFor(asking('two', minute));
  await waitFor();
  assert.deepEqual([shown, told], [[first, second, []], []]);
});

test('given a step that waits for the post, then what for, and the command by which a message comes', () => {
  const wait = { ...asking('mail/post', 0), ask: null };
  const message = { ...wait, post: { step: 'next', mailbox: 'desk', id: null } };
  const fate = { ...wait, post: { step: 'ask', mailbox: 'desk', id: 'm1' } };
  assert.deepEqual(
    [message, fate].map((one) => [waitText(one, 0), answerCommand(one)]),
    [
      [`next waits for a message in desk, since ${formatTime(0)}`, 'send desk <payload>'],
      [`ask waits for what becomes of m1 in desk, since ${formatTime(0)}`, null],
    ],
  );
});
