import { defineHandler, type Handler, type TypedHandler } from '@scriptorium/core';

interface One {
  readonly n: number;
}

const one = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } };

export const double: TypedHandler<One, One> = defineHandler({
  name: 'numbers/double',
  version: '1.0.0',
  doc: 'Twice a number.',
  input: one,
  output: one,
  effects: 'none',
  runs: 'thread',
  run: ({ n }: One) => ({ n: 2 * n }),
});

export const handlers: readonly Handler[] = [double];
