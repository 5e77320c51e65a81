/**
 * `npm run bench`: every measurement that has a goal, each in a process of its own, as one table. A figure is shown only
 * where an oracle that reads the store afterwards found everything as it must be.
 *
 *   npm run bench                   all of them
 *   npm run bench -- flows latency  only those, by name; other names are programs of the rooms below
 *   npm run bench -- books --only x one program and its options
 */

import { fork, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableOf } from './figures.ts';
import type { Row } from './figures.ts';
import { describeMachine } from './machine.ts';
import { inScratch } from './scratch.ts';

interface Measurement {
  readonly program: string;
  readonly argv?: readonly string[];
  readonly slowDisk?: true;
  /** What Node is given in place of what the launcher gives it. */
  readonly node?: readonly string[];
}

/** Where programs are looked for by their names. */
const rooms = ['engine', 'flow', 'books', 'agents'];

const slow = ['--in-flight', '256', '--disk', ', fsync + 2 ms', '--gate', '1000'];

/** For hosts that serve small runs: see docs/performance.md. */
const serving = ['--min-semi-space-size=128', '--max-semi-space-size=128', '--heap-growing-percent=0'];

const measurements: { readonly [name: string]: Measurement } = {
  flows: { program: 'engine/flows.ts', node: serving },
  'slow-disk': { program: 'engine/flows.ts', argv: slow, slowDisk: true, node: serving },
  latency: { program: 'engine/latency.ts', node: serving },
  overload: { program: 'engine/overload.ts', node: serving },
  'fan-out': { program: 'engine/fan-out.ts' },
  cpu: { program: 'engine/cpu.ts' },
  recovery: { program: 'engine/recovery.ts', node: serving },
  waits: { program: 'engine/waits.ts', argv: ['100000'] },
  'large-run': { program: 'engine/large-run.ts' },
  garbage: { program: 'engine/garbage.ts' },
  retention: { program: 'engine/retention.ts' },
};

const argv = process.argv.slice(2);
const options = argv.findIndex((argument) => argument.startsWith('-'));
const names = options < 0 ? argv : argv.slice(0, options);
/** The command line keeps compiled code as well, and needs no compiler for what it has run before: 23 MB less from the start. */
const env = { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), ...process.env };
const [own, others] = [names.filter((name) => name in measurements), names.filter((name) => !(name in measurements))];
for (const name of others) runAlone(name, options < 0 ? [] : argv.slice(options));
if (own.length > 0 || argv.length === 0) await printTable(own.length > 0 ? own : Object.keys(measurements));

async function printTable(chosen: readonly string[]): Promise<void> {
  console.log(`${await describeMachine()}\n`);
  const rows: Row[] = [];
  for (const name of chosen) {
    const measurement = measurements[name];
    if (measurement === undefined) continue;
    if (process.stderr.isTTY) process.stderr.write(`measuring ${name} …\n`);
    rows.push(...(await rowsOf(name, measurement)));
  }
  console.log(tableOf(rows));
  const faults = rows.filter((row) => 'fault' in row && row.fault !== null).length;
  const checked = rows.filter((row) => 'fault' in row).length;
  console.log(
    `\noracle      ${faults === 0 ? `everything was as it must be, for all ${checked} figures` : `FAILED for ${faults} of ${checked} figures`}`,
  );
  if (faults > 0) process.exitCode = 1;
}

async function rowsOf(name: string, { program, argv = [], slowDisk, node = [] }: Measurement): Promise<readonly Row[]> {
  if (slowDisk === undefined) return measured(program, argv, node, {});
  return inScratch(async (directory) => {
    const library = join(directory, 'slow-fsync.so');
    const refused = compileShim(library);
    if (refused !== null) return [{ what: name, skipped: refused }];
    return measured(program, argv, node, { LD_PRELOAD: library });
  });
}

/** Why no disk can be made slower here; null when it was done. */
function compileShim(library: string): string | null {
  if (process.platform !== 'linux') return 'a slower disk is made by LD_PRELOAD, which only Linux has';
  const source = join(import.meta.dirname, 'engine', 'slow-fsync.c');
  const { error, status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl'], { encoding: 'utf8' });
  if (error !== undefined) return 'a slower disk needs a C compiler, and there is no `cc`';
  return status === 0 ? null : `the C compiler failed: ${stderr.trim()}`;
}

async function measured(
  program: string,
  argv: readonly string[],
  node: readonly string[],
  more: NodeJS.ProcessEnv,
): Promise<readonly Row[]> {
  const execArgv = [...process.execArgv, ...node];
  const child = fork(join(import.meta.dirname, program), [...argv], { env: { ...env, ...more }, execArgv });
  const rows: Row[] = [];
  child.on('message', (message) => rows.push(...(message as readonly Row[])));
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (rows.length > 0) return rows;
  return [{ what: program, value: Number.NaN, unit: '', fault: `${program} ended with ${code} and measured nothing` }];
}

function runAlone(name: string, given: readonly string[]): void {
  const program = rooms.map((room) => join(import.meta.dirname, room, `${name}.ts`)).find((path) => existsSync(path));
  if (program === undefined) throw new Error(`there is no measurement ${name}; known: ${Object.keys(measurements).join(', ')}`);
  const { status } = spawnSync(process.execPath, [...process.execArgv, program, ...given], { stdio: 'inherit', env });
  if (status !== 0) process.exitCode = 1;
}
