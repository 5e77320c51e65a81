/** What a check found: the one shape of findings in every stage's answer and in the reports. */

import type { Schema } from '@scriptorium/core';
import { placeSchema, type Place } from '../source/place.ts';

export type Severity = 'error' | 'warning' | 'info';

export interface Issue {
  readonly severity: Severity;
  /** Position among the units that were checked, from 0; null where the finding is about the whole book. */
  readonly index: number | null;
  /** Of the unit, as printed; empty where the finding is about the whole book. */
  readonly title: string;
  readonly type: string;
  readonly message: string;
  readonly expected?: number | string;
  readonly actual?: number | string;
  /** Where in the input to look; absent where the finding is about the whole book. */
  readonly place?: Place;
}

export const issueSchema: Schema = {
  type: 'object',
  title: 'Issue',
  required: ['severity', 'index', 'title', 'type', 'message'],
  properties: {
    severity: { enum: ['error', 'warning', 'info'] },
    index: { type: ['integer', 'null'] },
    title: { type: 'string' },
    type: { type: 'string' },
    message: { type: 'string' },
    expected: { type: ['number', 'string'] },
    actual: { type: ['number', 'string'] },
    place: placeSchema,
  },
  additionalProperties: false,
};

/** 100 less 20 for each error and 5 for each warning, never below 0. */
export function qualityOf(issues: readonly Issue[]): number {
  const count = (severity: Severity): number => issues.filter((issue) => issue.severity === severity).length;
  return Math.max(0, 100 - 20 * count('error') - 5 * count('warning'));
}
