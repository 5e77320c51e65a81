import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { networkFileSystem, networkFileSystemAt } from './place.ts';

const unread = (): string => {
  throw new Error('the table of mounts is not needed');
};

test('network file systems are known by their type, however the kernel extends its sign', () => {
  const known = [0x6969, 0xff534d42, 0xff534d42 - 2 ** 32, 0xfe534d42, 0x01021997, 0x00c36400];
  assert.deepEqual(
    known.map((type) => networkFileSystem(type, unread, '/data')),
    ['nfs', 'cifs', 'cifs', 'smb2', '9p', 'ceph'],
  );
});

test('ext4, xfs, btrfs, tmpfs and overlays are not', () => {
  for (const type of [0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630]) assert.equal(networkFileSystem(type, unread, '/data'), null);
  assert.equal(networkFileSystemAt(tmpdir()), null);
});

test('of what programs serve, the innermost mount tells', () => {
  const fuse = 0x65735546;
  const mounts = [
    '22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
    '90 22 0:50 / /mnt/far rw,nosuid shared:2 - fuse.sshfs me@host:/srv rw',
    '91 22 0:51 / /mnt/far/with\\040blank rw - fuse.gocryptfs /plain rw',
    '92 22 0:52 / /mnt/near rw - fuseblk /dev/sdb1 rw',
  ].join('\n');
  const at = (directory: string): string | null => networkFileSystem(fuse, () => mounts, directory);
  assert.deepEqual([at('/mnt/far'), at('/mnt/far/store')], ['fuse.sshfs', 'fuse.sshfs']);
  assert.deepEqual([at('/mnt/far/with blank/store'), at('/mnt/near/store'), at('/mnt/farther')], [null, null, null]);
});
