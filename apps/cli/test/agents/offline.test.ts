import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json, Schema } from '@scriptorium/core';
import { OFFLINE_LABEL, offlineModel } from '@scriptorium/agents';
import type { ModelReply, ModelRequest } from '@scriptorium/agents';
import { createContracts } from '@scriptorium/flow';

const ask = (returns: Schema | null, text: string, seed = 1): Promise<ModelReply> => {
  const request: ModelRequest = { system: 'You write.', messages: [{ role: 'user', text }], tools: [], returns, settings: { seed } };
  return offlineModel.call(request, { signal: new AbortController().signal, onText: () => undefined, idempotencyKey: 'x' });
};
const wordsOf = (text: string): number => text.split(/\s+/).length;

const contracts: { readonly [name: string]: Schema } = {
  'an object of everything': {
    type: 'object',
    required: ['title', 'n', 'even', 'share', 'open', 'kind', 'places', 'when', 'nothing'],
    additionalProperties: false,
    properties: {
      title: { type: 'string', minLength: 40, maxLength: 60 },
      n: { type: 'integer', minimum: 3, maximum: 4 },
      even: { type: 'integer', multipleOf: 2, minimum: 10, maximum: 20 },
      share: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
      open: { type: 'boolean' },
      kind: { enum: ['a', 'b', null] },
      places: { type: 'array', minItems: 5, maxItems: 6, uniqueItems: true, items: { type: 'string' } },
      when: { type: 'string', format: 'date-time' },
      nothing: { type: 'null' },
    },
  },
  'one of several, by reference': {
    $defs: { Ape: { type: 'object', required: ['kind', 'legs'], properties: { kind: { const: 'ape' }, legs: { type: 'integer' } } } },
    oneOf: [{ type: 'null' }, { $ref: '#/$defs/Ape' }],
  },
  'itself within itself': {
    $ref: '#/$defs/Node',
    $defs: { Node: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, child: { $ref: '#/$defs/Node' } } } },
  },
  'all of several': {
    allOf: [
      { type: 'object', required: ['a'], properties: { a: { type: 'string' } } },
      { required: ['b'], properties: { b: { type: 'integer' } } },
    ],
  },
  'a pair': { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false, minItems: 2, maxItems: 2 },
  'a list of texts, or none': { type: ['array', 'null'], items: { type: 'string', maxLength: 5 } },
};

describe('the offline model', () => {
  for (const [what, schema] of Object.entries(contracts)) {
    it(`gives ${what}`, async () => {
      for (let seed = 1; seed <= 20; seed += 1) {
        const { value } = await ask(schema, 'A story about a lighthouse.', seed);
        const check = createContracts().compile(schema);
        assert.deepEqual(check(value as Json), [], JSON.stringify(value));
      }
    });
  }

  it('gives the same answer to the same request, and another to another seed', async () => {
    const [first, again, other] = [await ask(null, 'Tell me.'), await ask(null, 'Tell me.'), await ask(null, 'Tell me.', 2)];
    assert.equal(first.text, again.text);
    assert.notEqual(first.text, other.text);
    assert.ok(first.text.startsWith(OFFLINE_LABEL));
    assert.deepEqual([first.usd, first.usage.output], [0, 0]);
  });

  it('writes as many words and lists as many things as the task says, of the people it is given', async () => {
    const text = {
      type: 'object',
      required: ['text', 'scenes'],
      properties: { text: { type: 'string' }, scenes: { type: 'array', items: { type: 'string' } } },
    };
    const { value } = await ask(text, 'Write 600 words in 3 scenes.\n\n## scene\n\n{ "people": ["Ishmael Brook"], "place": "Nantucket" }');
    const { text: prose, scenes } = value as { readonly text: string; readonly scenes: readonly string[] };
    assert.ok(wordsOf(prose) >= 560 && wordsOf(prose) <= 720, `${wordsOf(prose)}`);
    assert.equal(scenes.length, 3);
    assert.match(prose, /Ishmael[\s\S]*Nantucket|Nantucket[\s\S]*Ishmael/);
  });

  it('says nothing twice in a flash story, and writes about what the premise names, not what is done there', async () => {
    const { text } = await ask(null, 'Two cartographers share a border. Write 500 words.');
    const sentences = text.split(/(?<=[.!?]"?) (?=["A-Z])|\n\n/).filter((sentence) => wordsOf(sentence) > 6);
    assert.ok(sentences.length > 20);
    assert.equal(new Set(sentences).size, sentences.length);
    const { text: long } = await ask(null, 'Two cartographers share a border. Write 4000 words.');
    assert.match(long, /cartographers|border/i);
    assert.doesNotMatch(long, /\bshare\b|"two"/i);
  });

  it('tells a chain of errands: each chapter brings what the one before left with, to where it was led', async () => {
    const concept = { premise: 'A lighthouse keeper finds a letter from the sea.', protagonist: 'Ada Lund', setting: 'the signal house' };
    const given = `## concept\n\n${JSON.stringify(concept)}`;
    const text = { type: 'string' } as const;
    const chapter: Schema = {
      type: 'object',
      required: ['title', 'purpose', 'place'],
      properties: { title: text, purpose: text, place: text },
    };
    const plot: Schema = { type: 'object', required: ['chapters'], properties: { chapters: { type: 'array', items: chapter } } };
    const { value } = await ask(plot, `Plot the story in exactly 4 chapters.\n\n${given}`);
    const { chapters } = value as { readonly chapters: readonly { readonly purpose: string; readonly place: string }[] };
    const written: string[] = [];
    let carried: string | undefined;
    for (const [index, scene] of chapters.entries()) {
      const [, thing = '', place = '', gift = '', next = ''] =
        /brings a (.+?) to (.+?), and (?:leaves with a (.+?) for (.+?)|learns.*)\./.exec(scene.purpose) ?? [];
      assert.deepEqual([place, carried ?? thing], [scene.place, thing], scene.purpose);
      const draft: Schema = { type: 'object', required: ['text'], properties: { text } };
      const asked = `Write this chapter in about 900 words.\n\n${given}\n\n## scene\n\n${JSON.stringify({ ...scene, n: index + 1 })}`;
      const { text: first } = (await ask(draft, asked)).value as { readonly text: string };
      const { text: second } = (await ask(draft, `${asked}\n\n## draft\n\n${first}`)).value as { readonly text: string };
      for (const told of [first, second]) {
        assert.ok(told.includes(thing) && told.includes(place) && told.includes(gift) && told.includes(next), told);
        assert.equal(new Set(told.split('\n\n')).size, told.split('\n\n').length, 'a paragraph stands there twice');
      }
      written.push(first);
      carried = gift;
    }
    assert.match(written[0] ?? '', /the story that goes "A lighthouse keeper finds a letter from the sea"/);
    assert.ok(['Ada', 'signal house'].every((name) => written[0]?.includes(name) === true && written.at(-1)?.includes(name) === true));
    const sentences = written
      .join(' ')
      .split(/(?<=[.!?]"?) (?=["A-Z])|\n\n/)
      .filter((sentence) => wordsOf(sentence) > 6);
    assert.ok(new Set(sentences).size > sentences.length * 0.9, `${new Set(sentences).size} of ${sentences.length}`);
  });

  it('finds what is tried again better, keeps most of a draft, and accepts in the end', async () => {
    const judged = {
      type: 'object',
      required: ['score', 'next'],
      properties: { score: { type: 'number', minimum: 0, maximum: 10 }, next: { enum: ['revise', 'research', 'accept'] } },
    };
    const scores: number[] = [];
    const chosen: string[] = [];
    for (const pass of [1, 2, 3]) {
      const { value } = await ask(judged, `Judge.\n\n## pass\n\n${pass}`);
      const { score, next } = value as { readonly score: number; readonly next: string };
      scores.push(score);
      chosen.push(next);
    }
    assert.deepEqual(
      scores.toSorted((a, b) => a - b),
      scores,
    );
    assert.ok((scores[0] ?? 9) < 8 && (scores[2] ?? 0) >= 8, scores.join());
    assert.equal(chosen[2], 'accept');
    const draft = Array.from({ length: 12 }, (_, n) => `Paragraph ${n} stands here.`).join('\n\n');
    const { value } = await ask(
      { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
      `Revise.\n\n## draft\n\n${draft}`,
    );
    const kept = (value as { readonly text: string }).text.split('\n\n').filter((one) => draft.includes(one)).length;
    assert.ok(kept >= 6 && kept < 12, `${kept}`);
    const { text } = value as { readonly text: string };
    assert.match(text, /^Paragraph 0 stands here\.[\s\S]*Paragraph 11 stands here\.$/, 'its opening and its end are those of the draft');
  });

  it('edits single sentences in which nobody speaks, each by a remark that is made once, and writes of nothing that is done', async () => {
    const edits: Schema = {
      type: 'array',
      items: { type: 'object', required: ['before', 'after'], properties: { before: { type: 'string' }, after: { type: 'string' } } },
    };
    const returns: Schema = { type: 'object', required: ['edits'], properties: { edits } };
    const text = 'The lamp went out. "I know," said Ada. "It was me. Nobody saw it." The rope creaked. A dog came by.';
    for (let seed = 1; seed <= 20; seed += 1) {
      const { value } = await ask(returns, `Edit this chapter with 3 edits.\n\n## text\n\n${text}`, seed);
      const { edits: made } = value as { readonly edits: readonly { readonly before: string; readonly after: string }[] };
      assert.equal(new Set(made.map(({ after }) => after)).size, made.length);
      for (const { before } of made) assert.ok(['The lamp went out.', 'The rope creaked.', 'A dog came by.'].includes(before), before);
    }
    const { text: told } = await ask(null, 'Write 400 words.\n\n## premise\n\nA clock that runs backwards finds a nurse who waits.');
    assert.doesNotMatch(told.replaceAll(/"A clock[^"]*"/g, ''), /\b(?:runs|backwards|waits)\b/i);
    assert.match(told, /\bclock|nurse\b/i);
  });

  it('is given up when it is cancelled', async () => {
    const request: ModelRequest = { system: '', messages: [{ role: 'user', text: 'x' }], tools: [], returns: null, settings: {} };
    const call = offlineModel.call(request, { signal: AbortSignal.abort(), onText: () => undefined, idempotencyKey: 'x' });
    await assert.rejects(call, { code: 'cancelled' });
  });
});
