/** The values that a condition read, as far as the journal's events hold them. */

import { Collection, evaluate, ExprFailure, planOf, readCarried, ROOT } from '@scriptorium/core';
import type { Carried, Expr, Flow, Place, Value, Values } from '@scriptorium/core';
import { evidenceOf } from './history.ts';
import type { History, Spot } from './history.ts';
import type { Evidence } from './explanation.ts';

export interface ValueRead {
  /** As the condition writes it: `topology.skip`. */
  readonly path: string;
  /** JSON, cut where it is long; null when the value is kept outside of the journal's events. */
  readonly shown: string | null;
  /** What the value itself says, where it is an object with a message. */
  readonly message: string | null;
  /** The step that it is the result of, if it is one's. */
  readonly from: Spot | null;
  readonly evidence: readonly Evidence[];
}

interface Source {
  readonly value: Value | undefined;
  readonly from: Spot | null;
  readonly evidence: readonly Evidence[];
}

const MAX_SHOWN = 120;

const unknown: Values = {
  read: () => {
    throw new RangeError('the value lies outside of the events');
  },
};

export function valuesRead(flow: Flow, history: History, spot: Spot, condition: Expr): readonly ValueRead[] {
  return condition.reads.flatMap((name) => {
    const source = sourceOf(flow, history, spot, name);
    return pathsOf(condition.$, name).map((path): ValueRead => {
      const value = source.value === undefined ? undefined : read(path, name, source.value);
      return {
        path,
        shown: value === undefined ? null : show(value),
        message: messageOf(value),
        from: source.from,
        evidence: source.evidence,
      };
    });
  });
}

/** Chains of fields that begin with the name, methods left out: of `books.failed.size() > 0` it is `books.failed`. */
function pathsOf(source: string, name: string): readonly string[] {
  const found = source.matchAll(new RegExp(`(?<![\\w.])${name}(?:\\??\\.[A-Za-z_]\\w*(?!\\w|\\s*\\())*`, 'g'));
  const paths = [...new Set([...found].map(([path]) => path))];
  return paths.length === 0 ? [name] : paths;
}

function read(path: string, name: string, value: Value): Value | undefined {
  try {
    return evaluate(path, (wanted) => (wanted === name ? value : undefined));
  } catch (error) {
    if (error instanceof ExprFailure) return undefined;
    throw error;
  }
}

function show(value: Value): string {
  if (value instanceof Collection) return `a collection of ${value.size}`;
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function messageOf(value: Value | undefined): string | null {
  if (typeof value !== 'object' || value === null || !('message' in value)) return null;
  return typeof value.message === 'string' ? value.message : null;
}

/** The same walk as the reducer's scoping rule: siblings, the scopes around, then what came from outside of the actor. */
function sourceOf(flow: Flow, history: History, spot: Spot, name: string): Source {
  const plan = planOf(flow);
  const chunk = history.chunk(spot.actor);
  for (let at: Place | null = plan.get(spot.node) ?? null; at !== null; at = at.scope) {
    if (chunk !== undefined && (at.node.id === chunk.event.node || at.catches?.node.id === chunk.event.node)) break;
    const sibling = at.scope?.steps.get(name);
    if (sibling !== undefined) return resultOf(history, { ...spot, node: sibling.node.id });
  }
  if (chunk !== undefined) {
    if (name === 'index') return { value: chunk.event.offset + spot.item, from: null, evidence: [] };
    const carried = chunk.event.env[name];
    return { value: carried === undefined ? undefined : revive(carried), from: null, evidence: evidenceOf(chunk) };
  }
  const started = history.run.find(({ event }) => event.type === 'run.started');
  if (spot.actor !== ROOT || started?.event.type !== 'run.started') return { value: undefined, from: null, evidence: [] };
  const { input, options } = started.event;
  const { mode, test, dryRun } = options;
  if (name === 'input') return { value: input, from: null, evidence: evidenceOf(started) };
  return { value: { id: started.run, batch: started.run, mode, test, dryRun }, from: null, evidence: evidenceOf(started) };
}

function resultOf(history: History, spot: Spot): Source {
  for (const recorded of history.trail(spot).toReversed()) {
    const { event } = recorded;
    if (event.type === 'step.skipped') return { value: null, from: spot, evidence: evidenceOf(recorded) };
    if (event.type === 'attempt.succeeded' || event.type === 'attempt.reused' || event.type === 'step.settled')
      return { value: revive(event.output), from: spot, evidence: evidenceOf(recorded) };
  }
  return { value: undefined, from: spot, evidence: [] };
}

function revive(carried: Carried): Value | undefined {
  return 'v' in carried ? readCarried(carried, unknown) : undefined;
}

/** The values that are known, in words: `count is 3; note is "none"`. */
export function readText(values: readonly ValueRead[]): string {
  const known = values.filter(({ shown }) => shown !== null);
  return known.map(({ path, shown }) => `${path} is ${shown}`).join('; ');
}
