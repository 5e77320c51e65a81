/** What a judge says about units, and what it means for the book. */

import type { Schema } from '@scriptorium/core';
import type { Issue, Severity } from '../sanity/issue.ts';

export const titleVerdicts = ['match', 'real_mismatch', 'minor_difference', 'transcription_error'] as const;
export type TitleVerdict = (typeof titleVerdicts)[number];

export const unitRoles = [
  'title_page',
  'dedication',
  'contents',
  'preface',
  'introduction',
  'prologue',
  'part',
  'main_chapter',
  'section',
  'interlude',
  'epilogue',
  'afterword',
  'appendix',
  'notes',
  'bibliography',
  'index',
  'advertisement',
  'other',
] as const;
export type UnitRole = (typeof unitRoles)[number];

/** How sure the judge is, from 0 to 1; null where it did not say. */
type Confidence = number | null;

export type Finding =
  | {
      readonly type: 'title';
      readonly unit: string;
      readonly verdict: TitleVerdict;
      readonly comment: string;
      readonly confidence: Confidence;
    }
  | { readonly type: 'role'; readonly unit: string; readonly role: UnitRole; readonly confidence: Confidence };

const confidenceSchema: Schema = { type: ['number', 'null'], minimum: 0, maximum: 1 };

export const findingSchema: Schema = {
  oneOf: [
    {
      type: 'object',
      required: ['type', 'unit', 'verdict', 'comment', 'confidence'],
      properties: {
        type: { const: 'title' },
        unit: { type: 'string' },
        verdict: { enum: titleVerdicts },
        comment: { type: 'string' },
        confidence: confidenceSchema,
      },
      additionalProperties: false,
    },
    {
      type: 'object',
      required: ['type', 'unit', 'role', 'confidence'],
      properties: { type: { const: 'role' }, unit: { type: 'string' }, role: { enum: unitRoles }, confidence: confidenceSchema },
      additionalProperties: false,
    },
  ],
};

const severities: { readonly [verdict in Exclude<TitleVerdict, 'match'>]: Severity } = {
  real_mismatch: 'error',
  transcription_error: 'warning',
  minor_difference: 'info',
};

/** Null for titles that match and for roles. */
export function issueOfFinding(finding: Finding, index: number, heading: string): Issue | null {
  if (finding.type === 'role' || finding.verdict === 'match') return null;
  return {
    severity: severities[finding.verdict],
    index,
    title: heading,
    type: finding.verdict,
    message: finding.comment === '' ? 'contents and heading differ' : finding.comment,
  };
}
