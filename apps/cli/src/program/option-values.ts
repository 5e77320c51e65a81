/** What options are given, read from their text. */

import { InvalidArgumentError } from 'commander';
import { MAX_PRIORITY } from '@scriptorium/core';
import type { WorkersFlag } from '../commands/run.ts';

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('It must be a whole number, at least 1.');
  return Number(text);
}

export function priority(text: string): number {
  const number = Number(text);
  if (!/^\d{1,2}$/.test(text) || number < 1 || number > MAX_PRIORITY)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_PRIORITY}.`);
  return number;
}

export function collect(text: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, text];
}

export function collectWorkers(text: string, earlier: readonly WorkersFlag[]): readonly WorkersFlag[] {
  const [, stage, count] = /^(?:([\w/]+)=)?(\d{1,6})$/.exec(text) ?? [];
  if (count === undefined || Number(count) < 1) throw new InvalidArgumentError('Write --workers 8, or --workers <stage>=8.');
  return [...earlier, { stage: stage ?? null, count: Number(count) }];
}
