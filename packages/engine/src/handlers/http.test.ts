import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { StepError } from '@scriptorium/core';
import type { Context, Json, JsonObject } from '@scriptorium/core';
import { createHttpHandler } from './http.ts';
import type { Lookup } from './http.ts';
import { isPublic } from './web-access.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let server: Server;
let other: Server;
let answer: Answer = () => undefined;
let asked: IncomingMessage[] = [];
const portOf = (one: Server): number => (one.address() as AddressInfo).port;

before(async () => {
  const listen = (): Promise<Server> =>
    new Promise((resolve) => {
      const one = createServer((request, response) => {
        asked.push(request);
        let body = '';
        request.on('data', (part: Buffer) => (body += part.toString())).on('end', () => answer(request, response, body));
      }).listen(0, '127.0.0.1', () => resolve(one));
    });
  [server, other] = await Promise.all([listen(), listen()]);
});

after(() => {
  for (const one of [server, other]) {
    one.closeAllConnections();
    one.close();
  }
});

/** A resolver that knows one name, and may answer differently each time. */
function resolver(...answers: readonly (readonly string[])[]): Lookup {
  let round = 0;
  return (_, found) => {
    const addresses = answers[Math.min(round, answers.length - 1)] ?? [];
    round += 1;
    found(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
}

const local: Lookup = resolver(['127.0.0.1']);

async function call(
  input: JsonObject,
  allow: string | undefined,
  lookup: Lookup = local,
  signal = new AbortController().signal,
): Promise<JsonObject> {
  asked = [];
  const context = { env: { SCRIPTORIUM_HTTP_ALLOW: allow }, signal, step: { idempotencyKey: 'key' } } as unknown as Context;
  return (await createHttpHandler(lookup).run(input as never, context)) as JsonObject;
}

async function failureOf(work: Promise<unknown>): Promise<StepError> {
  const error = await work.then(
    () => assert.fail('it succeeded'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof StepError, String(error));
  return error;
}

/** The server by a name, where that is among the hosts and its address is, too. */
const service = (): { url: string; allow: string } => ({
  url: `http://service.test:${portOf(server)}`,
  allow: `service.test:${portOf(server)} 127.0.0.1`,
});

describe('what core/http reaches', () => {
  const spellings = [
    ...[
      'http://127.0.0.1/',
      'http://2130706433/',
      'http://0x7f000001/',
      'http://0177.0.0.1/',
      'http://0x7f.1/',
      'http://127.1/',
      'http://127.0.1/',
    ],
    ...[
      'http://0/',
      'http://0.0.0.0/',
      'http://10.0.0.1/',
      'http://172.16.0.1/',
      'http://192.168.1.1/',
      'http://100.64.0.1/',
      'http://169.254.169.254/',
    ],
    ...[
      'http://[::1]/',
      'http://[::]/',
      'http://[::ffff:127.0.0.1]/',
      'http://[::ffff:7f00:1]/',
      'http://[::127.0.0.1]/',
      'http://[fe80::1]/',
    ],
    ...['http://[fc00::1]/', 'http://[64:ff9b::7f00:1]/', 'http://[2002:7f00:1::]/', 'http://[2001:0:7f00:1::]/', 'http://[ff02::1]/'],
    ...['http://１２７.０.０.１/', 'http://①②⑦.0.0.1/', 'http://127。0。0。1/', 'http://127.0.0.1./', 'http://user:pass@example.org/'],
    ...[
      'http://example.org@127.0.0.1/',
      'http://localhost/',
      'http://LOCALHOST./',
      'file:///etc/passwd',
      'gopher://example.org/',
      'data:text/plain,x',
    ],
    ...['ftp://example.org/', 'http://224.0.0.1/', 'http://255.255.255.255/', 'http://example.org:22/', 'javascript:alert(1)'],
  ];

  it('is nothing unless it is listed', async () => {
    for (const allow of [undefined, '', 'other.test']) {
      assert.equal((await failureOf(call({ url: 'http://service.test/' }, allow))).code, 'http.blocked');
    }
    assert.deepEqual(asked, []);
  });

  for (const url of spellings) {
    it(`is not ${url}, though every public host is allowed`, async () => {
      const { code } = await failureOf(call({ url }, '*'));
      assert.equal(code, 'http.blocked');
    });
  }

  it('is no more than the step names, where it does', async () => {
    answer = (_, response) => response.end('fine');
    const { url, allow } = service();
    const port = portOf(server);
    assert.equal((await call({ url, hosts: [`service.test:${port}`] }, allow))['text'], 'fine');
    for (const hosts of [[], ['other.test'], [`other.test:${port}`]]) {
      const { code, fix } = await failureOf(call({ url, hosts }, allow));
      assert.deepEqual([code, fix], ['http.blocked', "Add it to the step's `hosts`."]);
    }
    answer = (_, response) => response.writeHead(302, { location: `http://other.test:${port}/` }).end();
    const led = await failureOf(call({ url, hosts: [`service.test:${port}`] }, `${allow} other.test:${port}`));
    assert.deepEqual([led.code, asked.length], ['http.blocked', 1]);
    assert.equal((await failureOf(call({ url, hosts: ['*'] }, undefined))).code, 'http.blocked');
  });

  it('is what is listed, by name, below a name, by address and by network, with its port', async () => {
    answer = (_, response) => response.end('fine');
    const port = portOf(server);
    for (const [host, allow] of [
      ['service.test', `service.test:${port}, 127.0.0.1`],
      ['api.service.test', `*.service.test:${port} 127.0.0.0/8`],
      ['127.0.0.1', `127.0.0.1:${port}`],
      ['127.0.0.1', `127.0.0.0/8:${port}`],
      ['localhost', `localhost:${port}`],
      ['SERVICE.test.', `service.test:${port} 127.0.0.1`],
    ] as const) {
      assert.equal((await call({ url: `http://${host}:${port}/` }, allow))['text'], 'fine', `${host} by ${allow}`);
    }
    for (const allow of ['service.test', `*.service.test:${port} 127.0.0.1`, `service.test:${port}`, `xservice.test:${port} 127.0.0.1`]) {
      assert.equal((await failureOf(call({ url: service().url }, allow))).code, 'http.blocked', allow);
    }
  });

  it('is what the resolver says at the moment of the connection: a name that changes to an inner address is refused', async () => {
    const rebinding = resolver(['93.184.216.34', '127.0.0.1'], ['127.0.0.1']);
    for (const addresses of [rebinding, resolver(['127.0.0.1']), resolver(['::1']), resolver(['169.254.169.254'])]) {
      const { code, message, fix } = await failureOf(call({ url: 'http://public.test/' }, 'public.test', addresses));
      assert.equal(code, 'http.blocked');
      assert.match(message, /^public\.test leads to .*, which is not an address of the public internet$/);
      assert.match(fix ?? '', /SCRIPTORIUM_HTTP_ALLOW/);
    }
    assert.deepEqual(asked, []);
  });

  it('knows the addresses of the public internet', () => {
    assert.deepEqual(['93.184.216.34', '1.1.1.1', '2606:4700::1111', '172.32.0.1'].map(isPublic), [true, true, true, true]);
    assert.deepEqual(['172.31.0.1', '2001:db8::1', '192.0.2.1', 'example.org', ''].map(isPublic), [false, false, false, false, false]);
  });
});

describe('what core/http sends and gives', () => {
  it('sends JSON with an idempotency key, and reads JSON', async () => {
    const { url, allow } = service();
    answer = (request, response, body) => {
      response.setHeader('content-type', 'application/json; charset=utf-8');
      response.setHeader('x-was', `${request.method} ${request.headers['content-type']} ${request.headers['idempotency-key']}`);
      response.end(JSON.stringify({ got: JSON.parse(body) as Json }));
    };
    const { status, json, text, headers } = await call({ url, method: 'POST', json: { a: 1 } }, allow);
    assert.deepEqual([status, json, text, (headers as JsonObject)['x-was']], [200, { got: { a: 1 } }, null, 'POST application/json key']);
  });

  it('follows redirects, each checked; credentials stay with their origin', async () => {
    const { url } = service();
    const [here, there] = [portOf(server), portOf(other)];
    const allow = `service.test:${here} other.test:${there} 127.0.0.1`;
    const headers = { authorization: 'Bearer x', cookie: 'a=b', 'x-more': 'm' };
    answer = (request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/again' }).end();
      else if (request.url === '/again') response.writeHead(307, { location: `http://other.test:${there}/end` }).end();
      else response.end('end');
    };
    assert.equal((await call({ url: `${url}/`, headers }, allow))['text'], 'end');
    assert.deepEqual(
      asked.map((one) => [one.headers.authorization, one.headers.cookie, one.headers['x-more']]),
      [
        ['Bearer x', 'a=b', 'm'],
        ['Bearer x', 'a=b', 'm'],
        [undefined, undefined, 'm'],
      ],
    );
    for (const location of ['http://169.254.169.254/', 'http://elsewhere.test/', 'file:///etc/passwd', 'http://']) {
      answer = (_, response) => response.writeHead(302, { location }).end();
      assert.equal((await failureOf(call({ url }, location.includes('169') ? `${allow} *` : allow))).code, 'http.blocked', location);
    }
    answer = (_, response) => response.writeHead(302, { location: '/' }).end();
    assert.equal((await failureOf(call({ url }, allow))).code, 'http.redirects');
    assert.equal(asked.length, 6);
  });

  it('makes of an answer that is no success the error that says what to do', async () => {
    const { url, allow } = service();
    const soon = new Date(Date.now() + 60_000).toUTCString();
    for (const [status, retryAfter, code, atLeastMs] of [
      [429, '7', 'rate_limited', 7_000],
      [429, soon, 'rate_limited', 30_000],
      [503, '2', 'overloaded', 2_000],
      [502, undefined, 'overloaded', 0],
      [500, undefined, 'io', 0],
      [404, undefined, 'http.status', 0],
    ] as const) {
      answer = (_, response) => response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end('why');
      const error = await failureOf(call({ url }, allow));
      assert.deepEqual([error.code, error.details], [code, { status, text: 'why' }]);
      assert.ok(
        (error.retryAfterMs ?? 0) >= atLeastMs && (error.retryAfterMs === undefined) === (retryAfter === undefined),
        `${error.retryAfterMs}`,
      );
    }
    answer = (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{');
    assert.equal((await failureOf(call({ url }, allow))).code, 'contract.output');
  });

  it('ends a call that is too slow, too large, cut off or refused', async () => {
    const { url, allow } = service();
    answer = (_, response) => void response.write('slow');
    assert.equal((await failureOf(call({ url, timeoutMs: 50 }, allow))).code, 'timeout');
    answer = (_, response) => {
      response.on('error', () => undefined);
      const part = Buffer.alloc(1024 * 1024);
      const more = (): void => {
        while (!response.destroyed && response.write(part));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    };
    assert.equal((await failureOf(call({ url }, allow))).code, 'http.too_large');
    answer = (request) => request.socket.destroy();
    assert.equal((await failureOf(call({ url }, allow))).code, 'io');
    assert.equal((await failureOf(call({ url: 'http://127.0.0.1:1/' }, '127.0.0.1:1'))).code, 'io');
  });

  it('refuses requests that are wrong before anything is sent', async () => {
    const { url, allow } = service();
    for (const input of [
      { url: 'no url' },
      { url, json: 1, body: 'x' },
      { url, headers: { host: 'other.test' } },
      { url, headers: { 'transfer-encoding': 'chunked' } },
      { url, headers: { 'x-a': 'b\r\nx-c: d' } },
      { url, headers: { 'x a': 'b' } },
    ]) {
      assert.equal((await failureOf(call(input as JsonObject, allow))).code, 'contract.input');
    }
    assert.deepEqual(asked, []);
  });
});

describe('an excerpt', () => {
  const key = 'a-key-of-the-service';
  const excerpt = async (page: string, headers: Record<string, string>, status = 200): Promise<JsonObject> => {
    answer = (_, response) => response.writeHead(status, headers).end(page);
    const { url, allow } = service();
    const env = { SCRIPTORIUM_HTTP_ALLOW: allow, SERVICE_TOKEN: key };
    const context = { env, signal: new AbortController().signal, step: { idempotencyKey: 'key' } } as unknown as Context;
    return (await createHttpHandler(local).run({ url, excerpt: 100 } as never, context)) as JsonObject;
  };

  it('has the beginning and not the headers, so that a page is the same value each time', async () => {
    const page = 'word '.repeat(1_000);
    const first = await excerpt(page, { date: 'today' });
    assert.deepEqual(first, { status: 200, headers: {}, json: null, text: page.slice(0, 100), characters: 5_000 });
    assert.deepEqual(await excerpt(page, { date: 'tomorrow' }), first);
  });

  it('has no key of the environment, nor a part of one, wherever it stands', async () => {
    for (const page of [`${'x'.repeat(90)}${key}${'x'.repeat(900)}`, `${'x'.repeat(390)}${key}${'x'.repeat(900)}`, key.repeat(100), key]) {
      const { text } = await excerpt(page, {});
      for (let length = 6; length <= key.length; length += 1) assert.ok(!String(text).includes(key.slice(0, length)), String(text));
    }
    const { json } = await excerpt(JSON.stringify({ key }), { 'content-type': 'application/json' });
    assert.deepEqual(json, { key: '[redacted]' });
    const { details } = await failureOf(excerpt(`no ${key}`, {}, 400));
    assert.deepEqual(details, { status: 400, text: 'no [redacted]' });
  });

  it('of a long refusal knows when to try again', async () => {
    const { code, retryAfterMs } = await failureOf(excerpt('busy '.repeat(100), { 'retry-after': '7' }, 429));
    assert.deepEqual([code, retryAfterMs], ['rate_limited', 7_000]);
  });
});
