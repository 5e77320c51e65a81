/**
 * Where the files of one attempt lie, and the directory walk that keeps them there.
 *
 * 1. Every file lies below `<out>/<stage>/<batch>/`, or `<out>_test/<stage>/<batch>/` when the run is a test.
 * 2. No symbolic link below the output root is followed, not even one that is put there while we write.
 * 3. A test root that leads into the production root is refused.
 */

import { closeSync, constants, fsyncSync, mkdirSync, openSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, join, resolve, sep } from 'node:path';
import { StepError } from '@scriptorium/core';

export interface OutputRoot {
  /** The output root as the user gave it, without the test suffix. */
  readonly out: string;
  readonly test: boolean;
}

export interface OutputPlace extends OutputRoot {
  readonly stage: string;
  readonly batch: string;
  /** A dry run: nothing may be written at all. */
  readonly dryRun?: true;
}

/** What a handler is told that wants to write in a dry run. */
export const DRY_RUN_REFUSAL = 'a dry run writes nothing';

/** A directory that is held open, so that nothing can be exchanged for it while it is used. */
export interface HeldDirectory {
  /** The way to reach its entries: through the open descriptor where the system allows it. */
  readonly path: string;
  readonly sync: () => void;
  readonly close: () => void;
}

/** The most bytes of one path segment that common file systems take. */
const MAX_SEGMENT_BYTES = 255;
const MAX_SEGMENTS = 16;

/** Names of the engine's own temporary files; nobody else may use them. */
export const TEMPORARY_PREFIX = '.scriptorium-';

/** The absolute directory below which a run's artifacts lie. */
export function outputRoot({ out, test }: OutputRoot): string {
  const root = resolve(out);
  return test ? `${root}_test` : root;
}

/** Why `out` cannot be an output root; null when it can. */
export function refuseOutputRoot(out: string): string | null {
  const name = basename(resolve(out));
  if (name.endsWith('_test')) return `${out} ends in \`_test\`: that is where test runs write; name the root without it`;
  return name === '' ? 'the root of the file system cannot be an output root' : null;
}

/**
 * The segments of a relative path of plain names, in composed Unicode form. Raises `contract.output` for everything that
 * could lead elsewhere on any system: `..`, absolute paths, backslashes, drive letters, device names, control characters.
 */
export function plainSegments(name: string): readonly string[] {
  if (!name.isWellFormed()) throw refused(name, 'it is not text');
  const segments = name.normalize('NFC').split('/');
  if (segments.length > MAX_SEGMENTS) throw refused(name, `it has more than ${MAX_SEGMENTS} segments`);
  for (const segment of segments) {
    const fault = segmentFault(segment);
    if (fault !== null) throw refused(name, fault);
  }
  return segments;
}

function segmentFault(segment: string): string | null {
  if (segment === '') return 'it is absolute or has an empty segment';
  if (segment === '.' || segment === '..') return `\`${segment}\` is not a plain segment`;
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for.
  if (/[\u0000-\u001f\u007f]/.test(segment)) return 'it contains a control character';
  if (segment.includes('\\')) return 'it contains a backslash';
  if (/^[a-z]:/i.test(segment)) return 'it names a drive';
  if (process.platform === 'win32' && /[:*?"<>|]/.test(segment)) return 'it contains one of : * ? " < > |';
  if (/[. ]$/.test(segment)) return 'a segment ends in a dot or a space';
  if (/^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i.test(segment)) return `\`${segment}\` is the name of a device`;
  if (segment.startsWith(TEMPORARY_PREFIX)) return `names that begin with \`${TEMPORARY_PREFIX}\` are the engine's own`;
  return Buffer.byteLength(segment) > MAX_SEGMENT_BYTES ? `a segment is longer than ${MAX_SEGMENT_BYTES} bytes` : null;
}

function refused(name: string, why: string): StepError {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  return new StepError('contract.output', `the output name ${JSON.stringify(shown)} is refused: ${why}`, {
    fix: 'Use a relative path of plain names, such as `chapters/1.txt`.',
  });
}

/** Opens, and where necessary creates, the directory `segments` below the place's root. Raises `io`. */
export function holdDirectory(place: OutputRoot, segments: readonly string[]): HeldDirectory {
  const root = outputRoot(place);
  const fault = place.test ? null : refuseOutputRoot(place.out);
  if (fault !== null) throw new StepError('fatal', fault);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const real = realpathSync(root);
  if (place.test) refuseProduction(root, real, resolve(place.out));
  return constants.O_DIRECTORY !== undefined && process.platform === 'linux' ? walkHeld(real, segments) : walkPlain(real, segments);
}

function refuseProduction(root: string, real: string, out: string): void {
  let production: string;
  try {
    production = realpathSync(out);
  } catch {
    return;
  }
  if (real !== production && !real.startsWith(production + sep) && !production.startsWith(real + sep)) return;
  throw new StepError('io', `the test root ${root} leads to ${real}, which belongs to the production root ${production}`, {
    fix: `Remove the link ${root}, or choose another \`--out\`.`,
  });
}

const OPEN_DIRECTORY = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Each step goes through the descriptor of the directory before it: no path is resolved twice. */
function walkHeld(root: string, segments: readonly string[]): HeldDirectory {
  let held = openSync(root, OPEN_DIRECTORY);
  try {
    for (const segment of segments) {
      const path = `/proc/self/fd/${held}/${segment}`;
      if (makeDirectory(path)) fsyncSync(held);
      const next = openPlain(path, segment);
      closeSync(held);
      held = next;
    }
  } catch (error) {
    closeSync(held);
    throw error;
  }
  const real = readlinkSync(`/proc/self/fd/${held}`);
  if (real !== root && !real.startsWith(root === sep ? sep : root + sep)) {
    closeSync(held);
    throw new StepError('io', `${join(root, ...segments)} leads out of the output root to ${real}`);
  }
  return { path: `/proc/self/fd/${held}`, sync: () => fsyncSync(held), close: () => closeSync(held) };
}

/** Where descriptors have no paths, each directory is checked before and the whole after. */
function walkPlain(root: string, segments: readonly string[]): HeldDirectory {
  let path = root;
  for (const segment of segments) {
    path = join(path, segment);
    makeDirectory(path);
    if (realpathSync(path) !== path) throw linked(segment);
  }
  const sync = (): void => {
    if (process.platform === 'win32') return;
    const held = openSync(path, OPEN_DIRECTORY);
    fsyncSync(held);
    closeSync(held);
  };
  return { path, sync, close: () => undefined };
}

function makeDirectory(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function openPlain(path: string, segment: string): number {
  try {
    return openSync(path, OPEN_DIRECTORY);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ELOOP' || code === 'ENOTDIR' ? linked(segment) : error;
  }
}

function linked(segment: string): StepError {
  return new StepError('io', `\`${segment}\` in the output root is a link or a file, not a directory`, {
    fix: 'Remove it, or choose another `--out`.',
  });
}
