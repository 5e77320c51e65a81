import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { StepError } from '@scriptorium/core';
import { artifactsBelow, attemptOutputs, linkArtifact, removeLeftovers } from './artifacts.ts';
import { outputRoot, plainSegments, refuseOutputRoot, TEMPORARY_PREFIX } from './output-place.ts';
import type { OutputPlace } from './output-place.ts';

const scratch = mkdtempSync(join(tmpdir(), 'artifacts-'));
after(() => rmSync(scratch, { recursive: true }));

let places = 0;
function newPlace(test = false): OutputPlace {
  places += 1;
  return { out: join(scratch, `case-${places}`, 'out'), test, stage: 'clean', batch: 'b1' };
}

function code(error: unknown): string {
  return error instanceof StepError ? error.code : `not a StepError: ${String(error)}`;
}

/** Every file and link below a directory, for what must not appear there. */
function listing(dir: string): readonly string[] {
  return existsSync(dir) ? readdirSync(dir, { recursive: true }).map(String).toSorted() : [];
}

test('a file is placed by stage and batch, with its hash and lineage', async () => {
  const place = newPlace();
  const outputs = attemptOutputs(place);

  const ref = await outputs.write('chapters/1.txt', 'Grüße', {
    from: ['/in/a.txt', { path: 'x', hash: `sha256:${'0'.repeat(64)}`, bytes: 1 }],
  });

  assert.deepEqual(ref, { path: 'clean/b1/chapters/1.txt', hash: ref.hash, bytes: 7 });
  assert.equal(readFileSync(join(place.out, ref.path), 'utf8'), 'Grüße');
  assert.deepEqual(outputs.records(), [{ ...ref, stage: 'clean', from: ['file:/in/a.txt', `sha256:${'0'.repeat(64)}`] }]);
  assert.equal(await artifactsBelow(place).readText(ref), 'Grüße');
  assert.equal(artifactsBelow(place).locate(ref), join(place.out, 'clean/b1/chapters/1.txt'));
  assert.equal(statSync(join(place.out, ref.path)).mode & 0o777, 0o600);
  assert.deepEqual(listing(join(place.out, 'clean', 'b1')), ['chapters', 'chapters/1.txt'], 'no temporary files stay');
});

test('a later attempt replaces the file of an earlier one', async () => {
  const place = newPlace();
  await attemptOutputs(place).write('a.txt', 'first');
  const ref = await attemptOutputs(place).write('a.txt', 'second');
  assert.equal(await artifactsBelow(place).readText(ref), 'second');
});

test('one attempt writes a name once, and nothing after its end', async () => {
  const outputs = attemptOutputs(newPlace());
  await outputs.write('a.txt', '1');
  await assert.rejects(outputs.write('a.txt', '2'), (error) => code(error) === 'contract.output' && /twice/.test(String(error)));
  await assert.rejects(outputs.write('A.TXT', '2'), (error) => code(error) === 'contract.output');
  outputs.close();
  await assert.rejects(outputs.write('b.txt', '1'), (error) => code(error) === 'cancelled');
  assert.equal(outputs.records().length, 1);
});

test('a write that is under way when the attempt ends leaves nothing', async () => {
  const place = newPlace();
  const outputs = attemptOutputs(place);
  const writing = outputs.write('late.txt', 'x'.repeat(1_000_000));
  outputs.close();
  await assert.rejects(writing, (error) => code(error) === 'cancelled');
  assert.deepEqual(listing(join(place.out, 'clean', 'b1')), []);
});

const badNames = [
  '',
  '.',
  '..',
  '../x',
  'a/../x',
  'a/..',
  '/etc/x',
  '//x',
  'a//b',
  'a/',
  './a',
  '../out_test/x',
  '..\\x',
  'a\\..\\b',
  'C:/x',
  'c:x',
  '\\\\server\\share',
  'a\0b',
  'a\nb',
  '\u007f',
  'CON',
  'nul',
  'aux.txt',
  'Com1',
  'lpt9.log',
  'COM¹',
  'a/PRN/b',
  'dot.',
  'space ',
  'a /b',
  'x'.repeat(256),
  'é'.repeat(128),
  `${TEMPORARY_PREFIX}x`,
  '\ud800',
  Array.from({ length: 17 }, () => 'a').join('/'),
];

for (const name of badNames) {
  test(`the name ${JSON.stringify(name.slice(0, 30))} is refused`, async () => {
    const place = newPlace();
    await assert.rejects(attemptOutputs(place).write(name, 'x'), (error) => code(error) === 'contract.output');
    assert.deepEqual(listing(join(place.out, '..')), []);
  });
}

test('whatever name is accepted stays below the batch', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[./\\a-c:\0 ]{0,12}$/)), (name) => {
      let segments: readonly string[];
      try {
        segments = plainSegments(name);
      } catch (error) {
        assert.equal(code(error), 'contract.output');
        return;
      }
      const path = join('/root/out', ...segments);
      assert.ok(path.startsWith('/root/out/') && path.split('/').length === segments.length + 3, path);
    }),
  );
});

test('composed and decomposed forms of a name are the same file', async () => {
  const outputs = attemptOutputs(newPlace());
  assert.equal((await outputs.write('e\u0301.txt', 'x')).path, 'clean/b1/\u00e9.txt');
  await assert.rejects(outputs.write('\u00e9.txt', 'y'), (error) => code(error) === 'contract.output');
});

for (const linked of ['clean', 'clean/b1', 'clean/b1/sub']) {
  test(`a symbolic link at ${linked} is not followed`, async () => {
    const place = newPlace();
    const outside = join(scratch, `outside-${places}`);
    mkdirSync(outside);
    mkdirSync(join(place.out, linked, '..'), { recursive: true });
    symlinkSync(outside, join(place.out, linked));

    await assert.rejects(attemptOutputs(place).write('sub/a.txt', 'x'), (error) => code(error) === 'io' && /link/.test(String(error)));

    assert.deepEqual(listing(outside), []);
  });
}

test('a link at the file itself is replaced, not written through', async () => {
  const place = newPlace();
  const outside = join(scratch, `target-${places}`);
  writeFileSync(outside, 'precious');
  mkdirSync(join(place.out, 'clean', 'b1'), { recursive: true });
  symlinkSync(outside, join(place.out, 'clean', 'b1', 'a.txt'));

  const ref = await attemptOutputs(place).write('a.txt', 'x');

  assert.equal(readFileSync(outside, 'utf8'), 'precious');
  assert.equal(lstatSync(join(place.out, ref.path)).isSymbolicLink(), false);
});

test('a parent that is exchanged for a link all the time lets nothing out', { skip: process.platform !== 'linux' }, async () => {
  const place = newPlace();
  const outside = join(scratch, `swap-${places}`);
  mkdirSync(outside);
  const dir = join(place.out, 'clean', 'b1', 'sub');
  mkdirSync(dir, { recursive: true });
  const code_ = `
    import { renameSync, rmSync, symlinkSync } from 'node:fs';
    const dir = ${JSON.stringify(dir)};
    const attempt = (work) => { try { work(); } catch {} };
    for (;;) {
      attempt(() => renameSync(dir, dir + '.away'));
      attempt(() => symlinkSync(${JSON.stringify(outside)}, dir));
      attempt(() => rmSync(dir, { recursive: true }));
      attempt(() => renameSync(dir + '.away', dir));
    }`;
  const swapper = spawn(process.execPath, ['--input-type=module', '--eval', code_], { stdio: 'ignore' });
  const ended = once(swapper, 'close');
  let written = 0;
  // Each write is synced, which takes long while the disk is busy with the exchanging.
  const deadline = performance.now() + 5_000;
  try {
    for (let round = 0; (round < 400 && performance.now() < deadline) || written === 0; round += 1) {
      await attemptOutputs(place)
        .write('sub/a.txt', 'x')
        .then(
          () => (written += 1),
          () => undefined,
        );
    }
  } finally {
    swapper.kill('SIGKILL');
    await ended;
  }

  assert.deepEqual(listing(outside), []);
  assert.ok(written > 0);
});

test('a test run writes below the test root only', async () => {
  const place = newPlace(true);
  const ref = await attemptOutputs(place).write('a.txt', 'x');
  assert.equal(outputRoot(place), `${place.out}_test`);
  assert.equal(outputRoot({ ...place, out: `${place.out}/` }), `${place.out}_test`, 'a trailing slash does not lead into production');
  assert.ok(existsSync(join(`${place.out}_test`, ref.path)));
  assert.equal(existsSync(place.out), false);
  assert.throws(
    () => artifactsBelow(place).locate({ ...ref, path: '../out/clean/b1/a.txt' }),
    (error) => code(error) === 'contract.output',
  );
});

for (const [name, target] of [
  ['to the production root', ''],
  ['into it', 'clean'],
] as const) {
  test(`a test root that is a link ${name} is refused`, async () => {
    const place = newPlace(true);
    mkdirSync(join(place.out, 'clean'), { recursive: true });
    symlinkSync(join(place.out, target), `${place.out}_test`);
    await assert.rejects(attemptOutputs(place).write('a.txt', 'x'), (error) => code(error) === 'io' && /production/.test(String(error)));
    assert.deepEqual(listing(place.out), ['clean']);
  });
}

test('a production root cannot lie where tests write', async () => {
  assert.match(refuseOutputRoot('/data/out_test/') ?? '', /_test/);
  assert.match(refuseOutputRoot('/') ?? '', /root/);
  assert.equal(refuseOutputRoot('/data/out'), null);
  const place = newPlace();
  await assert.rejects(attemptOutputs({ ...place, out: `${place.out}_test` }).write('a.txt', 'x'), (error) => code(error) === 'fatal');
  assert.equal(existsSync(`${place.out}_test`), false);
});

test('an artifact that was changed or removed is not read', async () => {
  const place = newPlace();
  const ref = await attemptOutputs(place).write('a.txt', 'original');
  const file = join(place.out, ref.path);
  writeFileSync(file, 'changed!');
  await assert.rejects(artifactsBelow(place).read(ref), (error) => code(error) === 'io' && /changed/.test(String(error)));
  unlinkSync(file);
  await assert.rejects(artifactsBelow(place).read(ref), (error) => code(error) === 'io');
});

test('an earlier artifact is taken over by a link, again and again, unless it was changed', async () => {
  const place = newPlace();
  const outputs = attemptOutputs(place);
  await outputs.write('sub/a.txt', 'kept', { from: ['/in'] });
  const [record] = outputs.records();
  assert.ok(record);
  const later = { ...place, batch: 'b2' };

  const linked = await linkArtifact(place.out, record, later);

  assert.deepEqual(linked, { ...record, path: 'clean/b2/sub/a.txt' });
  assert.equal(statSync(join(place.out, 'clean/b2/sub/a.txt')).ino, statSync(join(place.out, record.path)).ino);
  assert.deepEqual(await linkArtifact(place.out, record, later), linked);
  assert.deepEqual(listing(join(place.out, 'clean', 'b2')), ['sub', 'sub/a.txt']);
  await attemptOutputs(later).write('sub/a.txt', 'new');
  assert.equal(readFileSync(join(place.out, record.path), 'utf8'), 'kept', 'writing replaces the link, not the shared file');
  writeFileSync(join(place.out, record.path), 'hurt');
  assert.equal(await linkArtifact(place.out, record, { ...place, batch: 'b3' }), null);
});

test('leftovers of a killed engine are removed, and only they', async () => {
  const place = newPlace();
  const ref = await attemptOutputs(place).write('sub/a.txt', 'x');
  const dir = join(place.out, 'clean', 'b1', 'sub');
  linkSync(join(place.out, ref.path), join(dir, `${TEMPORARY_PREFIX}0123.tmp`));
  renameSync(join(dir, `${TEMPORARY_PREFIX}0123.tmp`), join(dir, `${TEMPORARY_PREFIX}4567.tmp`));

  assert.equal(await removeLeftovers(place, 'other'), 0);
  assert.equal(await removeLeftovers(place, 'b1'), 1);
  assert.deepEqual(listing(dir), ['a.txt']);
  assert.equal(await removeLeftovers({ out: join(scratch, 'absent'), test: false }, 'b1'), 0);
});

test('leftovers that another engine removes at the same time are no failure, and each is counted once', async () => {
  const place = newPlace();
  await attemptOutputs(place).write('a.txt', 'x');
  const dir = join(place.out, 'clean', 'b1');
  for (let left = 0; left < 50; left += 1) linkSync(join(dir, 'a.txt'), join(dir, `${TEMPORARY_PREFIX}${left}.tmp`));
  const counts = await Promise.all([removeLeftovers(place, 'b1'), removeLeftovers(place, 'b1')]);
  assert.equal(counts[0] + counts[1], 50);
  assert.deepEqual(listing(dir), ['a.txt']);
});

test('SIGKILL in the middle of writing leaves whole files and leftovers, nothing torn', async () => {
  const place = newPlace();
  const module = fileURLToPath(new URL('./artifacts.ts', import.meta.url));
  const code_ = `
    import { attemptOutputs } from ${JSON.stringify(module)};
    const place = ${JSON.stringify(place)};
    console.log('ready');
    for (let round = 0; ; round += 1) {
      const outputs = attemptOutputs(place);
      await Promise.all([0, 1, 2, 3].map((n) => outputs.write(n + '.txt', String(round % 10).repeat(300_000))));
    }`;
  for (let round = 0; round < 4; round += 1) {
    const writer = spawn(process.execPath, ['--input-type=module-typescript', '--eval', code_], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(writer.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, 40 + 37 * round));
    writer.kill('SIGKILL');
    await once(writer, 'close');
  }
  const dir = join(place.out, 'clean', 'b1');
  for (const name of listing(dir).filter((file) => !file.startsWith(TEMPORARY_PREFIX))) {
    assert.match(readFileSync(join(dir, name), 'utf8'), /^(\d)\1{299999}$/, name);
  }
  await removeLeftovers(place, 'b1');
  assert.deepEqual(
    listing(dir).filter((file) => file.startsWith(TEMPORARY_PREFIX)),
    [],
  );
});
