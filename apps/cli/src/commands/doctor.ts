/** `doctor`: whether everything needed is there, each with what to do when it is not. */

import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { BLOCKED_FIX, blockedIn, blockedText } from '@scriptorium/engine';
import type { StoreFinding } from '@scriptorium/engine';
import { putResult } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { asTyped, explainError } from '../explanation.ts';
import { auditedText, auditOf } from './audit.ts';
import { formatBytes, formatTime } from '../showing/quantity.ts';

interface Finding {
  readonly name: string;
  readonly level: 'ok' | 'note' | 'problem';
  readonly text: string;
  readonly fix?: string;
}

/** Older versions of SQLite can damage a write-ahead log; the version is bundled with Node. */
const MIN_SQLITE: readonly number[] = [3, 51, 3];
const MIN_FREE_BYTES = 1_000_000_000;
/** A clock before the release of Node 24 is not set. */
const EARLIEST_CLOCK: number = Date.UTC(2025, 4, 1);

export async function doctor(context: Context): Promise<ExitCode> {
  const findings = [
    nodeVersion(),
    sqliteVersion(),
    ...standstill(context),
    ...(await store(context)),
    await diskSpace(context),
    await workerThreads(),
    ...keys(context),
    clock(context),
  ];
  const problems = findings.filter((finding) => finding.level === 'problem').length;
  putResult(context, { ok: problems === 0, findings }, () => {
    const { paint } = context.terminal;
    const marks = { ok: paint('green', '✔'), note: paint('yellow', '!'), problem: paint('red', '✗') };
    const lines = findings.map(
      ({ name, level, text, fix }) =>
        `${marks[level]} ${name.padEnd(8)} ${text}${fix === undefined ? '' : `\n           fix: ${asTyped(fix, context.command)}`}`,
    );
    return `${lines.join('\n')}\n\n${problems === 0 ? 'Everything needed is there.' : `${problems} of ${findings.length} checks found a problem.`}\n`;
  });
  return problems === 0 ? exitCodes.ok : exitCodes.refused;
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const good = major > 24 || (major === 24 && minor >= 15);
  return good
    ? { name: 'node', level: 'ok', text: process.versions.node }
    : {
        name: 'node',
        level: 'problem',
        text: `${process.versions.node} is older than 24.15`,
        fix: 'Start with ./scriptorium, which brings its own Node.',
      };
}

function sqliteVersion(): Finding {
  const db = new DatabaseSync(':memory:');
  const { version } = db.prepare('SELECT sqlite_version() AS version').get() as { version: string };
  db.close();
  const parts = version.split('.').map(Number);
  const difference = MIN_SQLITE.map((least, index) => (parts[index] ?? 0) - least).find((one) => one !== 0) ?? 0;
  return difference >= 0
    ? { name: 'sqlite', level: 'ok', text: version }
    : {
        name: 'sqlite',
        level: 'problem',
        text: `${version} can damage its log`,
        fix: `Use a Node that bundles SQLite ${MIN_SQLITE.join('.')} or newer: start with ./scriptorium.`,
      };
}

/** Nothing unless a handler keeps the engine from doing anything else. */
function standstill({ home }: Context): readonly Finding[] {
  const blocked = blockedIn(home);
  if (blocked === null) return [];
  return [{ name: 'engine', level: 'problem', text: `${blockedText(blocked)}, since ${formatTime(blocked.since)}`, fix: BLOCKED_FIX }];
}

/** So many faults are shown one by one. */
const MAX_SHOWN = 10;

async function store(context: Context): Promise<readonly Finding[]> {
  const { home } = context;
  try {
    const report = await auditOf(context, {});
    if (report.findings.every(({ level }) => level === 'note'))
      return [
        { name: 'store', level: 'ok', text: report.events === 0 ? `${home} is empty` : `whole: ${auditedText(report)}` },
        ...report.findings.map(findingOf),
      ];
    const shown = report.findings.slice(0, MAX_SHOWN).map(findingOf);
    const more = report.findings.length - shown.length;
    if (more === 0) return shown;
    return [...shown, { name: 'store', level: 'problem', text: `${more} more`, fix: 'See them all: `scriptorium audit verify`.' }];
  } catch (error) {
    const terminal = { ...context.terminal, paintErr: (_: string, plain: string) => plain };
    const [message = '', fix] = (await explainError(error, { ...context, verbose: false, terminal })).text.trimEnd().split('\nfix: ');
    return [{ name: 'store', level: 'problem', text: `${home}: ${message.replace('error: ', '')}`, ...(fix === undefined ? {} : { fix }) }];
  }
}

function findingOf({ level, message, fix }: StoreFinding): Finding {
  return { name: 'store', level, text: message, fix };
}

async function diskSpace({ home }: Context): Promise<Finding> {
  try {
    await mkdir(dirname(home), { recursive: true });
    await access(dirname(home), constants.W_OK);
    const { bavail, bsize } = await statfs(dirname(home));
    const free = bavail * bsize;
    if (free >= MIN_FREE_BYTES) return { name: 'disk', level: 'ok', text: `${formatBytes(free)} free at ${dirname(home)}` };
    return {
      name: 'disk',
      level: 'problem',
      text: `only ${formatBytes(free)} free at ${dirname(home)}`,
      fix: 'Make room, or choose another place with --home and --out.',
    };
  } catch (error) {
    return {
      name: 'disk',
      level: 'problem',
      text: `${dirname(home)} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      fix: 'Choose another place with --home.',
    };
  }
}

function workerThreads(): Promise<Finding> {
  return new Promise((resolve) => {
    const worker = new Worker('require("node:worker_threads").parentPort.postMessage(1)', { eval: true });
    worker.once('message', () => resolve({ name: 'workers', level: 'ok', text: `threads start; ${availableParallelism()} processors` }));
    worker.once('error', (error) =>
      resolve({
        name: 'workers',
        level: 'problem',
        text: `no thread can be started: ${error instanceof Error ? error.message : String(error)}`,
        fix: 'Raise the limit of threads and memory of this user or container.',
      }),
    );
  });
}

/** Whether they are set; never what they are. */
function keys({ env }: Context): Finding[] {
  const [key, url] = [Boolean(env['OPENAI_API_KEY']), Boolean(env['OPENAI_BASE_URL'])];
  if (key || url)
    return [
      {
        name: 'keys',
        level: 'ok',
        text: [...(key ? ['OPENAI_API_KEY is set'] : []), ...(url ? ['OPENAI_BASE_URL is set'] : [])].join(', '),
      },
    ];
  return [
    {
      name: 'keys',
      level: 'note',
      text: 'neither OPENAI_API_KEY nor OPENAI_BASE_URL is set: books are validated by rules, without a model',
    },
  ];
}

function clock({ now }: Context): Finding {
  return now() >= EARLIEST_CLOCK
    ? { name: 'clock', level: 'ok', text: `${formatTime(now())} (${Intl.DateTimeFormat().resolvedOptions().timeZone})` }
    : { name: 'clock', level: 'problem', text: `${formatTime(now())} cannot be now`, fix: 'Set the clock of this machine.' };
}
