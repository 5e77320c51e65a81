import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Stop } from './stop.ts';

test('given listeners of both kinds, when it is asked twice, then each hears the first reason once', () => {
  const stop = new Stop();
  const heard: unknown[] = [];
  stop.hear(() => heard.push(['listener', stop.reason]));
  stop.signal.addEventListener('abort', () => heard.push(['signal', stop.signal.reason]));
  stop.hear(() => heard.push('nobody'))();
  stop.ask('first');
  stop.ask('second');
  deepEqual(heard, [
    ['listener', 'first'],
    ['signal', 'first'],
  ]);
});

test('given one that was asked, when somebody looks at its signal, then that has been aborted for the same reason', () => {
  const stop = new Stop();
  equal(stop.isAsked, false);
  stop.ask('late');
  equal(stop.isAsked, true);
  equal(stop.signal.aborted, true);
  equal(stop.signal.reason, 'late');
});
