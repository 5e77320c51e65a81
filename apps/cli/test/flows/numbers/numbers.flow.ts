import { flow, type Definition } from '@scriptorium/flow';
import { double } from './handlers.ts';

export const main: Definition = flow(
  'numbers/all',
  { version: '1.0.0', input: { numbers: { type: 'array', items: { type: 'integer' } } } },
  (s, input) => {
    const all = s.each('all', { in: input.numbers }, double, (n) => ({ n }));
    return { doubled: all.ok };
  },
);
