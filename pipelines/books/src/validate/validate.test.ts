import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { StepError } from '@scriptorium/core';
import { givenBook } from '../../test/book.ts';
import { call, putArtifact, testContext } from '../../test/context.ts';
import { askedUnits, startOpenAiServer, type OpenAiServer, type ServerOptions } from '../../test/openai-server.ts';
import type { Warning } from '../document.ts';
import { checkModelHandler, rulesHandler, unitsHandler, verdictHandler } from './handlers.ts';
import { judgeHandler } from './judge.ts';
import { judgeTitle, roleOfUnit } from './rules.ts';
import type { Validation } from './verdict.ts';

const key = 'sk-secret-0123456789';
let root = '';
let server: OpenAiServer | null = null;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'validate-'));
});
after(() => rm(root, { recursive: true }));
afterEach(async () => {
  await server?.close();
  server = null;
});

const chapters = Array.from({ length: 20 }, (_, index) => ({
  title: `Title ${String(index + 1)}`,
  number: String(index + 1),
  ordinal: index + 1,
}));

async function whenJudged(
  options: ServerOptions,
  more: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<{ findings: { unit: string }[]; tokens: object }> {
  server = await startOpenAiServer(options);
  const book = await putArtifact(root, 'toc/batch/b.json', JSON.stringify(givenBook('b', chapters)));
  const units = chapters.map((_, index) => `c${String(index + 1)}`);
  const context = testContext(root, 'validate', {
    env: { OPENAI_API_KEY: key, OPENAI_BASE_URL: server.baseUrl },
    ...(more.signal === undefined ? {} : { signal: more.signal }),
  });
  return call(judgeHandler, { book, units, task: 'titles', model: 'test-model', timeoutMs: more.timeoutMs ?? 5000 }, context);
}

function failsWith(code: string, more: { readonly retryAfterMs?: number; readonly message?: RegExp } = {}): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof StepError, String(error));
    assert.equal(error.code, code);
    assert.ok(!error.message.includes(key), 'the key stands in the message');
    if (more.retryAfterMs !== undefined) assert.equal(error.retryAfterMs, more.retryAfterMs);
    if (more.message !== undefined) assert.match(error.message, more.message);
    return true;
  };
}

describe('book/judge over real sockets', () => {
  it('asks once for a batch and gives a finding for every unit', async () => {
    const { findings, tokens } = await whenJudged({});
    assert.deepEqual(
      findings.map((finding) => finding.unit),
      chapters.map((_, index) => `c${String(index + 1)}`),
    );
    assert.deepEqual(tokens, { input: 100, output: 10 });
    assert.equal(server?.calls.length, 1);
    assert.equal(server?.calls[0]?.key, key);
    assert.equal(askedUnits(server?.calls[0]?.body ?? { model: '', messages: [] }).length, 20);
  });

  it('reserves the dollars of a model whose price is known, and says nothing of others', () => {
    const reserved = (model: string, units: number): unknown =>
      judgeHandler.cost?.({ book: {}, units: Array.from({ length: units }, () => ''), task: 'titles', model } as never, {} as never);
    assert.deepEqual(reserved('test-model', 20), { tokens: 8_000 });
    const { tokens, usd } = reserved('gpt-4o-mini', 20) as { tokens: number; usd: number };
    // 5,200 tokens of the question and 2,800 of the answer, at 0.15 and 0.60 USD for a million.
    assert.deepEqual([tokens, Number(usd.toFixed(6))], [8_000, 0.00246]);
  });

  it('reads an answer fenced as Markdown', async () => {
    const answer = (request: Parameters<typeof askedUnits>[0]): string =>
      `\`\`\`json\n${JSON.stringify({ results: askedUnits(request).map((unit) => ({ unit, verdict: 'match', comment: '' })) })}\n\`\`\``;
    assert.equal((await whenJudged({ answer })).findings.length, 20);
  });

  it('hands on when to try again after a 429', async () => {
    await assert.rejects(
      whenJudged({ behave: () => ({ type: 'status', status: 429, retryAfter: '3' }) }),
      failsWith('rate_limited', { retryAfterMs: 3000 }),
    );
  });

  it('understands a date in Retry-After', async () => {
    const retryAfter = new Date(Date.now() - 10_000).toUTCString();
    await assert.rejects(
      whenJudged({ behave: () => ({ type: 'status', status: 429, retryAfter }) }),
      failsWith('rate_limited', { retryAfterMs: 0 }),
    );
  });

  const failures: readonly (readonly [string, NonNullable<ServerOptions['behave']>, string, RegExp])[] = [
    ['500', () => ({ type: 'status', status: 500 }), 'overloaded', /500/],
    ['503', () => ({ type: 'status', status: 503, retryAfter: '1' }), 'overloaded', /503/],
    [
      '401 that quotes the key',
      () => ({ type: 'status', status: 401, message: `Incorrect API key provided: ${key}.` }),
      'agent.refused',
      /\[key\]/,
    ],
    ['403', () => ({ type: 'status', status: 403 }), 'agent.refused', /403/],
    ['404 for an unknown model', () => ({ type: 'status', status: 404, message: 'no such model' }), 'agent.rejected', /no such model/],
    ['429 for an empty account', () => ({ type: 'status', status: 429, code: 'insufficient_quota' }), 'agent.exhausted', /429/],
    ['a broken body', () => ({ type: 'body', text: '{"choices": [' }), 'contract.output', /no JSON/],
    ['a broken message', () => ({ type: 'answer', content: '{"results": [' }), 'contract.output', /no JSON/],
    ['another shape', () => ({ type: 'answer', content: '{"verdicts": []}' }), 'contract.output', /no results/],
    [
      'a unit left out',
      () => ({ type: 'answer', content: '{"results": [{"unit": "c1", "verdict": "match", "comment": ""}]}' }),
      'contract.output',
      /c2 is missing/,
    ],
    [
      'an unknown verdict',
      () => ({ type: 'answer', content: '{"results": [{"unit": "c1", "verdict": "perhaps"}]}' }),
      'contract.output',
      /c1 is malformed/,
    ],
    ['a closed connection', () => ({ type: 'hang-up' }), 'overloaded', /cannot be reached/],
  ];
  for (const [name, behave, code, message] of failures) {
    it(`names ${name} ${code}`, () => assert.rejects(whenJudged({ behave }), failsWith(code, { message })));
  }

  it('gives a stalled answer up', () =>
    assert.rejects(whenJudged({ behave: () => ({ type: 'stall' }) }, { timeoutMs: 100 }), failsWith('timeout')));

  it('stops at once when it is cancelled', async () => {
    const cancelling = new AbortController();
    const judged = whenJudged(
      {
        behave: () => {
          cancelling.abort();
          return { type: 'stall' };
        },
      },
      { signal: cancelling.signal },
    );
    await assert.rejects(judged, failsWith('cancelled'));
  });

  it('does not try without a key', async () => {
    const book = await putArtifact(root, 'toc/batch/b.json', JSON.stringify(givenBook('b', chapters)));
    await assert.rejects(
      call(judgeHandler, { book, units: ['c1'], task: 'roles', model: 'm' }, testContext(root, 'validate')),
      failsWith('agent.unavailable'),
    );
  });
});

describe('a cassette', () => {
  it('answers the judge again without a key, a service or a call', async () => {
    const book = await putArtifact(root, 'toc/batch/b.json', JSON.stringify(givenBook('b', chapters)));
    const cassette = join(root, 'judge.ndjson');
    const input = { book, units: ['c1', 'c2'], task: 'titles', model: 'm' };
    server = await startOpenAiServer({
      behave: (count) => (count === 0 ? { type: 'status', status: 429, retryAfter: '1' } : { type: 'answer' }),
    });
    const recording = testContext(root, 'validate', {
      env: { OPENAI_API_KEY: key, OPENAI_BASE_URL: server.baseUrl, SCRIPTORIUM_CASSETTE: `record:${cassette}` },
    });
    await assert.rejects(call(judgeHandler, input, recording), failsWith('rate_limited', { retryAfterMs: 1000 }));
    const live = await call(judgeHandler, input, recording);
    await server.close();
    server = null;
    assert.ok(!(await readFile(cassette, 'utf8')).includes(key));

    const offline = testContext(root, 'validate', { env: { SCRIPTORIUM_CASSETTE: `replay:${cassette}` } });
    assert.deepEqual(await call(checkModelHandler, { ai: true }, offline), { available: true });
    await assert.rejects(call(judgeHandler, input, offline), failsWith('rate_limited', { retryAfterMs: 1000 }));
    assert.deepEqual(await call(judgeHandler, input, offline), live);
    await assert.rejects(
      call(judgeHandler, { ...input, units: ['c1', 'c3'] }, offline),
      failsWith('agent.unrecorded', { message: /nearest is exchange 1.*messages\[1\]\.content: recorded ".*c2.*", asked ".*c3/s }),
    );
  });
});

describe('book/check-model', () => {
  it('sees whether a service is configured, and says once when none is', async () => {
    const without = testContext(root, 'model');
    assert.deepEqual(await call(checkModelHandler, { ai: true }, without), { available: false });
    assert.equal(without.logged.length, 1);
    assert.deepEqual(await call(checkModelHandler, { ai: true }, testContext(root, 'model', { env: { OPENAI_API_KEY: key } })), {
      available: true,
    });
    assert.deepEqual(await call(checkModelHandler, { ai: false }, testContext(root, 'model', { env: { OPENAI_API_KEY: key } })), {
      available: false,
    });
  });
});

describe('the verdict', () => {
  const plain = givenBook(
    'v',
    [
      { title: 'The Beginning', number: 'I', ordinal: 1 },
      { title: 'The Midle', number: 'II', ordinal: 2, contents: 'The Middle' },
      { title: 'The End', number: 'III', ordinal: 3, contents: 'Something Else' },
      { title: 'Epilogue', contents: null, text: '' },
    ],
    { warnings: [{ stage: 'toc', type: 'toc_added', message: 'added', ref: 'c4' }] },
  );
  const file = { name: 'v.txt', encoding: 'utf-8', declared: null, codePoints: 400, hash: 'h' };
  const given = { ...plain, meta: { ...plain.meta, source: { ...plain.meta.source, files: [file] } } };
  const source = { id: 'v', path: '', hash: 'h' };
  before(async () => {
    source.path = join(root, 'v.txt');
    await writeFile(source.path, Array.from({ length: 4 }, (_, index) => `${`chapter ${index + 1}`.padEnd(99)}\n`).join(''));
  });
  const earlier = [{ severity: 'error', index: 1, title: 'x', type: 'duplicate', message: 'm' }];

  const validationOf = async (path: string): Promise<Validation> => JSON.parse(await readFile(join(root, path), 'utf8')) as Validation;

  it('by rules judges titles and roles, adds what was found before, and is written', async () => {
    const book = await putArtifact(root, 'toc/batch/v.json', JSON.stringify(given));
    const result = await call<{ method: string; quality: number; validation: { path: string } }>(
      rulesHandler,
      { book, source, issues: earlier, fallback: 'overloaded' },
      testContext(root, 'validate'),
    );
    const validation = await validationOf(result.validation.path);
    assert.deepEqual(
      validation.issues.map(({ type, severity, index }) => [type, severity, index]),
      [
        ['duplicate', 'error', 1],
        ['toc_added', 'warning', 3],
        ['empty', 'warning', 3],
        ['transcription_error', 'warning', 1],
        ['real_mismatch', 'error', 2],
      ],
    );
    assert.equal(result.quality, 100 - 2 * 20 - 3 * 5);
    assert.deepEqual(
      [validation.method, validation.fallback, validation.counts.chapters, validation.counts.contents],
      ['rules', 'overloaded', 4, 3],
    );
    assert.deepEqual(
      validation.roles.map((role) => role.role),
      ['main_chapter', 'main_chapter', 'main_chapter', 'epilogue'],
    );
  });

  it('weighs what a stage met at many units once, and what nobody need look at not at all', async () => {
    const warning = (type: string, ref: string): Warning => ({ stage: 'toc', type, message: type, ref });
    const warnings = ['c1', 'c2', 'c3'].flatMap((ref) => [warning('number_match', ref), warning('contained_match', ref)]);
    const book = await putArtifact(
      root,
      'toc/batch/v.json',
      JSON.stringify({ ...givenBook('v', [{ title: 'A' }, { title: 'B' }, { title: 'C' }]), warnings }),
    );
    const result = await call<{ quality: number; issues: readonly { readonly type: string; readonly severity: string }[] }>(
      rulesHandler,
      { book, source, issues: [], fallback: null },
      testContext(root, 'validate'),
    );
    assert.deepEqual(result.issues.map(({ type, severity }) => `${type} ${severity}`).toSorted(), [
      ...Array.from({ length: 3 }, () => 'contained_match info'),
      'number_match info',
      'number_match info',
      'number_match warning',
    ]);
    assert.equal(result.quality, 95);
  });

  it('by a model takes its findings', async () => {
    const book = await putArtifact(root, 'toc/batch/v.json', JSON.stringify(given));
    const findings = [
      { type: 'title', unit: 'c3', verdict: 'minor_difference', comment: 'close', confidence: 0.6 },
      { type: 'role', unit: 'c4', role: 'afterword', confidence: 0.95 },
    ];
    const result = await call<{ validation: { path: string } }>(
      verdictHandler,
      { book, source, issues: [], model: 'm', findings },
      testContext(root, 'validate'),
    );
    const validation = await validationOf(result.validation.path);
    assert.deepEqual([validation.method, validation.model], ['ai', 'm']);
    assert.deepEqual(validation.roles, [{ unit: 'c4', heading: 'Epilogue', role: 'afterword' }]);
    assert.deepEqual(
      validation.issues.filter((issue) => issue.type === 'minor_difference').map((issue) => [issue.index, issue.message]),
      [[2, 'close']],
    );
    assert.deepEqual(
      validation.agreement?.disagreements.map(({ unit, kind, model, rules, place }) => [unit, kind, model.says, rules.says, place?.line]),
      [
        ['c4', 'role', 'afterword', 'epilogue', 4],
        ['c3', 'title', 'minor_difference', 'real_mismatch', 3],
      ],
    );
    assert.deepEqual(
      validation.issues.filter(({ type }) => type === 'judges_differ').map(({ message, place }) => [message, place?.text]),
      [
        ['of the role the model says afterword (0.95), the rules epilogue (1.00)', 'chapter 4'],
        ['of the title the model says minor_difference (0.60), the rules real_mismatch (0.95)', 'chapter 3'],
      ],
    );
  });

  it('is by rules where no model was asked', async () => {
    const book = await putArtifact(root, 'toc/batch/v.json', JSON.stringify(given));
    const result = await call<{ method: string }>(rulesHandler, { book, source, issues: [] }, testContext(root, 'validate'));
    assert.equal(result.method, 'rules');
  });

  it('is about the units that book/units lists', async () => {
    const book = await putArtifact(root, 'toc/batch/v.json', JSON.stringify(given));
    assert.deepEqual(await call(unitsHandler, { book }, testContext(root, 'validate')), { ids: ['c1', 'c2', 'c3', 'c4'] });
  });
});

describe('the rules', () => {
  it('tell kinds of difference between titles apart', () => {
    assert.equal(judgeTitle('CHAPTER I. The Mail', 'I The mail').verdict, 'match');
    assert.equal(judgeTitle('The Mail', 'The Mail: a Night Journey').verdict, 'minor_difference');
    assert.equal(judgeTitle('The Wine-shop', 'The Wine-shqp').verdict, 'transcription_error');
    assert.equal(judgeTitle('The Mail', 'The Shoemaker').verdict, 'real_mismatch');
    assert.equal(judgeTitle('第一回 宴桃園', '第一回　宴桃园').verdict, 'transcription_error');
  });

  it('know roles by name and by place', () => {
    const unit = {
      id: 'u',
      place: 'body' as const,
      kind: 'chapter',
      heading: '',
      contents: null,
      ordinal: null,
      letters: 1,
      opening: '',
      source: null,
    };
    assert.deepEqual(
      ['Preface', 'PROLOGUE', '楔子', 'Appendix B', 'The Mail'].map((heading) => roleOfUnit({ ...unit, heading })),
      ['preface', 'prologue', 'prologue', 'appendix', 'main_chapter'],
    );
    assert.equal(roleOfUnit({ ...unit, kind: 'part' }), 'part');
    assert.equal(roleOfUnit({ ...unit, place: 'front', kind: 'titlePage' }), 'title_page');
  });
});
