/**
 * Approvals: a person sees the exact call and says yes or no to that one.
 *
 * 1. An approval is bound to the hash of tool, arguments, run, step and call: another argument is another call.
 * 2. It is used once: a call is made once, and its answer is noted.
 * 3. No answer in time is a no. What cannot be shown in full is not asked, and not done.
 */

import { createHash } from 'node:crypto';
import type { Ms, PartResult } from '@scriptorium/core';
import { canonicalJson } from '@scriptorium/flow';
import type { ToolCall } from '../models/model.ts';
import type { Redact } from './redacting.ts';

/** Characters of arguments that a person is shown. */
const MAX_SHOWN = 20_000;

/** `sha256:<hex>`. `step` tells apart the items and rounds of a step. */
export function hashOfCall({ id, tool, input }: ToolCall, { run, step }: { readonly run: string; readonly step: string }): string {
  return `sha256:${createHash('sha256')
    .update(canonicalJson([run, step, id, tool, input]))
    .digest('hex')}`;
}

/** What a person is asked; null for arguments that are too long to be read. */
export function approvalText({ tool, input }: ToolCall, who: string, why: string, hash: string, redact: Redact): string | null {
  const shown = redact(JSON.stringify(input, null, 2));
  if (shown.length > MAX_SHOWN) return null;
  return `The agent of ${who} wants to call ${tool} (${why}), with\n${visible(shown)}\n${hash}`;
}

/** Durations as flows take them. */
export function withinText(ms: Ms): string {
  return `${Math.ceil(ms / 1_000)}s`;
}

export type Decision = { readonly approved: true } | { readonly approved: false; readonly reason: string };

/** How the run ended that asked. */
export function decisionOf(result: PartResult): Decision {
  if (result.status !== 'succeeded') return { approved: false, reason: `nobody could be asked: ${result.error.message}` };
  const { answer } = result.output as { readonly answer: { readonly decision: string; readonly note?: string } | null };
  if (answer === null) return { approved: false, reason: 'nobody approved it in time' };
  if (answer.decision === 'approve') return { approved: true };
  return { approved: false, reason: `a person refused it${answer.note === undefined ? '' : `: ${answer.note}`}` };
}

/** Characters that are not seen or turn the order of text around could hide what is approved. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Variation_Selector}]/gu, (character) =>
    character === '\n' ? character : escapeOf(character),
  );
}

function escapeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
