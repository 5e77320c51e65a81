/** A disk of its own for a store: an image with ext4 that can lose its power, fill up and turn read-only. Linux and root only. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/**
 * How the filesystem goes down (`EXT4_IOC_SHUTDOWN`): after writing all, after writing its own log, or at once with
 * nothing written that was not synced.
 */
export const cuts = { default: 0, logflush: 1, nologflush: 2 } as const;
export type Cut = keyof typeof cuts;

/** `_IOR('X', 125, __u32)`. */
const SHUTDOWN = 0x8004587d;

export interface Disk {
  /** Where it is mounted. */
  readonly path: string;
  readonly cut: (how: Cut) => void;
  /** As its errors make it: nothing can be written any more. */
  readonly freeze: () => void;
  /** Takes all of its free space; returns how to give it back. */
  readonly fill: () => () => void;
  /** Unmounts, checks and mounts it again, as a machine that starts does. */
  readonly restart: () => void;
  readonly remove: () => void;
}

export function makeDisk(megabytes: number): Disk {
  const memory = '/dev/shm';
  const directory = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'scriptorium-disk-'));
  const [image, path] = [join(directory, 'image'), join(directory, 'mount')];
  writeFileSync(image, '');
  truncateSync(image, megabytes * 1024 * 1024);
  mkdirSync(path);
  command('mkfs.ext4', '-q', '-F', '-m', '0', image);
  const mount = (): string => command('mount', '-o', 'loop,errors=remount-ro', image, path);
  mount();
  return {
    path,
    cut: (how) => shutDown(path, cuts[how]),
    freeze: () => {
      const device = command('findmnt', '-n', '-o', 'SOURCE', path).trim();
      writeFileSync(join('/sys/fs/ext4', basename(device), 'trigger_fs_error'), '1');
    },
    fill: () => {
      const filler = join(path, 'filler');
      spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k', 'conv=fsync']);
      spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=512', 'oflag=append', 'conv=notrunc']);
      return () => rmSync(filler);
    },
    restart: () => {
      command('umount', path);
      // 1: errors were mended, as expected after a fault of the disk.
      const checked = spawnSync('e2fsck', ['-p', image]);
      if (checked.error === undefined && (checked.status ?? 0) > 1) throw new Error(`e2fsck: ${checked.stdout.toString()}`);
      mount();
    },
    remove: () => {
      spawnSync('umount', [path]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Node has no `ioctl`, so whichever of two common interpreters is there does it. */
function shutDown(path: string, flag: number): void {
  const perl = `open(D, '<', $ARGV[0]) or die $!; my $f = pack('L', $ARGV[1]); ioctl(D, ${SHUTDOWN}, $f) or die $!`;
  const python = `import fcntl,os,struct,sys; fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), ${SHUTDOWN}, struct.pack('I', int(sys.argv[2])))`;
  // Perl reads a directory's handle with `opendir` only, so the call is made on a file of the disk.
  const file = join(path, readdirSync(path).find((name) => statSync(join(path, name)).isFile()) ?? anchorOn(path));
  const made = spawnSync('perl', ['-e', perl, file, String(flag)]);
  if (made.error !== undefined) command('python3', '-c', python, path, String(flag));
  else if (made.status !== 0) throw new Error(`the disk could not be shut down: ${made.stderr.toString()}`);
}

function anchorOn(path: string): string {
  writeFileSync(join(path, 'anchor'), '');
  return 'anchor';
}

function command(name: string, ...args: readonly string[]): string {
  const { status, error, stdout, stderr } = spawnSync(name, args);
  if (error !== undefined || status !== 0) throw new Error(`${name} ${args.join(' ')}: ${error?.message ?? stderr.toString().trim()}`);
  return stdout.toString();
}

/** Why no disk of its own can be made here, or null. */
export function lacksDisks(): string | null {
  if (process.platform !== 'linux') return 'a disk of its own needs Linux';
  if (process.getuid?.() !== 0) return 'a disk of its own needs root';
  try {
    const disk = makeDisk(8);
    try {
      disk.cut('nologflush');
      disk.restart();
    } finally {
      disk.remove();
    }
    return null;
  } catch (error) {
    return `a disk of its own cannot be made: ${(error as Error).message}`;
  }
}
