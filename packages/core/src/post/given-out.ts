/**
 * What of a mailbox is given out next, who has what, and what is overdue. A mailbox may hold a hundred thousand messages,
 * and all of this is asked of it with every fact: what a page of them has to say is found once, as long as it is that page.
 */

import type { Instant } from '../json.ts';
import type { HeldMessage, MailboxState } from './mailbox.ts';
import type { Page } from './paged-map.ts';

interface PageFacts {
  /** Without a key, the most urgent that is queued, and of those the first. */
  readonly free: HeldMessage | null;
  /** By key, the first that is not dead. */
  readonly keyed: ReadonlyMap<string, HeldMessage>;
  readonly taken: ReadonlyMap<string, HeldMessage>;
  readonly deadlines: readonly { readonly id: string; readonly deadline: Instant }[];
}

const known = new WeakMap<Page<HeldMessage>, PageFacts>();

function factsOf(page: Page<HeldMessage>): PageFacts {
  const facts = known.get(page) ?? lookThrough(page);
  known.set(page, facts);
  return facts;
}

function lookThrough(page: Page<HeldMessage>): PageFacts {
  let free: HeldMessage | null = null;
  const keyed = new Map<string, HeldMessage>();
  const taken = new Map<string, HeldMessage>();
  const deadlines: { id: string; deadline: Instant }[] = [];
  for (const message of page.values()) {
    const { header, at } = message;
    const { id, key, deadline } = header;
    if (deadline !== null) deadlines.push({ id, deadline });
    if (at.type === 'taken') taken.set(at.taker.key, message);
    if (at.type === 'dead') continue;
    if (key === null) free = at.type === 'queued' ? moreUrgent(free, message) : free;
    else if (!keyed.has(key)) keyed.set(key, message);
  }
  return { free, keyed, taken, deadlines };
}

/** Of two that are as urgent the first, which was sent before the other. */
function moreUrgent(one: HeldMessage | null, other: HeldMessage | null): HeldMessage | null {
  return one === null || (other !== null && other.header.priority > one.header.priority) ? other : one;
}

/** What the taker has; undefined for one that has nothing. */
export function takenBy({ held }: MailboxState, key: string): HeldMessage | undefined {
  for (const page of held.pages) {
    const found = factsOf(page).taken.get(key);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The message that is given out next: the most urgent, and of those the first that was sent; null where there is none. */
export function nextMessage({ held }: MailboxState): HeldMessage | null {
  const busy = new Set<string>();
  let next: HeldMessage | null = null;
  for (const page of held.pages) {
    const { free, keyed } = factsOf(page);
    let own = free;
    for (const [key, first] of keyed) {
      if (busy.has(key)) continue;
      busy.add(key);
      if (first.at.type === 'queued') own = own === null ? first : inPage(page, own, first);
    }
    next = moreUrgent(next, own);
  }
  return next;
}

/** Of two of one page. */
function inPage(page: Page<HeldMessage>, one: HeldMessage, other: HeldMessage): HeldMessage {
  if (one.header.priority !== other.header.priority) return one.header.priority > other.header.priority ? one : other;
  for (const message of page.values()) if (message === one || message === other) return message;
  return one;
}

/** Messages whose time is over, and when the time of the next one is. */
export function overdue({ held }: MailboxState, now: Instant): { readonly ids: readonly string[]; readonly next: Instant | null } {
  const ids: string[] = [];
  let next: Instant | null = null;
  for (const page of held.pages)
    for (const { id, deadline } of factsOf(page).deadlines) {
      if (deadline <= now) ids.push(id);
      else if (next === null || deadline < next) next = deadline;
    }
  return { ids, next };
}
