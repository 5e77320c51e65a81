/** What callers see of runs: summaries that follow live runs, and the folds of those that have ended. */

import { amend, evolveProgress, HostError, jsonOf, ROOT, showProgress, startProgress } from '@scriptorium/core';
import type { CalledFlows, Flow, Instant, Progress, ProgressView, Recorded, RunSummary, Values } from '@scriptorium/core';
import type { JournalReads, RunRow } from '../journal/journal-reads.ts';
import type { Journal } from '../journal/journal.ts';
import { rowAfter } from '../journal/row-fold.ts';
import { PassingMap } from '../kernel/passing-map.ts';
import { readRunSnapshot } from '../kernel/run-snapshot.ts';

/** Events that are read at once when a run is folded. */
const PAGE = 5_000;

/** Ended runs whose progress is kept unless it is said, so that those who watched them or list them twice need no second fold. */
const KEPT = 1_000;

export interface RunViews {
  /** Follows a run that has no events yet. */
  readonly begin: (run: string, flow: Flow) => void;
  /** Follows a run from here on; its events so far are folded from the journal when somebody looks at it. */
  readonly follow: (run: string, flow: Flow) => void;
  readonly unfollow: (run: string) => void;
  /** The run has ended: what it has come to is known. */
  readonly end: (run: string) => void;
  /** Its events so far mean something else from here on. */
  readonly refold: (run: string, flow: Flow) => void;
  /** Their events are gone: what there is to see of them is in their rows. */
  readonly forget: (runs: readonly string[]) => void;
  readonly fold: (run: string, events: readonly Recorded[]) => void;
  /** The progress of a run that is followed; it changes in place. */
  readonly progress: (run: string) => ProgressView | null;
  readonly summary: (run: string) => RunSummary;
  readonly summarize: (row: RunRow) => RunSummary;
  /** Calls back after each commit that touched the run, and once with `ended` when nothing more will come; returns how to stop. */
  readonly subscribe: (run: string, changed: (ended: boolean) => void) => () => void;
  readonly notify: (run: string, ended: boolean) => void;
}

export function createRunViews(journal: Journal, values: Values, now: () => Instant, most: number = KEPT): RunViews {
  const live = new PassingMap<Followed>();
  const ended = new Map<string, Ended>();

  function lastProgress(row: RunRow): Progress {
    const known = ended.get(row.run);
    if (known !== undefined) return known.progress;
    const shown = endedProgress(journal, row);
    if (row.endedAt !== null) keep(ended, row.run, { row, progress: shown }, most);
    return shown;
  }

  function progress(run: string): ProgressView | null {
    const followed = live.get(run);
    if (followed === undefined) return null;
    if (followed.view !== null) return followed.view;
    followed.foldedTo = journal.head();
    return (followed.view = foldAll(journal, run, followed.flow));
  }

  function summarize(row: RunRow): RunSummary {
    const following = row.pruned === null ? progress(row.run) : null;
    const shown = row.pruned !== null ? row.pruned.progress : following === null ? lastProgress(row) : showProgress(following, now());
    const { run, flow, status, startedAt, endedAt, options, input, error, parent, forkedFrom } = row;
    return {
      run,
      flow,
      status,
      startedAt,
      endedAt,
      options,
      input,
      output: row.output === null ? null : jsonOf(row.output, values),
      error,
      ...(parent === null ? {} : { parent }),
      ...(forkedFrom === null ? {} : { forkedFrom }),
      ...(row.pruned === null ? {} : { pruned: { at: row.pruned.at, by: row.pruned.by } }),
      progress: shown,
    };
  }

  return {
    begin: (run, flow) => live.set(run, { flow, view: startProgress(flow), foldedTo: 0, row: null }),
    follow: (run, flow) => live.set(run, { flow, view: null, foldedTo: 0, row: null }),
    unfollow: (run) => live.delete(run),
    end: (run) => {
      const { view = null, row = null } = live.get(run) ?? {};
      live.delete(run);
      if (view !== null) keep(ended, run, { row, progress: progressOf(view) }, most);
    },
    refold: (run, flow) => {
      ended.delete(run);
      if (live.has(run)) live.set(run, { flow, view: null, foldedTo: 0, row: null });
    },
    forget: (runs) => {
      for (const run of runs) ended.delete(run);
    },
    fold: (run, events) => {
      const followed = live.get(run);
      if (followed === undefined) return;
      const { view, foldedTo } = followed;
      for (const recorded of events) {
        followed.row = rowAfter(followed.row, recorded);
        if (view !== null && recorded.gseq > foldedTo) evolveProgress(view, recorded);
      }
    },
    progress,
    summary: (run) => summarize(live.get(run)?.row ?? ended.get(run)?.row ?? rowOf(journal, run)),
    summarize,
    ...createWatchers(),
  };
}

function keep(ended: Map<string, Ended>, run: string, last: Ended, most: number): void {
  ended.set(run, last);
  for (const oldest of ended.keys()) {
    if (ended.size <= most) break;
    ended.delete(oldest);
  }
}

/** A live run. */
interface Followed {
  readonly flow: Flow;
  /** Null until somebody looks. */
  view: ProgressView | null;
  /** The `gseq` up to which its events were in the journal when it was folded from there. */
  foldedTo: number;
  /** As the store has it; null where it has to be asked. */
  row: RunRow | null;
}

/** A run that has ended: nothing changes but by a {@link RunViews.refold}. */
interface Ended {
  /** As the store has it; null where it has to be asked. */
  readonly row: RunRow | null;
  readonly progress: Progress;
}

function createWatchers(): Pick<RunViews, 'subscribe' | 'notify'> {
  const watchers = new Map<string, Set<(ended: boolean) => void>>();
  return {
    subscribe: (run, changed) => {
      const set = watchers.get(run) ?? new Set();
      watchers.set(run, set.add(changed));
      return () => {
        set.delete(changed);
        if (set.size === 0) watchers.delete(run);
      };
    },
    notify: (run, ended) => {
      for (const changed of watchers.get(run) ?? []) changed(ended);
    },
  };
}

/** The progress of a run that nobody works on, from its events. */
export function endedProgress(journal: Journal, row: RunRow): Progress {
  return progressOf(foldAll(journal, row.run, journal.flow(row.flow.hash) ?? unknownFlow(row), row));
}

function foldAll(journal: Journal, run: string, flow: Flow, row?: RunRow): ProgressView {
  const kept = readRunSnapshot(journal, run);
  const view = kept?.progress ?? startProgress(flow);
  for (const recorded of readEffective(journal, run, kept?.progressTo, row)) evolveProgress(view, recorded);
  return view;
}

/** As it was at the last event. */
function progressOf(view: ProgressView): RunSummary['progress'] {
  return showProgress(view, view.pace.last ?? 0);
}

/** The events of a run that count, in order, with the paths that their steps have now. */
export function* readEffective(journal: JournalReads, run: string, after = 0, row: RunRow | null = journal.run(run)): Generator<Recorded> {
  const amendments = row?.amendments ?? { rollbacks: [], migrations: [] };
  const isPlain = amendments.rollbacks.length === 0 && amendments.migrations.length === 0;
  for (const recorded of readAll(journal, run, after)) {
    const amended = isPlain ? recorded : amend(amendments, recorded);
    if (amended !== null) yield amended;
  }
}

/** All events of a run, in order, read in pages. */
export function* readAll(journal: JournalReads, run: string, after = 0): Generator<Recorded> {
  let last = after;
  for (;;) {
    const page = journal.readRun(run, last, PAGE) as readonly Recorded[];
    yield* page;
    const end = page.at(-1);
    if (end === undefined || page.length < PAGE) return;
    last = end.gseq;
  }
}

export function definitionOf(journal: Journal, row: RunRow): Flow {
  const flow = journal.flow(row.flow.hash);
  if (flow === null)
    throw new HostError(
      'not_found',
      `the definition ${row.flow.hash} of run ${row.run} is not in the store`,
      'Restore a backup of the store.',
    );
  return flow;
}

/** Stands in for a definition that is gone, so that its runs can still be listed. */
function unknownFlow({ flow }: RunRow): Flow {
  const root: Flow['root'] = { id: '', needs: [], do: { k: 'value', value: { lit: null } }, retry: [], catch: [], returns: true };
  return { ir: 1, expr: 1, ...flow, input: true, output: true, limits: {}, root, migrate: [] };
}

/** What the run was started with beside its own definition. */
export function calledBy(journal: Journal, run: string): CalledFlows {
  const [first] = journal.readActor(run, ROOT, 0, 1) as readonly Recorded[];
  const flows = first?.event.type === 'run.started' ? (first.event.flows ?? {}) : {};
  return Object.fromEntries(
    Object.entries(flows).flatMap(([called, hash]) => {
      const flow = journal.flow(hash);
      return flow === null ? [] : [[called, flow]];
    }),
  );
}

/** The row of a run whose events are there; raises `not_found` where they were removed. */
export function rowWithEvents(journal: Journal, name: string): RunRow {
  const row = rowOf(journal, name);
  const { pruned } = row;
  if (pruned === null) return row;
  const when = new Date(pruned.at).toISOString().slice(0, 10);
  throw new HostError(
    'not_found',
    `the events of run ${row.run} were removed on ${when} by ${pruned.by}`,
    'What is left of it is what `scriptorium status` shows, and its files.',
  );
}

/** The row of a run by its id, an unambiguous prefix of it, or `latest`; raises `not_found` or `ambiguous`. */
export function rowOf(journal: Journal, name: string): RunRow {
  const exact = name === 'latest' ? journal.runs({ children: 'none', limit: 1 })[0] : journal.run(name);
  if (exact !== undefined && exact !== null) return exact;
  // The names of children begin with that of the run above them: they are meant only where the rest begins, too.
  const children = name.includes('.') ? 'all' : 'none';
  const found = name === 'latest' || name === '' ? [] : journal.runs({ prefix: name, children, limit: 3 });
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (found.length > 1)
    throw new HostError('ambiguous', `'${name}' may be any of: ${found.map((row) => row.run).join(', ')}`, "Give more of the run's id.");
  if (name === 'latest')
    throw new HostError('not_found', 'there is no run yet', 'Start one with `scriptorium run`, or name its store with --home.');
  throw new HostError('not_found', `no run '${name}'`, 'See `scriptorium list`.');
}
