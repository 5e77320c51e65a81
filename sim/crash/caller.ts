/** Whoever gives an engine its programs: starts them, sends what they wait for, and writes down what it is told before it goes on. */

import { setTimeout as sleep } from 'node:timers/promises';
import { HostError } from '@scriptorium/core';
import type { Host, Json, RunSummary } from '@scriptorium/core';
import type { Acknowledgement } from './acknowledgements.ts';
import { compileProgram, inputOf, payersOf } from './program.ts';
import type { Program } from './program.ts';

export interface Calling {
  readonly host: Host;
  /** Where the runs put their outputs. */
  readonly out: string;
  /** Told of each promise before anything is done with it. */
  readonly tell: (...given: readonly Acknowledgement[]) => void;
  /** Whether an earlier process may have begun the programs already. */
  readonly looksBack: boolean;
}

export const LOOK_MS = 25;
/** The newest runs, among which are all that a process has to see to. */
export const RECENT = 120;

/** Sees to all of them, so many at once, each to its end. */
export async function seeAll(
  calling: Calling,
  { programs, atOnce }: { readonly programs: readonly Program[]; readonly atOnce: number },
): Promise<void> {
  const left = [...programs];
  const next = async (): Promise<void> => {
    for (let program = left.shift(); program !== undefined; program = left.shift()) await see(calling, program);
  };
  await Promise.all(Array.from({ length: atOnce }, next));
}

/** Sees one program to its end, wherever an earlier process left it. */
async function see(calling: Calling, program: Program): Promise<void> {
  const run = await begin(calling, program);
  await Promise.all([pay(calling, run, program), answer(calling, run, program), cancel(calling, run, program)]);
  const { status, output } = await ended(calling.host, run);
  calling.tell({ type: 'ended', run, status, output });
}

async function begin({ host, out, tell, looksBack }: Calling, program: Program): Promise<string> {
  const recent = looksBack ? await host.list({ limit: RECENT }) : [];
  const known = recent.find(({ input }) => input['label'] === program.label);
  if (known !== undefined) {
    if (known.endedAt === null) await host.resume(known.run, 'victim');
    return known.run;
  }
  const options = {
    mode: 'flexible',
    test: false,
    dryRun: false,
    limit: null,
    out,
    fresh: true,
    modules: [],
    report: true,
  } as const;
  const run = await host.start({ ...compileProgram(program), input: inputOf(program), options, by: 'victim' });
  tell({ type: 'started', run, label: program.label });
  return run;
}

/** Signals go out before their waits begin, and once more after each crash. */
async function pay({ host, tell }: Calling, run: string, program: Program): Promise<void> {
  for (const n of payersOf(program)) {
    const id = `paid-${n}`;
    const sent = await unlessEnded(host, run, () => host.signal(run, { name: 'paid', payload: { n }, id, by: 'victim' }));
    if (!sent) return;
    tell({ type: 'signalled', run, id });
  }
}

async function answer({ host, tell }: Calling, run: string, { kind }: Program): Promise<void> {
  if (kind !== 'work' || !(await waitsFor(host, run, 'asked'))) return;
  const request = { step: 'asked', item: null, answer: 'yes', as: null, id: 'yes', by: 'victim' };
  if (await unlessEnded(host, run, () => host.answer(run, request))) tell({ type: 'answered', run, id: 'yes' });
}

async function cancel({ host, tell }: Calling, run: string, { kind }: Program): Promise<void> {
  if (kind !== 'left' || !(await waitsFor(host, run, 'never'))) return;
  if (await unlessEnded(host, run, () => host.cancel(run, 'victim', 'it had waited for long enough'))) tell({ type: 'cancelled', run });
}

/** False where the run waits no longer, because an earlier process saw to that. */
async function waitsFor(host: Host, run: string, step: string): Promise<boolean> {
  for (;;) {
    const { endedAt, status, progress } = await host.describe(run);
    if (endedAt !== null || status === 'cancelling') return false;
    if ((await host.waits(run)).some((wait) => wait.step === step)) return true;
    if (step === 'asked' && progress.stages.some((stage) => stage.id === 'total' && stage.waiting < stage.total)) return false;
    await sleep(LOOK_MS);
  }
}

async function unlessEnded(host: Host, run: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof HostError && error.code === 'conflict') return false;
    if (error instanceof HostError && error.code === 'not_found' && (await host.describe(run)).run === run) return false;
    throw error;
  }
}

async function ended(host: Host, run: string): Promise<{ readonly status: string; readonly output: Json }> {
  let last: RunSummary | undefined;
  for await (const summary of host.watch(run, { everyMs: 10 })) last = summary;
  if (last === undefined || last.endedAt === null) {
    // Where another engine has taken the store over, whatever this one writes next tells it so.
    await host.stop();
    throw new Error(`run ${run} is ${last?.status} when nobody works on it any more`);
  }
  return { status: last.status, output: last.output };
}
