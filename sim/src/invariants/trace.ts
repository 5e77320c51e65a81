/**
 * A run's rows as the invariants read them, by rules of their own: which rows count, and to which visit of the states
 * around it each belongs. Nothing here folds states or asks the reducer.
 */

import { childrenOf, partsOf } from '@scriptorium/core';
import type { EngineEvent, Event, Flow, Node } from '@scriptorium/core';
import type { History, Row } from '../history.ts';

/** A row about a step of an item. */
export type StepRow = Fact & { readonly event: Extract<Event, { readonly item: number; readonly node: string }> };

/** A row of a run. */
export interface Fact extends Row {
  readonly event: Event;
  /** Place among the rows of the run that count; -1 for one that was rolled back. */
  readonly place: number;
  /** Visits of the states around its step in the same actor, outermost first, as in `2.1`; empty without states or step. */
  readonly iteration: string;
}

export interface RunTrace {
  readonly run: string;
  readonly flow: Flow;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly parents: ReadonlyMap<string, Node>;
  /** All rows. */
  readonly all: readonly Fact[];
  /** Those that count. */
  readonly facts: readonly Fact[];
  /** Rows that a fork has from its parent. */
  readonly copied: number;
  readonly isMigrated: boolean;
}

export function tracesOf(history: History): readonly RunTrace[] {
  const byRun = new Map<string, Row[]>();
  for (const row of history.rows) {
    if (row.run === '') continue;
    const known = byRun.get(row.run);
    if (known === undefined) byRun.set(row.run, [row]);
    else known.push(row);
  }
  return [...byRun].flatMap(([run, rows]) => {
    const started = rows[0]?.event;
    const flow = started?.type === 'run.started' ? history.flows.get(started.flow.hash) : undefined;
    return flow === undefined ? [] : [traceOf(run, flow, rows)];
  });
}

function traceOf(run: string, flow: Flow, rows: readonly Row[]): RunTrace {
  const nodes = new Map<string, Node>();
  const parents = new Map<string, Node>();
  collect(flow.root, nodes, parents);
  const { erased, iterations } = readingOf(rows);
  let place = -1;
  const all = rows.map((row, index): Fact => {
    const counts = !erased.has(row.gseq);
    if (counts) place += 1;
    return { ...row, event: row.event as Event, place: counts ? place : -1, iteration: iterations[index] ?? '' };
  });
  const forked = rows.findLastIndex(({ event }) => event.type === 'run.forked');
  return {
    run,
    flow,
    nodes,
    parents,
    all,
    facts: all.filter((fact) => fact.place >= 0),
    copied: Math.max(0, forked),
    isMigrated: rows.some(({ event }) => event.type === 'run.migrated'),
  };
}

function collect(node: Node, nodes: Map<string, Node>, parents: Map<string, Node>): void {
  nodes.set(node.id, node);
  const children = new Set(childrenOf(node));
  for (const part of partsOf(node)) {
    if (children.has(part)) parents.set(part.id, node);
    collect(part, nodes, parents);
  }
}

interface Reading {
  /** Rows that a later rollback of their actor took back, and the rollbacks themselves. */
  readonly erased: ReadonlySet<number>;
  /** Of every row, as it was then. */
  readonly iterations: readonly string[];
}

function readingOf(rows: readonly Row[]): Reading {
  const erased = new Set<number>();
  const kept = new Map<string, Row[]>();
  const visits = new Visits();
  const iterations = rows.map((row) => {
    const event = row.event as Event;
    const own = kept.get(row.actor) ?? [];
    kept.set(row.actor, own);
    if (isRollback(event)) {
      while ((own.at(-1)?.seq ?? 0) > event.to) erased.add(own.pop()?.gseq ?? 0);
      erased.add(row.gseq);
      visits.forgetActor(row.actor);
      for (const before of own) visits.take(row.actor, before.event as Event);
      return '';
    }
    own.push(row);
    const iteration = 'item' in event && 'node' in event ? visits.of(row.actor, event.item, event.node) : '';
    visits.take(row.actor, event);
    return iteration;
  });
  return { erased, iterations };
}

export function isRollback(event: Event | EngineEvent): event is Extract<Event, { type: 'run.rolled_back' | 'actor.rolled_back' }> {
  return event.type === 'run.rolled_back' || event.type === 'actor.rolled_back';
}

/** Which state each OR scope of each item is in, and for which time. */
class Visits {
  readonly #current = new Map<string, { readonly state: string; readonly visit: number }>();

  take(actor: string, event: Event): void {
    if (event.type === 'state.entered') {
      const scope = spot(actor, event.item, event.node);
      const left = this.#current.get(scope);
      if (left !== undefined) this.#forget(actor, event.item, below(event.node, left.state));
      this.#current.set(scope, event);
    }
    // A scope that is entered anew begins anew.
    if (event.type === 'step.entered' || event.type === 'compensation.begun') this.#forget(actor, event.item, event.node);
  }

  forgetActor(actor: string): void {
    for (const key of this.#current.keys()) if (key.startsWith(`${actor}|`)) this.#current.delete(key);
  }

  of(actor: string, item: number, node: string): string {
    const visits: number[] = [];
    for (let end = node === '' ? -1 : 0; end !== -1; end = node.indexOf('/', end + 1)) {
      const scope = node.slice(0, end);
      const known = this.#current.get(spot(actor, item, scope));
      if (known !== undefined && isInside(node, below(scope, known.state))) visits.push(known.visit);
    }
    return visits.join('.');
  }

  #forget(actor: string, item: number, node: string): void {
    for (const key of this.#current.keys()) {
      const [of, at, scope = ''] = key.split('|');
      if (of === actor && at === String(item) && isInside(scope, node)) this.#current.delete(key);
    }
  }
}

export function below(scope: string, name: string): string {
  return scope === '' ? name : `${scope}/${name}`;
}

export function isInside(node: string, step: string): boolean {
  return step === '' || node === step || node.startsWith(`${step}/`);
}

export function spot(actor: string, item: number, node: string): string {
  return `${actor}|${item}|${node}`;
}

export function isOfStep(fact: Fact): fact is StepRow {
  const { event } = fact;
  return 'item' in event && 'node' in event && event.type !== 'chunk.reported';
}

/** This very visit of the step. */
export function visitOf({ actor, event, iteration }: StepRow): string {
  return `${spot(actor, event.item, event.node)}@${iteration}`;
}

/** As hosts name it for handlers: the same for every attempt of one call. */
export function callKey(fact: StepRow): string {
  const { run, actor, event, iteration } = fact;
  return `${run}:${actor}:${event.item}:${event.node}${iteration === '' ? '' : `@${iteration}`}`;
}

/** The step that a compensation undoes; null for any other step. */
export function undoneBy(node: string): string | null {
  const found = /^(.*)\/compensate\.\d+$/.exec(node);
  return found?.[1] ?? null;
}

/** The part of the plan that a row is about: compensations are run under numbers. */
export function nodeOf(trace: RunTrace, node: string): Node | undefined {
  const undone = undoneBy(node);
  return trace.nodes.get(undone === null ? node : `${undone}/compensate`);
}

/** Which results count: those of the attempt under way, as the journal tells it. */
export class Attempts {
  readonly #running = new Map<string, number>();
  readonly #last = new Map<string, number>();

  /** Whether the row is a start, or an end that counts. An attempt that was refused ends without a start. */
  take(fact: StepRow): boolean {
    const { event } = fact;
    const visit = visitOf(fact);
    switch (event.type) {
      case 'attempt.started':
        this.#running.set(visit, event.attempt);
        this.#last.set(visit, event.attempt);
        return true;
      case 'attempt.succeeded':
      case 'attempt.lost':
      case 'attempt.continued':
      case 'attempt.failed': {
        const running = this.#running.get(visit);
        const isRefused = event.type === 'attempt.failed' && running === undefined && event.attempt === (this.#last.get(visit) ?? 0) + 1;
        if (running !== event.attempt && !isRefused) return false;
        this.#running.delete(visit);
        this.#last.set(visit, event.attempt);
        return true;
      }
      default:
        return false;
    }
  }
}
