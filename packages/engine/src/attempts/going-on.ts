/** What follows where a handler has done a part of its work: which flow may do the next one, and what becomes of a call of another. */

import { calledAs, jsonOf, placeOf, planOf } from '@scriptorium/core';
import type { FlowCall, GoOn, Handler, Ms, Note, Notes, PartResult, Values } from '@scriptorium/core';
import type { Ended } from './outcome.ts';
import type { Journal } from '../journal/journal.ts';
import { rootOf } from '../kernel/live-run.ts';
import type { LiveRun, Underway } from '../kernel/live-run.ts';

export interface GoingOnPorts {
  readonly journal: Pick<Journal, 'run'>;
  readonly handlerOf: (uses: string) => Handler;
}

/** The end of an attempt that goes on. A flow that neither belongs to the handler nor was lent to it fails the attempt with `fatal`. */
export function goneOn(
  ports: GoingOnPorts,
  live: LiveRun,
  { dispatch, budgets }: Pick<Underway, 'dispatch' | 'budgets'>,
  { notes, call }: Pick<GoOn, 'notes' | 'call'>,
  ms: Ms,
): Ended {
  const { item, node, attempt } = dispatch;
  const named = Object.entries(notes).map(([name, v]) => ({ name, value: { v } }));
  const event = { item, node, attempt, type: 'attempt.continued', notes: named, ms } as const;
  if (call === null) return event;
  const { as, flow: uses, input } = call;
  const flow = callOf(ports, live, dispatch, uses);
  if (flow === null) {
    const message = `${dispatch.uses} calls the flow ${uses}, which is none of its own, and its step lends it no such one`;
    const fix = 'Name the flow in the definition, word for word: what a run finds out lends nothing.';
    return { item, node, attempt, type: 'attempt.failed', error: { code: 'fatal', message, fix }, ms };
  }
  const [name = uses] = uses.split('@');
  const { depth = Number.POSITIVE_INFINITY } = flow;
  if (runsOf(ports, live, name) >= depth) {
    const message = `no more than ${depth} ${depth === 1 ? 'run' : 'runs'} of ${name} may be in each other`;
    const refused: PartResult = { status: 'failed', run: null, error: { code: 'recursion.exceeded', message } };
    return { ...event, notes: [...named, { name: as, value: { v: refused } }] };
  }
  // What the dispatch had no part in is the account of the handler itself.
  const [account] = budgets.filter((scope) => !dispatch.budgets.includes(scope));
  return { ...event, call: { as, uses: name, flow, input: { v: input }, ...(account === undefined ? {} : { account }) } };
}

/** How the run of a part ended: the {@link PartResult} of what succeeded is put together when it is read, since the run has kept its output. */
export function partNote(name: string, run: string, end: Extract<Ended, { type: 'attempt.succeeded' | 'attempt.failed' }>): Note {
  if (end.type === 'attempt.failed') {
    const { code, message } = end.error;
    return { name, value: { v: { status: 'failed', run, error: { code, message } } satisfies PartResult } };
  }
  return { name, run, value: end.output };
}

/** What is told of notes: handlers know nothing of collections, and get their markers. */
export function notesOf({ values }: { readonly values: Values }, notes: readonly Note[]): Notes {
  if (notes.length === 0) return noNotes;
  return Object.fromEntries(
    notes.map(({ name, value, run }) => {
      const noted = jsonOf(value, values);
      return [name, run === undefined ? noted : ({ status: 'succeeded', run, output: noted } satisfies PartResult)];
    }),
  );
}

const noNotes: Notes = {};

function callOf({ handlerOf }: GoingOnPorts, live: LiveRun, { node, uses }: Underway['dispatch'], flow: string): FlowCall | null {
  const { do: body } = placeOf(planOf(live.flow), node).node;
  const asked = flow.includes('@') ? flow : calledAs(flow, { range: '*' });
  const lent = body.k === 'call' ? body.lends?.find((one) => calledAs(one.uses, one.flow) === asked) : undefined;
  if (lent !== undefined) return lent.flow;
  return handlerOf(uses).flows?.some(({ name }) => name === flow) === true ? { range: '*' } : null;
}

/** How many runs of the flow are in each other here, this one included. */
function runsOf({ journal }: GoingOnPorts, live: LiveRun, flow: string): number {
  let count = live.flow.name === flow ? 1 : 0;
  for (let parent = rootOf(live).parent; parent !== null;) {
    const around = journal.run(parent.run);
    if (around?.flow.name === flow) count += 1;
    parent = around?.parent ?? null;
  }
  return count;
}
