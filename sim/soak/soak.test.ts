import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

const soak = fileURLToPath(new URL('./soak.ts', import.meta.url));

it('a soak of three seconds ends with every counter as arithmetic says', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', soak, '--minutes', '0.05', '--seed', '1'],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /^\d+ programs, \d+ acknowledgements/m);
  assert.match(stdout, /^0 lost, 0 repeated, 0 other faults$/m);
});
