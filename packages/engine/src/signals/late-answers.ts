/** What is said to an answer for a wait that is not open, or not any more. */

import { HostError, jsonOf } from '@scriptorium/core';
import type { Answered, AnswerRequest, ItemRow, Recorded } from '@scriptorium/core';
import { nameOf } from './open-waits.ts';
import type { RunRow } from '../journal/journal-reads.ts';
import type { Parts } from '../parts.ts';
import { readAll } from '../reports/run-views.ts';
import { isoTime } from '../reports/trace.ts';

type Answer = Extract<Recorded['event'], { type: 'wait.answered' }>;

/** What became of one wait. */
interface Trail {
  readonly step: string;
  readonly item: string | null;
  readonly answers: { readonly event: Answer; readonly at: number }[];
  /** Why the last one is over. */
  end: string;
}

/** The same answer again is as good as given; anything else raises `conflict`, with the reason. */
export function laterAnswer(parts: Parts, row: RunRow, request: AnswerRequest): Answered {
  const trails = trailsOf(parts, row.run, request);
  for (const { step, item, answers } of trails) {
    const same =
      answers.findLast(({ event }) => (request.id === null ? false : event.id === request.id)) ??
      sameContent(parts, answers.at(-1), request);
    if (same !== undefined) return { run: row.run, step, item, status: 'already', by: same.event.by, at: same.at };
  }
  const [only] = trails;
  const ended = row.endedAt === null ? null : `run ${row.run} has ended: ${row.status}`;
  if (only !== undefined && trails.length === 1)
    throw new HostError(
      'conflict',
      `${nameOf(only)} waits no longer: ${only.end === '' && ended !== null ? ended : only.end}`,
      seeWhy(row, only.step),
    );
  if (ended !== null) throw new HostError('conflict', `${ended}; nothing waits`, `See \`scriptorium logs ${row.run}\`.`);
  const what =
    request.step === null
      ? `nothing in run ${row.run} waits for an answer`
      : `${request.step} does not wait${request.item === null ? '' : ` for item '${request.item}'`}`;
  throw new HostError('conflict', what, `See what is waited for with \`scriptorium waits ${row.run}\`.`);
}

function seeWhy({ run }: RunRow, step: string): string {
  return `See \`scriptorium why ${run} ${step}\`.`;
}

function sameContent(
  { values }: Parts,
  last: Trail['answers'][number] | undefined,
  { answer }: AnswerRequest,
): Trail['answers'][number] | undefined {
  if (last === undefined) return undefined;
  return JSON.stringify(jsonOf(last.event.answer, values)) === JSON.stringify(answer) ? last : undefined;
}

/** The waits that the request may mean and that once began, of one pass over the run's events. */
function trailsOf({ journal, values }: Parts, run: string, { step, item: key }: AnswerRequest): readonly Trail[] {
  const chunks = new Map<
    string,
    { readonly rows: readonly ItemRow[]; readonly parent: { readonly actor: string; readonly item: number } }
  >();
  const keyOf = (actor: string, item: number): string | null => {
    const chunk = chunks.get(actor);
    if (chunk === undefined) return null;
    const outer = keyOf(chunk.parent.actor, chunk.parent.item);
    const own = chunk.rows[item]?.key ?? String(item);
    return outer === null ? own : `${outer}/${own}`;
  };
  const trails = new Map<string, Trail>();
  for (const { actor, at, event } of readAll(journal, run)) {
    if (event.type === 'chunk.started') chunks.set(actor, { rows: values.read(event.page) as readonly ItemRow[], parent: event.parent });
    if (!('node' in event) || !('item' in event) || (step !== null && event.node !== step)) continue;
    const spot = `${actor}|${event.item}|${event.node}`;
    if (event.type === 'wait.begun') {
      const item = keyOf(actor, event.item);
      if (event.event === undefined || (key !== null && item !== key)) continue;
      const trail = trails.get(spot) ?? { step: event.node, item, answers: [], end: '' };
      trail.end = '';
      trails.set(spot, trail);
      continue;
    }
    const trail = trails.get(spot);
    if (trail === undefined) continue;
    if (event.type === 'wait.answered' && trail.end === '') {
      trail.answers.push({ event, at });
      const who = event.signal === undefined ? event.by : `a signal from ${event.by}`;
      trail.end = `it was answered by ${who}${event.as === undefined ? '' : ` as ${event.as}`} at ${isoTime(at)}`;
    } else if (event.type === 'step.timed_out') trail.end = `it timed out at ${isoTime(at)}`;
    else if (event.type === 'wait.left') trail.end = `it was left at ${isoTime(at)}, because the scope around it ended`;
  }
  return [...trails.values()];
}
