/** Where a store lies: whether SQLite can be relied on there, and how much space is left. */

import { readFileSync, realpathSync, statfsSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';

/**
 * File systems whose files other machines or a host may change too, by the `f_type` that statfs gives on Linux. SQLite's
 * write-ahead log needs memory that all its readers share and locks that hold, and over a network there is neither:
 * https://www.sqlite.org/wal.html, "all processes using a database must be on the same host computer".
 *
 * The numbers are those of `linux/magic.h` and of the table in GNU coreutils' `src/stat.c`, which marks remote ones.
 */
const networkTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, 'nfs'],
  [0x517b, 'smb'],
  [0xff534d42, 'cifs'],
  [0xfe534d42, 'smb2'],
  [0x01021997, '9p'],
  [0x5346414f, 'afs'],
  [0x6b414653, 'kafs'],
  [0x73757245, 'coda'],
  [0x564c, 'ncp'],
  [0x00c36400, 'ceph'],
  [0x0bd00bd0, 'lustre'],
  [0x47504653, 'gpfs'],
  [0x19830326, 'beegfs'],
  [0x20030528, 'orangefs'],
  [0xaad7aaea, 'panfs'],
  [0x61636673, 'acfs'],
  [0x013111a8, 'ibrix'],
  [0xbeefdead, 'snfs'],
  [0x7461636f, 'ocfs2'],
  [0x01161970, 'gfs2'],
  [0xbacbacbc, 'vmhgfs'],
  [0x786f4256, 'vboxsf'],
  [0x7c7c6673, 'prl_fs'],
]);

/** All programs that serve files behind FUSE have one type; the kernel names some of them in the table of mounts. */
const FUSE_TYPE = 0x65735546;
const networkPrograms: readonly string[] = [
  'sshfs',
  's3fs',
  'goofys',
  'gcsfuse',
  'blobfuse',
  'blobfuse2',
  'rclone',
  'glusterfs',
  'ceph',
  'ceph-fuse',
  'davfs',
  'davfs2',
  'curlftpfs',
  'smbnetfs',
  'juicefs',
  'seaweedfs',
  'moosefs',
  'mfs',
  'lizardfs',
  'hdfs',
  'gvfsd-fuse',
  'grpcfuse',
];

/** What keeps a store from lying in a directory: the name of a network file system; null where none is known. */
export function networkFileSystemAt(directory: string): string | null {
  if (process.platform !== 'linux') return null;
  const { type } = statfsSync(directory);
  return networkFileSystem(type, () => readFileSync('/proc/self/mountinfo', 'utf8'), realpathSync(directory));
}

/** `mounts` gives `/proc/self/mountinfo`, whose format proc(5) describes; it is read only where the type does not tell enough. */
export function networkFileSystem(type: number, mounts: () => string, directory: string): string | null {
  // Some file systems sign-extend their type.
  const unsigned = type >>> 0;
  if (unsigned !== FUSE_TYPE) return networkTypes.get(unsigned) ?? null;
  const name = mountedAs(mounts(), directory);
  return name !== null && networkPrograms.includes(name.replace(/^fuse\./, '')) ? name : null;
}

/** The type of the innermost mount that the directory is in. */
function mountedAs(mountinfo: string, directory: string): string | null {
  let best: { readonly point: string; readonly type: string } | null = null;
  for (const line of mountinfo.split('\n')) {
    const fields = line.split(' ');
    const [point, type] = [unescape(fields[4] ?? ''), fields[fields.indexOf('-') + 1]];
    if (point === '' || type === undefined) continue;
    const isAround = directory === point || directory.startsWith(point.endsWith(sep) ? point : point + sep);
    // Of two mounts at one place the later one is seen.
    if (isAround && point.length >= (best?.point.length ?? 0)) best = { point, type };
  }
  return best?.type ?? null;
}

/** The kernel writes blanks in the names of directories as octal numbers. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Bytes that this user can still write where the file lies, or would lie. */
export function freeBytes(file: string): number {
  const { bavail, bsize } = statfsSync(dirname(resolve(file)));
  return bavail * bsize;
}
