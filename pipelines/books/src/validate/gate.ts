/** Strict mode: a book with an error in it is a book that failed. */

import { defineHandler, StepError, type Handler } from '@scriptorium/core';
import { issueSchema, type Issue } from '../sanity/issue.ts';

/** Errors that the message names; the others are counted. */
const mostNamed = 3;

export const gateHandler: Handler = defineHandler<{ readonly id: string; readonly issues: readonly Issue[] }>({
  name: 'book/gate',
  version: '1.0.0',
  doc: 'Fails a book that has errors among its findings.',
  input: {
    type: 'object',
    required: ['id', 'issues'],
    properties: { id: { type: 'string' }, issues: { type: 'array', items: issueSchema } },
    additionalProperties: false,
  },
  output: { type: 'null' },
  effects: 'none',
  pure: true,
  errors: { invalid_book: 'The book has findings that are errors.' },
  run: ({ id, issues }) => {
    const errors = issues.filter(({ severity }) => severity === 'error');
    if (errors.length === 0) return null;
    const named = errors.slice(0, mostNamed).map(({ type, message, place }) => {
      const line = place?.line ?? null;
      return `${type}: ${message}${line === null ? '' : ` (line ${String(line)})`}`;
    });
    const more = errors.length - named.length;
    throw new StepError('invalid_book', `${id}: ${named.join('; ')}${more > 0 ? `; and ${String(more)} more` : ''}`, {
      fix: 'Mend the source, or run in flexible mode, which reports errors and goes on.',
    });
  },
});
