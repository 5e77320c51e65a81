/**
 * What of a context travels with a message, under a budget of tokens. Pure: the same parts and the same budget give the
 * same plan, and what a model makes of the parts that are to be summarised is cut to the room that they have.
 *
 * 1. What is fitted never has more tokens than the budget, as the receiver's model reads it, whatever a summary says.
 * 2. What is pinned is there, whole; where that alone is too much, nothing is fitted.
 * 3. Of what is kept, the first parts come first; what has no room is summarised. Of a list with `latest`, only the last
 *    elements are kept like that, and those before them are summarised.
 * 4. Nothing is left out in silence: what is not there whole is named, with how much of it there was.
 */

import type { Json } from '@scriptorium/core';
import { shown } from '../agent/instructions.ts';
import { cutToTokens, mostTokensOf } from './tokens.ts';

export type Keeping = 'pin' | 'keep' | 'summarise' | 'drop';

export interface ContextPart {
  readonly name: string;
  readonly value: Json;
  readonly keeping: Keeping;
}

/** A part that is not there whole. */
export interface LeftOut {
  readonly name: string;
  readonly how: 'summarised' | 'cut' | 'dropped';
  /** Of the whole. */
  readonly tokens: number;
}

export interface Fitted {
  readonly parts: { readonly [name: string]: Json };
  readonly left: readonly LeftOut[];
  /** Of the parts, as a model reads them. */
  readonly tokens: number;
}

export interface Plan {
  /** There whole, in the order of the parts. */
  readonly whole: readonly ContextPart[];
  /** To be summarised, each to so many tokens. */
  readonly short: readonly { readonly part: ContextPart; readonly tokens: number }[];
  readonly dropped: readonly ContextPart[];
}

/** With less room than this a summary says nothing. */
const LEAST_SUMMARY = 16;

/** Part names of what stands before the latest elements of a list. */
export function earlierName(name: string): string {
  return `${name}_before`;
}

/** Of a list the latest elements by themselves, and those before them as a part that is summarised. */
export function splitLatest(parts: readonly ContextPart[], latest: number): readonly ContextPart[] {
  return parts.flatMap((part): readonly ContextPart[] => {
    const { name, value, keeping } = part;
    if (keeping !== 'summarise' || !Array.isArray(value)) return [part];
    const from = Math.max(0, value.length - latest);
    const after: ContextPart = { name, value: value.slice(from) as Json, keeping: 'keep' };
    return from === 0 ? [after] : [{ name: earlierName(name), value: value.slice(0, from) as Json, keeping }, after];
  });
}

/** How long a part is as the model reads it, under its name. */
export function tokensOf(name: string, value: Json): number {
  return mostTokensOf(`## ${name}\n\n${shown(value)}\n\n`);
}

/** Null where what is pinned is more than the budget. */
export function planContext(parts: readonly ContextPart[], budget: number): Plan | null {
  const sized = parts.map((part) => ({ part, tokens: tokensOf(part.name, part.value) }));
  const whole = new Set<ContextPart>();
  let room = budget;
  const take = (keeping: Keeping): void => {
    for (const { part, tokens } of sized) {
      if (part.keeping !== keeping || (tokens > room && keeping !== 'pin')) continue;
      whole.add(part);
      room -= tokens;
    }
  };
  take('pin');
  if (room < 0) return null;
  take('keep');
  const rest = sized.filter(({ part }) => !whole.has(part) && part.keeping !== 'drop');
  const shares = sharesOf(
    rest.map(({ part, tokens }) => ({ frame: tokensOf(part.name, ''), tokens })),
    room,
  );
  const short: { readonly part: ContextPart; readonly tokens: number }[] = [];
  const dropped = sized.flatMap(({ part }) => (part.keeping === 'drop' ? [part] : []));
  for (const [index, { part, tokens }] of rest.entries()) {
    const share = shares[index] ?? 0;
    if (tokens <= share) whole.add(part);
    else if (share - tokensOf(part.name, '') >= LEAST_SUMMARY) short.push({ part, tokens: share - tokensOf(part.name, '') });
    else dropped.push(part);
  }
  return { whole: parts.filter((part) => whole.has(part)), short, dropped };
}

/** The same share for each, and to the longer ones what the shorter ones leave. */
function sharesOf(parts: readonly { readonly frame: number; readonly tokens: number }[], room: number): readonly number[] {
  const shares = parts.map(() => 0);
  const open = parts.map((part, index) => ({ ...part, index })).toSorted((a, b) => a.tokens - b.tokens || a.index - b.index);
  let left = room;
  for (const [position, { tokens, index }] of open.entries()) {
    const share = Math.min(tokens, Math.floor(left / (open.length - position)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}

/** `summaries` by the names of their parts; a part without one is cut. */
export function fit(plan: Plan, summaries: { readonly [name: string]: string }): Fitted {
  const parts: { [name: string]: Json } = Object.fromEntries(plan.whole.map(({ name, value }) => [name, value]));
  const left: LeftOut[] = [];
  for (const { part, tokens } of plan.short) {
    const { name, value } = part;
    const summary = Object.hasOwn(summaries, name) ? summaries[name] : undefined;
    parts[name] = cutToTokens(summary ?? shown(value), tokens);
    left.push({ name, how: summary === undefined ? 'cut' : 'summarised', tokens: tokensOf(name, value) });
  }
  left.push(...plan.dropped.map(({ name, value }): LeftOut => ({ name, how: 'dropped', tokens: tokensOf(name, value) })));
  const tokens = Object.entries(parts).reduce((sum, [name, value]) => sum + tokensOf(name, value), 0);
  return { parts, left, tokens };
}
