/**
 * The door for answers: each goes to one wait, is checked against its contract before anything is written, and is
 * written down with who gave it.
 *
 * 1. A wait is answered once. The same answer again, by its id or its content, is no error; another one is refused.
 * 2. What the wait is in is looked at in the same step that writes: of two answers at once, one is the second.
 */

import { closest, HostError, planOf } from '@scriptorium/core';
import type { Answered, AnswerRequest, Flow, Json, OpenWait } from '@scriptorium/core';
import { misfitText } from '../calls/contracts.ts';
import { enterRun, flowOf, refuseSecrets } from './doors.ts';
import { laterAnswer } from './late-answers.ts';
import { nameOf, openWaits } from './open-waits.ts';
import type { PlacedWait } from './open-waits.ts';
import type { States } from './states.ts';
import type { Parts } from '../parts.ts';
import { rowOf } from '../reports/run-views.ts';

export async function answerWait(parts: Parts, name: string, request: AnswerRequest): Promise<Answered> {
  const row = rowOf(parts.journal, name);
  const flow = flowOf(parts, row);
  const step = request.step === null ? null : stepOf(flow, request.step);
  refuseSecrets(parts, flow, row, 'the answer', request.answer);
  const asked = { ...request, step };
  if (row.endedAt !== null) return laterAnswer(parts, row, asked);
  let answered: Answered | null = null;
  await enterRun(parts, row, flow, (states) => {
    const placed = waitFor(row.run, flow, states, parts, asked);
    if (placed === null) return [];
    const { wait, actor, item, node, iteration } = placed;
    const as = roleOf(wait, request.as);
    check(parts, wait, request.answer);
    answered = { run: row.run, step: node, item: wait.item, status: 'answered', by: request.by, at: parts.now() };
    const answer = parts.values.settle({ v: request.answer });
    const more = { ...(as === null ? {} : { as }), ...(request.id === null ? {} : { id: request.id }) };
    const of = { item, node, ...(iteration === '' ? {} : { iteration }) };
    return [{ actor, event: { type: 'wait.answered', ...of, answer, by: request.by, ...more } }];
  });
  return answered ?? laterAnswer(parts, row, asked);
}

/** A whole path, or the last part of one where only one step that waits has it. */
function stepOf(flow: Flow, given: string): string {
  const waits = [...planOf(flow).values()].filter(({ node }) => node.do.k === 'wait').map(({ node }) => node.id);
  if (waits.includes(given)) return given;
  const found = waits.filter((id) => id.endsWith(`/${given}`));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (found.length > 1)
    throw new HostError('ambiguous', `'${given}' may be any of: ${found.join(', ')}`, 'Give the whole path of the step.');
  const meant = closest(given, waits);
  const hint = meant === null ? '' : ` — did you mean '${meant}'?`;
  const fix = waits.length === 0 ? 'No step of it waits.' : `The steps that wait are: ${waits.join(', ')}.`;
  throw new HostError('not_found', `${flow.name} has no step '${given}' that waits${hint}`, fix);
}

/** The one wait that is meant; null when none is open there. */
function waitFor(
  run: string,
  flow: Flow,
  states: States,
  { values, journal }: Parts,
  { step, item, id }: AnswerRequest,
): PlacedWait | null {
  const found = [...openWaits(run, flow, states, values, { step, item })].filter(({ wait }) => wait.event !== null);
  const [only] = found;
  if (found.length > 1)
    throw new HostError(
      'ambiguous',
      `run ${run} has several open waits: ${found
        .slice(0, MAX_NAMED)
        .map(({ wait }) => nameOf(wait))
        .join(', ')}${found.length > MAX_NAMED ? ` and ${found.length - MAX_NAMED} more` : ''}`,
      'Name the step, and with `--item` the item.',
    );
  if (only === undefined || id === null) return only ?? null;
  const given = journal
    .readActor(run, only.actor)
    .some(({ event }) => event.type === 'wait.answered' && event.id === id && event.node === only.node);
  return given ? null : only;
}

/** So many open waits are named in a message. */
const MAX_NAMED = 5;

/** One of the roles that the wait is put to; it need not be given where there is only one. */
function roleOf(wait: OpenWait, as: string | null): string | null {
  const { to } = wait;
  const [first] = to;
  if (as === null && to.length > 1)
    throw new HostError('invalid', `${nameOf(wait)} is put to ${to.join(' or ')}: say as whom you answer`, `Add \`--as ${first}\`.`);
  if (as !== null && !to.includes(as))
    throw new HostError(
      'invalid',
      to.length === 0 ? `${nameOf(wait)} is put to nobody in particular` : `${nameOf(wait)} is put to ${to.join(' or ')}, not to ${as}`,
      first === undefined ? 'Answer without `--as`.' : `Answer with \`--as ${first}\`, if that is what you are.`,
    );
  return as ?? first ?? null;
}

function check({ options: { contracts } }: Parts, wait: OpenWait, answer: Json): void {
  const issues = contracts.compile(wait.answer)(answer);
  if (issues.length === 0) return;
  throw new HostError(
    'invalid',
    `the answer does not fit what ${nameOf(wait)} waits for: ${misfitText(issues)}`,
    `What may be answered is shown by \`scriptorium waits\`. Its contract is ${JSON.stringify(wait.answer)}.`,
  );
}
