/**
 * Reads everything of a store and says what is wrong with it, and where. Nothing is changed.
 *
 * 1. While an engine works on the store, it is read in short stretches, so that no reader holds back the engine's log; what
 *    needs a store that stands still is left out then, and the report says so.
 * 2. While nobody works on it, nobody can begin to until the audit has ended.
 */

import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { Flow, Instant } from '@scriptorium/core';
import { JournalError, restoreFix } from '../journal/journal-error.ts';
import { FORMAT } from '../journal/migrations.ts';
import { acquire } from '../journal/ownership.ts';
import { holdRemovals } from '../retention/removal-lock.ts';
import { messageOf, openingError } from '../journal/storage-error.ts';
import { auditDefinitions, auditValues } from './contents.ts';
import { auditEvents, auditSequences } from './events.ts';
import { auditHome, auditMark, auditOutputs, markOf } from './files.ts';
import type { Find, StoreFinding } from './finding.ts';
import { auditFolds } from './folds.ts';
import { auditReferences } from './references.ts';
import { auditSnapshots } from './snapshots.ts';
import { storeFile } from '../journal/store-file.ts';

export interface AuditOptions {
  readonly now: Instant;
  /** The hash that a definition must have. */
  readonly hashFlow: (flow: Flow) => string;
  /** Also read the files that runs have written. */
  readonly outputs?: boolean;
}

export interface AuditReport {
  readonly home: string;
  /** Whether an engine worked on the store meanwhile; its structure and the computed tables were not read then. */
  readonly working: boolean;
  readonly events: number;
  readonly values: number;
  readonly definitions: number;
  /** Files of runs; null when they were not asked for. */
  readonly outputs: number | null;
  readonly findings: readonly StoreFinding[];
  /** Whether there may be more findings than these. */
  readonly cut: boolean;
}

/** More findings than these help nobody. */
const MAX_FINDINGS = 500;
/** A clock may be set back by this much, as daemons do that keep time. */
const CLOCK_MS = 2_000;
const BUSY_MS = 5_000;
/** SQLite names so many faults of the structure. */
const MAX_STRUCTURE = 20;

/** Raises {@link JournalError} when the store is of another format or cannot be read. Creates nothing where there is no store. */
export async function auditStore(home: string, options: AuditOptions): Promise<AuditReport> {
  const path = storeFile(home);
  const empty: AuditReport = { home, working: false, events: 0, values: 0, definitions: 0, outputs: null, findings: [], cut: false };
  if (!existsSync(path)) return empty;
  const ownership = acquire(home);
  const letGo = ownership === null ? holdRemovals(home) : null;
  try {
    return { ...empty, ...(await auditFiles(home, path, ownership === null, options)) };
  } catch (error) {
    const told = openingError(path, error);
    if (!(told instanceof JournalError) || told.fault !== 'damaged') throw told;
    const finding = {
      fault: 'structure',
      level: 'problem',
      message: `${path}: ${told.message}`,
      fix: restoreFix,
      place: { file: path },
    } as const;
    return { ...empty, findings: [finding] };
  } finally {
    letGo?.();
    ownership?.release();
  }
}

async function auditFiles(home: string, path: string, working: boolean, options: AuditOptions): Promise<Partial<AuditReport>> {
  const findings: StoreFinding[] = [];
  const find: Find = (finding) => findings.length < MAX_FINDINGS && findings.push(finding) < MAX_FINDINGS;
  auditHome(home, find);
  const mark = markOf(home);
  const uri = uriOf(path, working);
  const db = new DatabaseSync(uri, { readOnly: true, timeout: BUSY_MS });
  try {
    requireFormat(db, path);
    const found = (work: () => void): void => orDamaged(path, find, work);
    if (!working) found(() => auditStructure(db, path, find));
    let counts = { events: 0, values: 0, definitions: 0 };
    let outputs: number | null = null;
    found(() => {
      const { events, last } = auditEvents(db, find);
      counts = { ...counts, events };
      auditMark(home, mark, last?.gseq ?? 0, find);
      if (last !== null && last.at > options.now + CLOCK_MS) {
        const message = `the last event happened at ${new Date(last.at).toISOString()}, and the clock says ${new Date(options.now).toISOString()}`;
        find({ fault: 'clock_behind', level: 'problem', message, fix: 'Set the clock of this machine.', place: { event: last.gseq } });
      }
    });
    found(() => auditSequences(db, find));
    found(() => (counts = { ...counts, values: auditValues(db, find) }));
    found(() => auditReferences(db, find));
    found(() => (counts = { ...counts, definitions: auditDefinitions(db, options.hashFlow, find) }));
    if (!working) {
      found(() => auditFolds(uri, find));
      found(() => auditSnapshots(db, find));
    }
    if (options.outputs === true) outputs = await auditOutputs(db, find);
    return { working, ...counts, outputs, findings, cut: findings.length >= MAX_FINDINGS };
  } finally {
    db.close();
  }
}

/** Without a log, a store that nobody works on is read as the file that it is: no log is begun beside it. */
function uriOf(path: string, working: boolean): string {
  const url = pathToFileURL(path);
  url.search = working || existsSync(`${path}-wal`) ? '?mode=ro' : '?immutable=1';
  return url.href;
}

function requireFormat(db: DatabaseSync, path: string): void {
  const isStore = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'meta'`).get() !== undefined;
  const row = isStore ? (db.prepare(`SELECT value FROM meta WHERE key = 'format'`).get() as { value: number } | undefined) : undefined;
  if (row?.value === FORMAT) return;
  const what = row === undefined ? 'is no store' : `has format ${row.value}, and this version knows format ${FORMAT}`;
  throw new JournalError(
    'format',
    `${path} ${what}`,
    'Start an engine on it once, which brings it to this format; or use the version that wrote it.',
  );
}

function auditStructure(db: DatabaseSync, path: string, find: Find): void {
  const rows = db.prepare(`PRAGMA integrity_check(${MAX_STRUCTURE})`).all() as object[] as { integrity_check: string }[];
  for (const { integrity_check: text } of rows) {
    if (text !== 'ok') find({ fault: 'structure', level: 'problem', message: `${path}: ${text}`, fix: restoreFix, place: { file: path } });
  }
}

/** What SQLite cannot read is a fault of the structure, and the other checks go on. */
function orDamaged(path: string, find: Find, work: () => void): void {
  try {
    work();
  } catch (error) {
    if ((error as { errcode?: number }).errcode === undefined && !(error instanceof SyntaxError)) throw error;
    find({ fault: 'structure', level: 'problem', message: `${path}: ${messageOf(error)}`, fix: restoreFix, place: { file: path } });
  }
}
