/** The door for signals: what nothing in the flow can take, and what the mail has no room for, is refused. */

import { closest, HostError, isQuestion, MAX_SIGNALS, planOf, ROOT, valuesOf } from '@scriptorium/core';
import type { Flow, Mail, Node, Signalled, SignalRequest } from '@scriptorium/core';
import { misfitText } from '../calls/contracts.ts';
import { enterRun, flowOf, refuseSecrets } from './doors.ts';
import type { RunRow } from '../journal/journal-reads.ts';
import type { States } from './states.ts';
import type { Parts } from '../parts.ts';
import { rowOf } from '../reports/run-views.ts';

/** Of the id of a signal that its sender gave none. */
const ID_BYTES = 16;

export async function signalRun(parts: Parts, name: string, request: SignalRequest): Promise<Signalled> {
  const row = rowOf(parts.journal, name);
  if (row.endedAt !== null)
    throw new HostError('conflict', `run ${row.run} has ended: ${row.status}`, 'There is nobody left to take a signal.');
  const flow = flowOf(parts, row);
  refuseSecrets(parts, flow, row, `the signal '${request.name}'`, request.payload);
  const takers = takersOf(parts, flow, request);
  const id = request.id ?? Buffer.from(parts.world.chance('signals', ID_BYTES)).toString('hex');
  let already = false;
  await enterRun(parts, row, flow, (states) => {
    const mail = mailOf(states);
    already = mail.known.has(id);
    if (already) return [];
    refuseIdle(row, mail, takers, request.name);
    const payload = parts.values.settle({ v: request.payload });
    return [{ actor: ROOT, event: { type: 'signal.received', id, name: request.name, payload, by: request.by, unfit: takers.unfit } }];
  });
  return { run: row.run, id, status: already ? 'already' : 'received', kept: !already && isKept(parts, row.run, id) };
}

/** Whether nobody has taken it: at once somebody does only where the run is live. */
function isKept({ kernel, journal }: Parts, run: string, id: string): boolean {
  const root = kernel.run(run)?.actors.root();
  if (root?.kind.type === 'root') return root.kind.mail.signals.some((signal) => signal.id === id);
  return journal.run(run)?.endedAt === null;
}

interface Takers {
  readonly waits: readonly Node[];
  /** Of the waits, those whose contract the payload breaks. */
  readonly unfit: readonly string[];
  readonly states: readonly Node[];
}

/** Raises `invalid` when nothing in the flow takes such a signal. */
function takersOf({ options: { contracts } }: Parts, flow: Flow, { name, payload }: SignalRequest): Takers {
  const nodes = [...planOf(flow).values()].map(({ node }) => node);
  const eventOf = ({ do: body }: Node) => (body.k === 'wait' ? body.event : undefined);
  const waiting = nodes.filter((node) => eventOf(node)?.name === name);
  const waits = waiting.filter((node) => !isQuestion(eventOf(node) ?? { name, to: [], answer: true }));
  const states = nodes.filter(({ events }) => events !== undefined && Object.hasOwn(events, name));
  if (waits.length + states.length === 0) throw nobody(flow, name, nodes, waiting);
  const issues = waits.map((node) => ({ id: node.id, issues: contracts.compile(eventOf(node)?.answer ?? true)(payload) }));
  const unfit = issues.filter((one) => one.issues.length > 0);
  if (states.length === 0 && unfit.length === waits.length) {
    const [first] = unfit;
    throw new HostError(
      'invalid',
      `the signal '${name}' does not fit what ${first?.id} waits for: ${misfitText(first?.issues ?? [])}`,
      'Send it with a payload that fits.',
    );
  }
  return { waits, unfit: unfit.map(({ id }) => id), states };
}

function nobody(flow: Flow, name: string, nodes: readonly Node[], questions: readonly Node[]): HostError {
  const [question] = questions;
  if (question !== undefined)
    return new HostError(
      'invalid',
      `'${name}' is a question, which no signal answers`,
      `Answer it with \`scriptorium answer <run> ${question.id} …\`.`,
    );
  const known = nodes.flatMap(({ do: body, events }) => [
    ...(body.k === 'wait' && body.event !== undefined && !isQuestion(body.event) ? [body.event.name] : []),
    ...Object.keys(events ?? {}),
  ]);
  const meant = closest(name, known);
  const names = known.length === 0 ? 'It takes no signals.' : `It takes: ${[...new Set(known)].join(', ')}.`;
  return new HostError('invalid', `${flow.name} takes no signal '${name}'${meant === null ? '' : ` — did you mean '${meant}'?`}`, names);
}

function mailOf(states: States): Mail {
  const root = states.get(ROOT);
  if (root?.kind.type !== 'root') throw new Error('a run without a root');
  return root.kind.mail;
}

/** A state takes no signal from before it was entered, so one that no current state takes would never be taken. */
function refuseIdle({ run }: RunRow, { signals, subscribers }: Mail, { waits, states }: Takers, name: string): void {
  const isTaken = (): boolean => valuesOf(subscribers).some((own) => own.values().some(({ place }) => place.events.includes(name)));
  if (waits.length === 0 && !isTaken()) {
    const names = states.map(({ id }) => id).join(', ');
    throw new HostError(
      'conflict',
      `run ${run} is in no state that '${name}' leads out of (${names})`,
      `See where it is with \`scriptorium status ${run}\`.`,
    );
  }
  if (signals.length >= MAX_SIGNALS)
    throw new HostError(
      'conflict',
      `run ${run} has ${signals.length} signals that nobody has taken, and keeps no more`,
      'Send it again when some have been taken.',
    );
}
