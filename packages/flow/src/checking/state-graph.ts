/** The transitions of an OR scope as a graph: what can be reached, what has been passed, and which loops have a bound. */

import { orderSteps } from './order.ts';

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** By `next` after a result, by a `catch` after a failure, or by an event in the midst of the work. */
  readonly via: 'next' | 'catch' | 'event';
  /** Whether it can be taken although `from` was entered beyond its `max`. */
  readonly beyond: boolean;
}

export interface StateGraph {
  readonly initial: string;
  readonly states: readonly string[];
  readonly edges: readonly Edge[];
  readonly finals: ReadonlySet<string>;
  /** States with a `max`. */
  readonly bounded: ReadonlySet<string>;
}

export function reachableStates(graph: StateGraph): ReadonlySet<string> {
  return closure([graph.initial], graph.edges, 'forward');
}

/** States from which a final one can be reached. */
export function endingStates(graph: StateGraph): ReadonlySet<string> {
  return closure(graph.finals, graph.edges, 'backward');
}

/**
 * For each state those that have given an output on every way to it: without whose results it cannot be reached. A
 * state that was left by its `catch` or by an event has given none.
 */
export function givenStates(graph: StateGraph): ReadonlyMap<string, ReadonlySet<string>> {
  const given = new Map(graph.states.map((name): [string, Set<string>] => [name, new Set()]));
  for (const giver of graph.states) {
    const ways = graph.edges.filter(({ from, via }) => from !== giver || via !== 'next');
    const reached = closure([graph.initial], ways, 'forward');
    for (const [reader, givers] of given) {
      if (reader !== giver && !reached.has(reader)) {
        givers.add(giver);
      }
    }
  }
  return given;
}

/**
 * Loops that may go on for ever, the first state repeated at the end. Once a state was entered more often than its
 * `max`, only the ways that its `catch` opens go on from it: a loop of such ways, and of states without `max`, has no end.
 * One that only goes on when somebody sends an event goes round as often as they do.
 */
export function endlessLoops({ states, edges, bounded }: StateGraph): readonly (readonly string[])[] {
  const ways = edges.filter(({ from, via, beyond }) => via !== 'event' && (beyond || !bounded.has(from)));
  return orderSteps(states, (name) => new Set(ways.filter(({ from }) => from === name).map(({ to }) => to))).circles;
}

function closure(start: Iterable<string>, edges: readonly Edge[], direction: 'forward' | 'backward'): ReadonlySet<string> {
  const ways = Map.groupBy(edges, ({ from, to }) => (direction === 'forward' ? from : to));
  const found = new Set(start);
  for (const name of found) {
    for (const { from, to } of ways.get(name) ?? []) {
      found.add(direction === 'forward' ? to : from);
    }
  }
  return found;
}
