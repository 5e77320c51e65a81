/**
 * The whole book pipeline from the command line over a folder of books, as an editor runs it: how long it takes, what it
 * keeps of the cores, and the memory of the process at its peak, engine and worker threads included.
 *
 *   npm run bench -- book-batch [--books <folder>] [--cores 2]
 *
 * Efficiency is processor time over time times cores, what collects garbage on other threads included; on a machine that
 * other work uses too, the share of what that left over says more. Where the system tells, it says which threads the
 * processor time went to. The rules judge.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { books: { type: 'string' }, cores: { type: 'string' } } });
const folder = values.books ?? fileURLToPath(new URL('../../../shared/corpus/raw', import.meta.url));
await main(folder, Number(values.cores ?? availableParallelism()));

interface Used {
  readonly cpuMs: number;
  readonly peakMb: number;
  /** Milliseconds of processor by the name of the threads that are left at the end: its own, and helpers of V8 and libuv. */
  readonly threads: { readonly [name: string]: number };
}

async function main(books: string, cores: number): Promise<void> {
  const bytes = await bytesBelow(books);
  const place = await mkdtemp(join(tmpdir(), 'book-batch-'));
  try {
    const used = join(place, 'used.json');
    const hook = join(place, 'hook.mjs');
    await writeFile(hook, hookText(used));
    const idleBefore = await idleMs();
    const started = performance.now();
    const last = await run(['run', 'books', books, '--out', join(place, 'out'), '--home', join(place, 'home'), '--set', 'ai=false'], hook);
    const wallMs = performance.now() - started;
    const idle = (await idleMs()) - idleBefore;
    const { cpuMs, peakMb, threads } = JSON.parse(await readFile(used, 'utf8')) as Used;
    console.log(last);
    console.log(`${(bytes / 1e6).toFixed(1)} MB in ${(wallMs / 1000).toFixed(1)} s: ${(bytes / 1000 / wallMs).toFixed(2)} MB/s`);
    console.log(`${(cpuMs / 1000).toFixed(1)} s of processor: ${(bytes / 1000 / cpuMs).toFixed(2)} MB/s a core`);
    console.log(
      `efficiency on ${cores} cores ${(cpuMs / (wallMs * cores)).toFixed(2)}, of what others left ${(cpuMs / (cpuMs + idle)).toFixed(2)}`,
    );
    console.log(sharesOf(cpuMs, threads));
    console.log(`memory at its peak ${peakMb.toFixed(0)} MB`);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** Written by the process itself at its end; its worker threads are part of it. */
function hookText(path: string): string {
  return `import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  const threads = {};
  for (const id of process.platform === 'linux' ? readdirSync('/proc/self/task') : []) {
    const of = (file) => readFileSync('/proc/self/task/' + id + '/' + file, 'utf8').trim();
    const name = id === String(process.pid) ? 'own' : of('comm');
    threads[name] = (threads[name] ?? 0) + Number(of('schedstat').split(' ')[0]) / 1e6;
  }
  writeFileSync(${JSON.stringify(path)}, JSON.stringify({ cpuMs: (user + system) / 1000, peakMb: process.resourceUsage().maxRSS / 1000, threads }));
});
`;
}

/** Worker threads have ended by then: what no other thread took was theirs. */
function sharesOf(cpuMs: number, threads: Used['threads']): string {
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  const { own = 0, V8Worker: collecting = 0, 'libuv-worker': files = 0 } = threads;
  if (own === 0) return 'which threads it went to is not told here';
  const workers = cpuMs - Object.values(threads).reduce((sum, ms) => sum + ms, 0);
  return `of it workers ${seconds(workers)} s, collecting garbage and compiling beside them ${seconds(collecting)}, the engine ${seconds(own)}, reading, deflating and writing ${seconds(files)}`;
}

/** The first lines of what the command says, on Node as this program was started: `npm run bench` does it as the launcher does. */
function run(args: readonly string[], hook: string): Promise<string> {
  const commandLine = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...process.execArgv, '--import', pathToFileURL(hook).href, commandLine, ...args, '--no-progress'],
      { maxBuffer: 1 << 26 },
      (_error, stdout) => resolve(stdout.split('\n').slice(0, 2).join('\n')),
    );
  });
}

/** Of all cores, since the machine began; 0 where the system does not tell. */
async function idleMs(): Promise<number> {
  const stat = await readFile('/proc/stat', 'utf8').catch(() => '');
  const [, , , , idle = 0, waiting = 0] = stat.split('\n')[0]?.split(/\s+/).map(Number) ?? [];
  return (idle + waiting) * 10;
}

async function bytesBelow(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
