import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CassetteError, cassetteSetting, fetchOf, recordTo, replayFrom, type Fetch } from './index.ts';

const secret = 'the-very-secret-value';

let folder = '';
let path = '';
let server: Server;
let base = '';
let calls = 0;
let respond: (request: IncomingMessage, response: ServerResponse, body: string) => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cassette-'));
  path = join(folder, 'calls.ndjson');
  calls = 0;
  respond = (_, response, body) => response.end(`you said ${body}`);
  server = createServer((request, response) => {
    calls += 1;
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => respond(request, response, body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await rm(folder, { recursive: true });
});

const ask = async (by: Fetch, body: unknown, headers: Record<string, string> = {}): Promise<string> => {
  const response = await by(`${base}/v1/chat?b=2&a=1`, { method: 'POST', headers, body: JSON.stringify(body) });
  return `${response.status} ${await response.text()}`;
};

const miss = (message: RegExp) => (error: unknown) =>
  error instanceof CassetteError && error.code === 'cassette.miss' && message.test(error.message);

describe('a cassette', () => {
  it('answers again what was recorded, and asks nobody', async () => {
    const recorded = await ask(recordTo(path)(fetch), { model: 'm', text: 'Grüße 🙂' });
    assert.equal(recorded, '200 you said {"model":"m","text":"Grüße 🙂"}');
    const replayed = replayFrom(path);
    const asked = calls;
    // The order of keys and parameters, the host, and the key of the account make no other question of it.
    const response = await replayed('https://elsewhere.example/v1/chat?a=1&b=2', {
      method: 'POST',
      headers: { authorization: 'Bearer another' },
      body: '{"text": "Grüße 🙂", "model": "m"}',
    });
    assert.deepEqual([response.status, await response.text(), calls], [200, 'you said {"model":"m","text":"Grüße 🙂"}', asked]);
  });

  it('gives streams in the pieces in which they came, also where a letter is cut in two', async () => {
    respond = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const bytes = Buffer.from('data: "ü"\n\n');
      response.write(bytes.subarray(0, 8));
      setTimeout(() => {
        response.write(bytes.subarray(8));
        setTimeout(() => response.end('data: [DONE]\n\n'), 20);
      }, 20);
    };
    const live = await ask(recordTo(path)(fetch), {});
    const response = await replayFrom(path)(`${base}/v1/chat?a=1&b=2`, { method: 'POST', body: '{}' });
    const pieces: string[] = [];
    for await (const piece of response.body ?? []) pieces.push(Buffer.from(piece as Uint8Array).toString());
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    assert.equal(`200 ${pieces.join('')}`, live);
    assert.ok(pieces.length >= 2, String(pieces.length));
  });

  it('gives answers to the same question in their order, then the last again', async () => {
    respond = (_, response) => {
      if (calls === 1) response.writeHead(429, { 'retry-after': '2', 'set-cookie': 'session=1' });
      response.end(`answer ${calls}`);
    };
    const recorder = recordTo(path)(fetch);
    await ask(recorder, 1);
    await ask(recorder, 1);
    const replayed = replayFrom(path);
    const first = await replayed(`${base}/v1/chat?a=1&b=2`, { method: 'POST', body: '1' });
    assert.deepEqual([first.status, first.headers.get('retry-after'), first.headers.get('set-cookie')], [429, '2', null]);
    assert.equal(await ask(replayed, 1), '200 answer 2');
    assert.equal(await ask(replayed, 1), '200 answer 2');
    assert.equal(calls, 2);
  });

  it('keeps failures of the connection, and nothing of what the caller gave up', async () => {
    const gone: Fetch = () =>
      Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }));
    await assert.rejects(ask(recordTo(path)(gone), 'lost'), TypeError);
    await assert.rejects(ask(replayFrom(path), 'lost'), (error: Error) => (error.cause as { code: string }).code === 'ECONNREFUSED');

    respond = (_, response) => response.write('half');
    const abort = new AbortController();
    const response = await recordTo(path)(fetch)(base, { signal: abort.signal });
    const reading = response.text();
    abort.abort();
    await assert.rejects(reading);
    await assert.rejects(replayFrom(path)(base), miss(/has no GET \/ like this one/));
  });

  it('holds no secret: not of headers, bodies, addresses or answers, nor one that is spread over pieces', async () => {
    respond = (_, response) => {
      response.write(`before ${secret.slice(0, 8)}`);
      setTimeout(() => response.end(`${secret.slice(8)} after, sk-abcdefghijklmnop too`), 20);
    };
    const recorder = recordTo(path, { secrets: [secret] })(fetch);
    const response = await recorder(`${base}/v1?key=plain-text-key&q=${secret}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, cookie: 'c=1' },
      body: JSON.stringify({ note: `use ${secret}`, quoted: `"${secret}"` }),
    });
    assert.match(await response.text(), new RegExp(secret));
    const text = readFileSync(path, 'utf8');
    assert.doesNotMatch(text, /the-very|plain-text-key|sk-abc|Bearer|c=1/);
    assert.match(text, /before \[redacted\]/);
    // Whoever has another secret asks the same question.
    const again = await replayFrom(path, { secrets: ['another-secret'] })(`${base}/v1?q=another-secret&key=x`, {
      method: 'POST',
      body: JSON.stringify({ note: 'use another-secret', quoted: '"another-secret"' }),
    });
    assert.equal(await again.text(), 'before [redacted] after, [redacted] too');
  });

  it('names the nearest request and the difference where there is none', async () => {
    const recorder = recordTo(path)(fetch);
    await ask(recorder, { model: 'small', messages: [{ role: 'user', content: 'What is in chapter one of the book?' }] });
    await ask(recorder, { model: 'large', messages: [{ role: 'user', content: 'Quite another question' }] });
    const replayed = replayFrom(path);
    await assert.rejects(
      ask(replayed, { model: 'small', messages: [{ role: 'user', content: 'What is in chapter two of the book?' }] }),
      miss(/nearest is exchange 1, with another messages\[0\]\.content: recorded ".*chapter one.*", asked ".*chapter two/),
    );
    await assert.rejects(
      ask(replayed, { model: 'large', messages: [] }),
      miss(/exchange 2, .*messages\[0\]\.role: recorded "user", asked nothing/),
    );
    await assert.rejects(replayed(`${base}/v2`, { method: 'POST', body: '{}' }), miss(/path: recorded ".*\/v1\/chat.*", asked ".*\/v2"/));
    assert.equal(calls, 2);
  });

  it('takes many at once, from several recorders of one file', async () => {
    const recorders = [recordTo(path)(fetch), recordTo(path)(fetch)];
    await Promise.all(Array.from({ length: 60 }, (_, index) => ask(recorders[index % 2] as Fetch, { index })));
    const replayed = replayFrom(path);
    for (let index = 0; index < 60; index += 1) assert.equal(await ask(replayed, { index }), `200 you said {"index":${index}}`);
    assert.equal(calls, 60);
  });
});

describe('the file', () => {
  const broken = (message: RegExp) => (error: unknown) =>
    error instanceof CassetteError && error.code === 'cassette.file' && message.test(error.message) && error.fix !== '';

  it('may end in the midst of a line, as a kill leaves it, and nowhere else', async () => {
    await ask(recordTo(path)(fetch), 1);
    appendFileSync(path, '{"key":"ab');
    assert.equal(await ask(replayFrom(path), 1), '200 you said 1');
    appendFileSync(path, '\n{}\n');
    assert.throws(() => replayFrom(path), broken(/line 3 .* is no exchange/));
  });

  it('is refused when it is missing, something else, or of another version', () => {
    assert.throws(() => replayFrom(join(folder, 'absent')), broken(/does not exist/));
    writeFileSync(path, 'a letter\n');
    assert.throws(() => replayFrom(path), broken(/is no cassette/));
    assert.throws(() => recordTo(path)(fetch), broken(/is no cassette/));
    assert.equal(readFileSync(path, 'utf8'), 'a letter\n');
    writeFileSync(path, '{"cassette":7}\n');
    assert.throws(() => replayFrom(path), broken(/version 7/));
  });

  it('takes text only', async () => {
    const recorder = recordTo(path)(fetch);
    await assert.rejects(
      recorder(base, { method: 'POST', body: new Uint8Array([0xff, 0xfe]) }),
      (error: unknown) => error instanceof CassetteError && error.code === 'cassette.request',
    );
    assert.equal(calls, 0);
  });
});

describe('a setting', () => {
  it('names a mode and a file, or nothing', async () => {
    assert.equal(fetchOf(undefined, fetch), fetch);
    assert.deepEqual(cassetteSetting('replay:C:\\calls'), { mode: 'replay', path: 'C:\\calls' });
    assert.throws(() => cassetteSetting('play:x'), /names no cassette/);
    assert.equal(await ask(fetchOf(`record:${path}`, fetch), 1), '200 you said 1');
    assert.equal(await ask(fetchOf(`replay:${path}`, fetch), 1), '200 you said 1');
    assert.equal(calls, 1);
  });
});
