/**
 * Progress for programs: one JSON object a line on the error stream, described by `progress.schema.json`. The first line
 * is a snapshot; each further one holds what changed, by the names of the snapshot; the last one says how the run ended.
 * Numbered without gaps by `seq`, so that a reader knows that it has all of them.
 */

import type { Progress, RunSummary, StageProgress, Streamed, Tally } from '@scriptorium/core';
import type { Terminal } from '../terminal.ts';
import type { ProgressRenderer } from './renderer.ts';

/** To be raised when a field changes its meaning or goes; new fields may come without. */
export const PROGRESS_VERSION = 1;

type Changed<T> = { readonly [field in keyof T]?: T[field] };

interface Line {
  readonly v: typeof PROGRESS_VERSION;
  readonly seq: number;
  readonly at: number;
}

export interface SnapshotLine extends Line, Omit<Progress, 'at'> {
  readonly type: 'snapshot';
  readonly run: string;
  readonly flow: { readonly name: string; readonly version: string };
  readonly status: RunSummary['status'];
}

/** What a delta has as it is, and not by what changed inside it. */
type Scalar = 'status' | 'fraction' | 'eta' | 'itemsPerMinute' | 'usage' | 'errors' | 'awaiting';

export interface DeltaLine extends Line, Changed<Pick<SnapshotLine, Scalar>> {
  readonly type: 'delta';
  /** Counters that changed. */
  readonly items?: Changed<Tally>;
  /** Stages that changed, with the fields that did; stages that are new come whole. */
  readonly stages?: readonly ({ readonly id: string } & Changed<StageProgress>)[];
}

export interface EndLine extends Line {
  readonly type: 'end';
  readonly status: RunSummary['status'];
  readonly exitCode: number;
}

/** A line for people. */
export interface NoteLine extends Line {
  readonly type: 'note';
  readonly text: string;
}

/** A piece of what an attempt writes, as it comes. */
export interface TextLine extends Line, Streamed {
  readonly type: 'text';
}

export type ProgressLine = SnapshotLine | DeltaLine | EndLine | NoteLine | TextLine;

export function createNdjson(terminal: Terminal, now: () => number): ProgressRenderer {
  let seq = 0;
  let shown: SnapshotLine | null = null;
  const put = (line: object): void => {
    terminal.err(`${JSON.stringify(line)}\n`);
    seq += 1;
  };
  return {
    update: (summary) => {
      const next = snapshotOf(summary, seq);
      if (shown === null) put(next);
      else {
        const delta = deltaOf(shown, next);
        if (delta !== null) put(delta);
      }
      shown = next;
    },
    // A reader has to know of the run before it hears of it.
    text: (piece) => {
      if (shown !== null) put({ v: PROGRESS_VERSION, type: 'text', seq, at: now(), ...piece });
    },
    note: (text) => put({ v: PROGRESS_VERSION, type: 'note', seq, at: now(), text }),
    close: (exitCode) => put({ v: PROGRESS_VERSION, type: 'end', seq, at: now(), status: shown?.status ?? 'interrupted', exitCode }),
  };
}

export function snapshotOf({ run, flow, status, progress }: RunSummary, seq: number): SnapshotLine {
  const { at, ...rest } = progress;
  return { v: PROGRESS_VERSION, type: 'snapshot', seq, at, run, flow: { name: flow.name, version: flow.version }, status, ...rest };
}

/** What changed, or null. */
export function deltaOf(before: SnapshotLine, after: SnapshotLine): DeltaLine | null {
  const items = changes(before.items, after.items);
  const stages = after.stages.flatMap((stage) => {
    const changed = changes(before.stages.find((one) => one.id === stage.id) ?? ({} as StageProgress), stage);
    return changed === null ? [] : [{ id: stage.id, ...changed }];
  });
  const scalars = changes(pick(before), pick(after));
  if (items === null && stages.length === 0 && scalars === null) return null;
  return {
    v: PROGRESS_VERSION,
    type: 'delta',
    seq: after.seq,
    at: after.at,
    ...scalars,
    ...(items === null ? {} : { items }),
    ...(stages.length === 0 ? {} : { stages }),
  };
}

/** The snapshot that a reader has after a delta. */
export function applyDelta(before: SnapshotLine, delta: DeltaLine): SnapshotLine {
  const { type: _, items, stages, ...rest } = delta;
  const known = before.stages.map((stage) => ({ ...stage, ...stages?.find((changed) => changed.id === stage.id) }));
  const added = (stages ?? []).filter((changed) => !before.stages.some((stage) => stage.id === changed.id)) as readonly StageProgress[];
  return { ...before, ...rest, items: { ...before.items, ...items }, stages: [...known, ...added] };
}

function pick({ status, fraction, eta, itemsPerMinute, usage, errors, awaiting }: SnapshotLine): Pick<SnapshotLine, Scalar> {
  return { status, fraction, eta, itemsPerMinute, usage, errors, awaiting };
}

function changes<T extends object>(before: T, after: T): Changed<T> | null {
  const entries = Object.entries(after).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify((before as Record<string, unknown>)[field]),
  );
  return entries.length === 0 ? null : (Object.fromEntries(entries) as Changed<T>);
}
