/** After a failed attempt: when to try again, or what to do instead. */

import type { Command } from '../commands.ts';
import { isTransient, matchesError } from '../errors.ts';
import type { Failure } from '../errors.ts';
import { failStep } from './failing.ts';
import type { Node, Retry } from '../ir.ts';
import type { Instant, Ms } from '../json.ts';
import type { Place } from '../plan.ts';
import type { Scene } from '../scene.ts';
import type { StepState } from '../state.ts';

/** Spread of the delay, as a share of it: enough to part a herd, too little to surprise. */
const JITTER = 0.2;

export function decideErred(scene: Scene, item: number, place: Place, step: Extract<StepState, { type: 'erred' }>): readonly Command[] {
  const { node } = place;
  const retry = retryAfter(node, step, { run: scene.state.run, actor: scene.state.id, item });
  if (retry === null) return failStep(scene, item, place, step.error);
  return [{ k: 'timer', at: retry.at, event: { type: 'retry.due', item, node: node.id, attempt: step.attempt } }];
}

/** What the state of a step says about an attempt that failed. */
export interface FailedAttempt {
  readonly error: Failure;
  readonly at: Instant;
  readonly attempt: number;
  /** When the step's first attempt started or was refused. */
  readonly since: Instant;
  readonly losses: number;
  /** Attempts that did a part of the work. */
  readonly parts?: number;
}

export interface NextTry {
  readonly at: Instant;
  readonly policy: Retry;
  /** Attempts that failed so far. */
  readonly failures: number;
}

/** When a step is tried again; null when no policy covers the error, or the one that does allows no more, or none that late. */
export function retryAfter(
  node: Node,
  { error, at, attempt, since, losses, parts = 0 }: FailedAttempt,
  spot: { readonly run: string; readonly actor: string; readonly item: number },
): NextTry | null {
  const failures = attempt - losses - parts;
  const policy = policyFor(node, error);
  if (policy === undefined || failures > policy.max) return null;
  const seed = `${spot.run}:${spot.actor}:${spot.item}:${node.id}:${attempt}`;
  const next = at + Math.max(backoffMs(policy, failures, seed), error.retryAfterMs ?? 0);
  return policy.within !== undefined && next > since + policy.within ? null : { at: next, policy, failures };
}

/**
 * The latest start of the attempt that comes next, null for any time. Only retries have one: what was lost with the
 * engine or a worker is made again whenever that is.
 */
export function startBy(node: Node, step: StepState | undefined): Instant | null {
  if (step?.type !== 'again' || step.reason !== 'retry' || step.error === null) return null;
  const within = policyFor(node, step.error)?.within;
  return within === undefined ? null : step.since + within;
}

function policyFor(node: Node, error: Failure): Retry | undefined {
  return node.retry.find((entry) => coversRetry(entry, error));
}

/** A policy that names no codes covers what is transient. */
function coversRetry(policy: Retry, error: Failure): boolean {
  return policy.errors.length === 0 ? isTransient(error.code) : matchesError(policy.errors, error.code);
}

/** Exponential back-off: `delay × factor^(failures - 1)`, at most `cap`, and up to {@link JITTER} of it on top. */
export function backoffMs(policy: Retry, failures: number, seed: string): Ms {
  const base = Math.min(policy.cap, policy.delay * power(policy.factor, failures - 1));
  return Math.round(base * (1 + JITTER * fraction(seed)));
}

/** By multiplication, because `Math.pow` may differ between engines in the last place. */
function power(factor: number, times: number): number {
  let product = 1;
  for (let round = 0; round < times && product < Number.MAX_SAFE_INTEGER; round += 1) product *= factor;
  return product;
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits, as a number from 0 to 1. */
function fraction(seed: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < seed.length; index += 1) hash = Math.imul(hash ^ seed.charCodeAt(index), 0x01000193) >>> 0;
  return hash / 0x1_0000_0000;
}
