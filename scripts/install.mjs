/**
 * Brings `node_modules` to what `package-lock.json` says, once, whoever asks first: the launcher and `npm test` share it.
 *
 * 1. npm's own record (`node_modules/.package-lock.json`, written when an installation is complete) decides whether
 *    anything is missing; our stamp, a copy of the lock file, only lets the launcher see it without starting a Node.
 * 2. One installation at a time: a lock file that its holder keeps fresh; a holder that died is replaced.
 * 3. Nothing is printed but one line, unless the installation fails.
 */

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The host cannot run the project; the message says why and what to do. */
export class Refusal extends Error {}

const isWindows = process.platform === 'win32';
const root = fileURLToPath(new URL('..', import.meta.url));
const lockFile = join(root, 'package-lock.json');
const stampFile = join(root, 'node_modules', '.scriptorium-lock.json');
const ownNode = join(root, 'node_modules', '.bin', isWindows ? 'node.cmd' : 'node');

const npmOptions = ['--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/** As in the launcher; both generations of the heap are kept small for the reasons in docs/performance.md. */
const nodeOptions = ['--max-semi-space-size=4', '--heap-growing-percent=40', '--disable-warning=ExperimentalWarning'];
/** As in the launcher, for the same reason. */
const memoryEnvironment = { MALLOC_ARENA_MAX: '2' };

/** First release with an SQLite that is free of the write-ahead log corruption bug (3.51.3). */
const oldestNode = [24, 15];

/** A waiting process takes over when the holder has not touched the lock for this long. */
const staleAfterMs = 15_000;
const touchEveryMs = 2_000;
const pollEveryMs = 200;

/** Installs if needed and returns the path of a Node that runs the project. */
export async function install() {
  if (!isStamped()) await locked(installOnce);
  return chooseNode();
}

/** Runs a script of the project; this process then ends as the script did. */
export async function run(node, script, rest) {
  const child = spawn(node, [...nodeOptions, join(root, script), ...rest], {
    stdio: 'inherit',
    shell: isWindows,
    env: { ...memoryEnvironment, ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${isWindows ? ';' : ':'}${process.env.PATH}` },
  });
  // A terminal sends an interrupt to both; the child decides what it means.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (...end) => resolve(end));
  });
  process.exitCode = signal === null ? code : 1;
}

async function installOnce() {
  if (isStamped()) return;
  if (!isInstalled()) {
    console.error('Installing what is missing (once)…');
    await npmCi();
  }
  if (existsSync(ownNode) && !works(ownNode)) rmSync(ownNode);
  copyFileSync(lockFile, stampFile);
}

async function npmCi() {
  // npm would otherwise take settings from a production environment around us.
  const options = { cwd: root, shell: isWindows, env: { ...process.env, NODE_ENV: '' } };
  const npm = spawn(isWindows ? 'npm.cmd' : 'npm', ['ci', ...npmOptions], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  npm.stdout.on('data', (chunk) => (output += chunk));
  npm.stderr.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => npm.once('error', reject).once('close', resolve)).catch((error) => {
    const cause = error.code === 'ENOENT' ? 'is not on the PATH' : `could not be started (${error.message})`;
    throw new Refusal(`npm is needed for the first use and ${cause}: install it with Node 24 from https://nodejs.org.`);
  });
  if (code === 0) return;
  process.stderr.write(output);
  throw new Refusal('`npm ci` failed, see above; once the cause is mended, run the same command again.');
}

function isStamped() {
  return existsSync(stampFile) && readFileSync(stampFile).equals(readFileSync(lockFile));
}

/** Whether npm's record of what lies in `node_modules` holds every package of the lock file. */
function isInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const present = JSON.parse(readFileSync(record, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (path === '' || !path.includes('node_modules/')) return true;
    const found = present[path];
    return found === undefined ? optional === true : found.version === version && found.link === link;
  });
}

function chooseNode() {
  if (existsSync(ownNode)) return ownNode;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return process.execPath;
  throw new Refusal(
    `there is no packaged Node for ${process.platform}-${process.arch}, and this one (${process.versions.node}) is too old: install Node ${oldestNode.join('.')} or newer from https://nodejs.org.`,
  );
}

function works(node) {
  return spawnSync(node, ['--version'], { shell: isWindows }).status === 0;
}

async function locked(work) {
  const path = join(root, '.scriptorium', 'install.lock');
  mkdirSync(join(root, '.scriptorium'), { recursive: true });
  while (!take(path)) {
    dropStale(path);
    await sleep(pollEveryMs);
  }
  const drop = () => rmSync(path, { force: true });
  process.once('exit', drop);
  const touch = setInterval(() => touchFile(path), touchEveryMs);
  try {
    await work();
  } finally {
    clearInterval(touch);
    drop();
    process.removeListener('exit', drop);
  }
}

function take(path) {
  try {
    closeSync(openSync(path, 'wx'));
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function touchFile(path) {
  const now = new Date();
  if (existsSync(path)) utimesSync(path, now, now);
}

/** Removes a lock whose holder is gone; the rename lets only one of several waiting processes through. */
function dropStale(path) {
  if (ageMs(path) < staleAfterMs) return;
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    // Another waiting process was quicker and what was renamed is its new lock: put it back.
    if (ageMs(aside) < staleAfterMs) renameSync(aside, path);
    rmSync(aside, { force: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function ageMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 0 : Date.now() - stat.mtimeMs;
}
