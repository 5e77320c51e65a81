/** The whole pipeline as a user runs it: the command line in a process of its own, a model behind a real socket. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeSamples, scoreSamples, type Samples } from '../src/index.ts';
import type { Validation } from '../src/validate/verdict.ts';
import { startOpenAiServer, type OpenAiServer, type ServerOptions } from './openai-server.ts';

const commandLine = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url));
const key = 'sk-never-to-be-seen-0123456789';

let root = '';
let samples: Samples;
let server: OpenAiServer;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'books-run-'));
  samples = await makeSamples(join(root, 'samples'), { count: 4, seed: 2 });
});
afterEach(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

interface Ended {
  readonly status: number;
  readonly output: string;
  readonly batch: string;
  readonly validations: readonly Validation[];
}

async function whenRun(behaviour: ServerOptions): Promise<Ended> {
  server = await startOpenAiServer(behaviour);
  const out = join(root, 'out');
  const args = [commandLine, 'run', 'books', samples.folder, '--out', out, '--home', join(root, 'home'), '--progress', 'plain'];
  const env = { ...process.env, OPENAI_API_KEY: key, OPENAI_BASE_URL: server.baseUrl };
  const { status, output } = await new Promise<{ status: number; output: string }>((done) => {
    execFile(process.execPath, args, { env, maxBuffer: 1 << 24 }, (error, stdout, stderr) =>
      done({ status: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    );
  });
  const [batch = ''] = await readdir(join(out, 'validate')).catch(() => assert.fail(output));
  const ids = await readdir(join(out, 'validate', batch));
  const validations = await Promise.all(
    ids.sort().map(async (id) => JSON.parse(await readFile(join(out, 'validate', batch, id, 'validation.json'), 'utf8')) as Validation),
  );
  return { status, output, batch, validations };
}

async function everyFile(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
  );
  return texts.join('\n');
}

describe('a run over sample books', () => {
  it('lets the model judge: two calls a second, never more than four at once, trying again where it failed', async () => {
    const stumbles = ['429', 'broken', '500'];
    const { status, output, batch, validations } = await whenRun({
      behave: () => {
        const stumble = stumbles.shift();
        if (stumble === 'broken') return { type: 'body', text: '{' };
        return stumble === undefined ? { type: 'answer', delayMs: 600 } : { type: 'status', status: Number(stumble), retryAfter: '1' };
      },
    });

    assert.equal(status, 0, output);
    assert.deepEqual(
      validations.map(({ method, model, fallback }) => [method, model, fallback]),
      samples.truth.books.map(() => ['ai', 'gpt-4o-mini', null]),
    );
    assert.ok(
      validations.every(
        (validation) =>
          validation.roles.length ===
          validation.counts.parts +
            validation.counts.chapters +
            validation.counts.sections +
            validation.counts.front +
            validation.counts.back,
      ),
    );
    const { calls } = server;
    assert.ok(calls.length > 8 && server.maxConcurrent() <= 4);
    // Two calls a second: however late a call arrives, so many cannot have been let go sooner.
    assert.ok(
      (calls.at(-1)?.at ?? 0) - (calls[0]?.at ?? 0) > (calls.length - 2) * 500 - 500,
      calls.map((call) => Math.round(call.at)).join(' '),
    );
    const score = await scoreSamples(samples.truth, join(root, 'out'), batch);
    assert.equal(score.asExpected, 4);
  });

  it('lets rules judge where the service refuses, says so, and tells nobody the key', async () => {
    const { status, output, validations } = await whenRun({
      behave: () => ({ type: 'status', status: 401, message: `Incorrect API key provided: ${key}` }),
    });

    assert.equal(status, 0, output);
    assert.equal(validations.length, 4);
    for (const { method, fallback } of validations) {
      assert.equal(method, 'rules');
      assert.match(fallback ?? '', /agent\.refused/);
    }
    assert.ok(!output.includes(key) && !(await everyFile(root)).includes(key));
  });
});
