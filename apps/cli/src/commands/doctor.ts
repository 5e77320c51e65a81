/** `doctor`: whether everything needed is there, each with what to do when it is not. */

import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { HostError } from '@scriptorium/core';
import { checkStore } from '@scriptorium/engine';
import { putResult } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { explainError } from '../explanation.ts';
import { formatBytes, formatTime } from '../quantity.ts';

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
    await store(context),
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
      ({ name, level, text, fix }) => `${marks[level]} ${name.padEnd(8)} ${text}${fix === undefined ? '' : `\n           fix: ${fix}`}`,
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

async function store(context: Context): Promise<Finding> {
  const { home } = context;
  try {
    const { events, fault } = checkStore(home);
    if (fault === null)
      return { name: 'store', level: 'ok', text: events === 0 ? `${home} is empty` : `${home} is whole: ${events} events` };
    return {
      name: 'store',
      level: 'problem',
      text: `${home} is damaged: ${fault}`,
      fix: 'Restore a backup of the store, or start with another one: --home <dir>.',
    };
  } catch (error) {
    if (error instanceof HostError && error.code === 'unavailable') {
      return {
        name: 'store',
        level: 'ok',
        text: `an engine in another process works on ${home}; it can be read through when that has ended`,
      };
    }
    const terminal = { ...context.terminal, paintErr: (_: string, plain: string) => plain };
    const [message = '', fix] = (await explainError(error, { ...context, verbose: false, terminal })).text.trimEnd().split('\nfix: ');
    return { name: 'store', level: 'problem', text: `${home}: ${message.replace('error: ', '')}`, ...(fix === undefined ? {} : { fix }) };
  }
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
