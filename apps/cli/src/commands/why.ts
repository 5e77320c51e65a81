/** `why`: what a run, a step or an item waits for, and why it was tried again, skipped, caught, reused or failed. */

import { explainRun, explainStage, explainStep, fansAround, historyOf, itemSpot } from '@scriptorium/advisor';
import type { Asked, Explanation, Scene } from '@scriptorium/advisor';
import { chunkId, closest, planOf, ROOT } from '@scriptorium/core';
import type { Flow, Host, Recorded, RunSummary } from '@scriptorium/core';
import { BLOCKED_FIX, blockedIn, blockedText } from '@scriptorium/engine';
import { putResult, withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { asTyped } from '../explanation.ts';
import { formatDuration, formatTime } from '../showing/quantity.ts';
import { eventsOf } from '../showing/run-events.ts';
import { oneLine } from '../terminal.ts';

export async function why(context: Context, run: string, step: string | undefined, item: string | undefined): Promise<ExitCode> {
  const blocked = blockedIn(context.home);
  if (blocked !== null)
    throw new CommandError(
      exitCodes.conflict,
      `the engine answers nothing: ${blockedText(blocked)}, since ${formatTime(blocked.since)}`,
      BLOCKED_FIX,
    );
  const explanation = await withStore(context, async ({ host }) => {
    const summary = await host.describe(run);
    const flow = await host.definition(summary.run);
    return explain(context, host, flow, summary, step, item);
  });
  putResult(context, { version: 1, ...explanation }, () => explanationText(explanation, context));
  return exitCodes.ok;
}

async function explain(
  context: Context,
  host: Host,
  flow: Flow,
  summary: RunSummary,
  given: string | undefined,
  item: string | undefined,
): Promise<Explanation> {
  const root = await eventsOf(host, summary.run, ROOT);
  const words = { time: formatTime, duration: formatDuration };
  const pools = await host.limits();
  const sceneOf = (events: readonly Recorded[]): Scene => ({ flow, summary, pools, words, now: context.now(), history: historyOf(events) });
  const scene = sceneOf(root);
  if (given === undefined) return explainRun(scene);
  const step = findStep(flow, given);
  const [fan] = fansAround(flow, step);
  if (item === undefined)
    return fan === undefined || fan.id === step
      ? explainStep(scene, { actor: ROOT, item: 0, node: step, key: null })
      : explainStage(scene, step);
  if (fan === undefined)
    throw new CommandError(
      exitCodes.usage,
      `${step} has no items: it lies in no \`each\``,
      `Ask without the item: \`scriptorium why ${summary.run} ${step}\`.`,
    );
  const spot = itemSpot(scene.history, fan.id, await indexOf(host, summary.run, fan.id, item));
  if (spot === null) throw noItem(summary.run, fan.id, item, null);
  const own = await eventsOf(host, summary.run, spot.actor);
  const inside = own.filter(({ event }) => !('item' in event) || event.item === spot.item);
  const nested = await Promise.all(chunksOf(inside, spot.actor).map((actor) => eventsOf(host, summary.run, actor)));
  const events = [...root, ...inside, ...nested.flat()].toSorted((a, b) => a.gseq - b.gseq);
  return explainItem(sceneOf(events), { ...spot, node: step, key: item });
}

/** A step inside of a further `each` of the item has many trails: the first that did not succeed tells most. */
function explainItem(scene: Scene, asked: Asked): Explanation {
  const inner = fansAround(scene.flow, asked.node).length > 1;
  const trails = inner ? scene.history.trailsOf(asked.node) : [];
  if (trails.length === 0) return explainStep(scene, asked);
  const explained = trails.map(({ spot }) => explainStep(scene, { ...spot, key: asked.key }));
  const dull = ['succeeded', 'reused', 'skipped'];
  const [first] = explained.toSorted((a, b) => Number(dull.includes(a.standing)) - Number(dull.includes(b.standing)));
  return first ?? explainStep(scene, asked);
}

function chunksOf(events: readonly Recorded[], parent: string): readonly string[] {
  return events.flatMap(({ actor, event }) =>
    event.type === 'chunk.spawned' && actor === parent ? [chunkId(actor, event.item, event.node, event.chunk)] : [],
  );
}

/** A whole path, or the last part of one where only one step has it. */
function findStep(flow: Flow, given: string): string {
  const steps = [...planOf(flow).keys()].filter((id) => id !== '');
  if (steps.includes(given)) return given;
  const found = steps.filter((id) => id.endsWith(`/${given}`));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (found.length > 1)
    throw new CommandError(exitCodes.conflict, `'${given}' may be any of: ${found.join(', ')}`, 'Give the whole path of the step.');
  const meant = closest(given, [...steps, ...steps.map((id) => id.slice(id.lastIndexOf('/') + 1))]);
  throw new CommandError(
    exitCodes.notFound,
    `${flow.name} has no step '${given}'${meant === null ? '' : ` — did you mean '${meant}'?`}`,
    `Its steps are: ${steps.join(', ')}.`,
  );
}

async function indexOf(host: Host, run: string, fan: string, key: string): Promise<number> {
  const keys: string[] = [];
  for await (const outcome of host.results(run, fan)) {
    if (outcome.key === key) return keys.length;
    keys.push(outcome.key);
  }
  throw noItem(run, fan, key, keys.length === 0 ? null : closest(key, keys));
}

function noItem(run: string, fan: string, key: string, meant: string | null): CommandError {
  return new CommandError(
    exitCodes.notFound,
    `${fan} of run ${run} has no item '${key}'${meant === null ? '' : ` — did you mean '${meant}'?`}`,
    `See its items in \`scriptorium report ${run} --json\`.`,
  );
}

function explanationText({ standing, answer, because, help }: Explanation, { terminal: { paint }, command }: Context): string {
  const evidence = (events: Explanation['because'][number]['evidence']): string =>
    events.length === 0 ? '' : paint('dim', `  (${events.map(({ event, at }) => `event ${event}, ${formatTime(at)}`).join('; ')})`);
  const reasons = because.map(({ says, evidence: events }) => `  because  ${oneLine(says)}${evidence(events)}\n`);
  const width = Math.max(0, ...help.map((one) => one.command.length));
  const helps = help.map(
    (one) => `  ${paint('cyan', `${command} ${one.command.padEnd(width)}`)}  ${asTyped(oneLine(one.does), command)}\n`,
  );
  const bad = standing === 'failed' || standing === 'cancelled' || standing === 'interrupted';
  return `${paint(bad ? 'red' : 'bold', oneLine(answer))}\n${reasons.join('')}${helps.length === 0 ? '' : `\n${helps.join('')}`}`;
}
