/**
 * Whether a call may be made: pure, and decided before anything is done.
 *
 * 1. Arguments are looked at first: what does not fit the schema is refused, whatever was granted.
 * 2. Then how far it reaches: every file, host, program and dollar has to lie within the grant.
 * 3. Last where it may come from: once something from outside stands in the conversation, whatever writes is put to a
 *    person, also where the grant does not ask for that.
 */

import type { Json } from '@scriptorium/core';
import type { ContractIssue } from '@scriptorium/flow';
import type { Grant } from './granting.ts';
import { beyond } from './reaching.ts';
import type { RealScope } from './reaching.ts';
import type { Reach, Tool } from './tool.ts';

export type Verdict =
  | { readonly type: 'allowed'; readonly usd: number }
  | { readonly type: 'ask'; readonly usd: number; readonly why: string }
  | { readonly type: 'refused'; readonly reason: string };

export interface Asked {
  readonly tool: Pick<Tool, 'name' | 'effects'>;
  readonly grant: Pick<Grant, 'ask'>;
  readonly scope: RealScope;
  readonly input: Json;
  /** Checks the arguments. */
  readonly check: (input: Json) => readonly ContractIssue[];
  /** What the call reaches for, with paths as they are really found; null where the arguments do not say. */
  readonly reaches: readonly Reach[] | null;
  /** Something from outside stands in the conversation. */
  readonly tainted: boolean;
  /** What the calls before it in the step came to, under the same grant. */
  readonly used: { readonly calls: number; readonly usd: number };
}

export function verdict({ tool, grant, scope, input, check, reaches, tainted, used }: Asked): Verdict {
  const issues = check(input);
  if (issues.length > 0) return refused(`the arguments are wrong: ${issues.slice(0, 5).map(shown).join('; ')}`);
  if (reaches === null) return refused('the arguments do not say what the call is for');
  if (scope.calls !== null && used.calls >= scope.calls) return refused(`all ${scope.calls} calls of ${tool.name} have been made`);
  for (const reach of reaches) {
    const reason = beyond(reach, scope);
    if (reason !== null) return refused(reason);
  }
  const usd = reaches.reduce((sum, reach) => sum + (reach.kind === 'spend' ? reach.usd : 0), 0);
  // A sum that is no number, or less than nothing, would pay for others.
  if (!(usd >= 0) || reaches.some((reach) => reach.kind === 'spend' && !(reach.usd >= 0))) return refused('the price is no amount');
  if (usd > 0 && used.usd + usd > (scope.usd ?? 0)) return refused(`it would spend $${usd}, and $${left(scope, used.usd)} is left`);
  if (tool.effects === 'write' && tainted) return { type: 'ask', usd, why: 'it writes, after something from outside was read' };
  if (grant.ask) return { type: 'ask', usd, why: 'every call of it is asked about' };
  return { type: 'allowed', usd };
}

function refused(reason: string): Verdict {
  return { type: 'refused', reason };
}

function shown({ path, message }: ContractIssue): string {
  return path === '' ? message : `${path} ${message}`;
}

function left({ usd }: RealScope, used: number): number {
  return Math.max(0, (usd ?? 0) - used);
}
