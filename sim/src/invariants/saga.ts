/** Invariant 16: what was done inside of what fails is undone, told from calls and journal alone. */

import type { Json } from '@scriptorium/core';
import type { History } from '../history.ts';
import type { Invariant } from './invariant.ts';
import { Attempts, below, callKey, isInside, isOfStep, spot, undoneBy, visitOf } from './trace.ts';
import type { Fact, RunTrace, StepRow } from './trace.ts';

export const saga: Invariant = {
  number: 16,
  says: 'Exactly what completed inside of what failed, was cancelled or cut off is undone, each once, the latest first; where that fails, the run does not fail plainly.',
  check: ({ history, runs }) => {
    const inputs = inputsOf(history);
    return runs.flatMap((trace) => wrongIn(trace, new Account(trace, inputs)));
  },
};

type Inputs = ReadonlyMap<string, Json>;

/** What each attempt was given. */
function inputsOf({ observations }: History): Inputs {
  return new Map(
    observations.flatMap((seen) => (seen.type === 'call.begun' ? [[`${seen.idempotencyKey} ${seen.attempt}`, seen.input] as const] : [])),
  );
}

/** A call that can be undone, or one that undoes it, by what it was called with and gave. */
interface Done {
  readonly token: string;
  readonly actor: string;
  readonly item: number;
  readonly node: string;
  readonly iteration: string;
  readonly at: number;
  readonly place: number;
}

interface Undone extends Done {
  /** The step that undoes it, and for which time it does. */
  readonly by: string;
}

class Account {
  readonly completed: Done[] = [];
  readonly expected = new Set<Done>();
  readonly undone: Undone[] = [];
  readonly unknown: string[] = [];
  isBroken = false;
  isSettled = false;
  readonly #trace: RunTrace;
  readonly #inputs: Inputs;
  readonly #parents = new Map<
    string,
    { readonly actor: string; readonly item: number; readonly node: string; readonly iteration: string }
  >();
  readonly #attempts = new Attempts();
  readonly #statuses = new Map<string, string>();
  readonly #current = new Map<string, string>();
  readonly #iterations = new Map<string, string>();
  readonly #series = new Map<string, number>();
  readonly #leaving = new Set<string>();

  constructor(trace: RunTrace, inputs: Inputs) {
    this.#trace = trace;
    this.#inputs = inputs;
    for (const fact of trace.facts) this.#take(fact);
  }

  #take(fact: Fact): void {
    const { event, actor } = fact;
    if (event.type === 'chunk.started') {
      const { parent, node } = event;
      this.#parents.set(actor, { ...parent, node, iteration: this.#iterations.get(spot(parent.actor, parent.item, node)) ?? '' });
    }
    if (event.type === 'run.settled') {
      this.isSettled = true;
      if (event.error?.code === 'compensation_failed') this.isBroken = true;
      if (event.status === 'cancelled') for (const one of this.completed) this.expected.add(one);
    }
    if (isOfStep(fact)) this.#takeStep(fact);
  }

  #takeStep(fact: StepRow): void {
    const { actor, event, iteration } = fact;
    const here = spot(actor, event.item, event.node);
    const counts = this.#attempts.take(fact);
    const spotOf = (node: string): string => spot(actor, event.item, node);
    switch (event.type) {
      case 'attempt.succeeded':
        if (!counts) return;
        this.#statuses.set(here, 'done');
        return this.#complete(fact, 'v' in event.output ? event.output.v : null);
      case 'step.entered':
      case 'each.opened':
        this.#statuses.set(here, 'open');
        this.#iterations.set(here, iteration);
        return;
      case 'step.caught':
        this.#statuses.set(here, 'open');
        return this.#expect(fact, event.node);
      case 'step.failed':
        if (event.error.code === 'compensation_failed' || undoneBy(event.node) !== null) this.isBroken = true;
        this.#statuses.set(here, 'failed');
        return this.#expect(fact, event.node);
      case 'step.cancelled':
        this.#statuses.set(here, 'cancelled');
        return this.#expect(fact, event.node);
      case 'step.ended':
        this.#leaving.add(here);
        return;
      case 'step.settled':
        // What `until` or a signal cut off.
        if (this.#leaving.delete(here))
          for (const child of this.#childrenOf(event.node)) if (this.#statuses.get(spotOf(child)) === 'open') this.#expect(fact, child);
        this.#statuses.set(here, 'done');
        return;
      case 'state.signalled':
        this.#leaving.add(here);
        return;
      case 'state.entered': {
        const left = this.#current.get(here);
        this.#current.set(here, event.state);
        if (left === undefined) return;
        const state = below(event.node, left);
        if (this.#leaving.delete(here) && this.#statuses.get(spotOf(state)) === 'open')
          this.#expect(fact, state, this.#iterations.get(spotOf(state)));
        for (const key of this.#statuses.keys()) {
          const [of, at, id = ''] = key.split('|');
          if (of === actor && at === String(event.item) && isInside(id, state)) this.#statuses.delete(key);
        }
        return;
      }
      case 'compensation.begun':
        this.#series.set(here, (this.#series.get(here) ?? 0) + 1);
        this.#statuses.set(here, 'undoing');
        return;
      default:
        return;
    }
  }

  #complete(fact: StepRow, output: Json): void {
    const { actor, event, iteration, at, place } = fact;
    const undone = undoneBy(event.node);
    const of = { actor, item: event.item, iteration, at, place };
    if (undone === null) {
      if (this.#trace.nodes.get(event.node)?.compensate === undefined) return;
      const token = this.#tokenOf(fact, output);
      if (token !== null) this.completed.push({ ...of, node: event.node, token });
      return;
    }
    const token = this.#tokenOf(fact, null);
    if (token === null) return;
    this.undone.push({ ...of, node: undone, token, by: this.#seriesOf(actor, event.item, undone) });
  }

  /** The nearest step around that is undoing, and its series. */
  #seriesOf(actor: string, item: number, node: string): string {
    for (let at = node; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      const here = spot(actor, item, at);
      if (this.#statuses.get(here) === 'undoing') return `${here} ${this.#series.get(here)}`;
      if (at === '') return `nobody ${here}`;
    }
  }

  /** Which call it was, of which items, and what it gave; null for one of another run. */
  #tokenOf(fact: StepRow, output: Json): string | null {
    const attempt = 'attempt' in fact.event ? fact.event.attempt : 0;
    const input = this.#inputs.get(`${callKey(fact)} ${attempt}`) as { call: string; at: Json; visit: number; gave?: Json } | undefined;
    if (input === undefined) {
      this.unknown.push(visitOf(fact));
      return null;
    }
    return JSON.stringify([input.call, input.at, input.visit, 'gave' in input ? input.gave : output]);
  }

  #childrenOf(node: string): readonly string[] {
    const body = this.#trace.nodes.get(node)?.do;
    const children = body?.k === 'and' ? body.steps : body?.k === 'or' ? body.states : [];
    // Of an `each` that had enough, the items that settled are kept, and tell of the others themselves.
    return children.map(({ id }) => id);
  }

  /** `visit` of the step, where it is not that of the row. */
  #expect({ actor, event, iteration: own }: StepRow, node: string, visit?: string): void {
    const iteration = visit ?? own;
    for (const one of this.completed) if (this.#isAround({ actor, item: event.item, node, iteration }, one)) this.expected.add(one);
  }

  /** Whether it lies in this very instance of the step, in the same actor or in a chunk of it. */
  #isAround(step: Pick<Done, 'actor' | 'item' | 'node' | 'iteration'>, one: Done): boolean {
    for (
      let at: Pick<Done, 'actor' | 'item' | 'node' | 'iteration'> | undefined = one;
      at !== undefined;
      at = this.#parents.get(at.actor)
    ) {
      if (at.actor !== step.actor || at.item !== step.item) continue;
      return isInside(at.node, step.node) && (step.iteration === '' || `${at.iteration}.`.startsWith(`${step.iteration}.`));
    }
    return false;
  }
}

function wrongIn({ run, copied }: RunTrace, account: Account): readonly string[] {
  // A fork does not know with what its parent called.
  if (copied > 0 || account.unknown.length > 0) return [];
  const wrong = outOfOrder(run, account);
  const expected = [...account.expected].map(({ token }) => token);
  const completed = account.completed.map(({ token }) => token);
  const undone = account.undone.map(({ token }) => token);
  const more = without(undone, completed);
  if (more.length > 0) wrong.push(`${run} undoes ${more.join(' ')} more often than it was done`);
  if (!account.isSettled || account.isBroken) return wrong;
  const missing = without(expected, undone);
  const needless = without(undone, expected);
  if (missing.length > 0) wrong.push(`${run} does not undo ${missing.join(' ')}`);
  if (needless.length > 0) wrong.push(`${run} undoes ${needless.join(' ')}, which is to stay`);
  return wrong;
}

function without(list: readonly string[], taken: readonly string[]): readonly string[] {
  const left = [...taken];
  return list.filter((one) => {
    const index = left.indexOf(one);
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
}

/** In each series what completed later is undone first; of two at the same moment in other actors nobody knows. */
function outOfOrder(run: string, { undone, completed }: Account): string[] {
  const wrong: string[] = [];
  for (const series of Map.groupBy(undone, ({ by }) => by).values()) {
    const left = [...completed];
    let before: Done | null = null;
    for (const { token } of series) {
      const index = left.findLastIndex((one) => one.token === token);
      const one = left[index];
      if (one === undefined) continue;
      left.splice(index, 1);
      const isLater = before !== null && (one.at > before.at || (one.actor === before.actor && one.place > before.place));
      if (isLater && isAlone(completed, token)) wrong.push(`${run} undoes ${token} after what had completed before it`);
      before = one;
    }
  }
  return wrong;
}

/** Of calls that are alike nobody knows which one is undone. */
function isAlone(completed: readonly Done[], token: string): boolean {
  return completed.filter((one) => one.token === token).length === 1;
}
