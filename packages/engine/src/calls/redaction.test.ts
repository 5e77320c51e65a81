import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StepError } from '@scriptorium/core';
import type { Json } from '@scriptorium/core';
import fc from 'fast-check';
import { failureOf } from './failures.ts';
import { createRedactor } from './redaction.ts';

const secret = fc
  .string({ unit: 'grapheme', minLength: 12, maxLength: 40 })
  .filter((text) => !/\s|^(.)\1*$/u.test(text) && text.length >= 12);

test('whatever the secret and what stands around it, no form of it is left', () => {
  fc.assert(
    fc.property(secret, fc.string({ unit: 'binary-ascii' }), fc.string({ unit: 'binary-ascii' }), (value, before, after) => {
      const redactor = createRedactor([{ name: 'NAME', value }]);
      const whole = `${before}${value}${after}`;
      assert.ok(!redactor.text(whole).includes(value));
      assert.ok(!redactor.text(JSON.stringify({ whole })).includes(JSON.stringify(value).slice(1, -1)));
      assert.ok(!redactor.text(encodeURIComponent(whole)).includes(encodeURIComponent(value)));
      assert.ok(!redactor.text(Buffer.from(whole).toString('hex')).includes(Buffer.from(value).toString('hex')));
      const kept = Buffer.from(redactor.text(Buffer.from(whole).toString('base64')).replaceAll('***NAME***', ''), 'base64');
      assert.ok(!kept.includes(value));
    }),
  );
});

test('text without a secret stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      const redactor = createRedactor([{ name: 'NAME', value: 'a-secret-that-chance-does-not-make' }]);
      assert.equal(redactor.text(text), text);
    }),
  );
});

test('an error keeps its code, and loses the secret in message, fix, details, stack and causes', () => {
  const redactor = createRedactor([{ name: 'KEY', value: 'correct-horse' }]);
  const cause = new AggregateError([], 'inner correct-horse');
  const details: { readonly [key: string]: Json } = { 'correct-horse': ['correct-horse', 1] };
  const error = redactor.error(
    new StepError('refused', 'no correct-horse', { fix: 'not correct-horse', details, retryAfterMs: 5, cause }),
  ) as Error;
  const failed = failureOf(error, { name: 'a/b', errors: { refused: '' } });
  assert.deepEqual(failed, {
    code: 'refused',
    message: 'no ***KEY***',
    fix: 'not ***KEY***',
    details: { '***KEY***': ['***KEY***', 1] },
    retryAfterMs: 5,
  });
  assert.ok(!String(error.stack).includes('correct-horse'));
  assert.equal((error.cause as Error).message, 'inner ***KEY***');
});

test('lines and long words of a secret are recognised alone: programs tell things line by line', () => {
  const redactor = createRedactor([{ name: 'PEM', value: '-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQ\n-----END KEY-----' }]);
  assert.equal(redactor.text('line 2: kqhkiG9w0BAQ'), 'line 2: ***PEM***');
});

test('results and files that hold a secret are refused, in any form', () => {
  const redactor = createRedactor([{ name: 'KEY', value: 'correct-horse' }]);
  for (const data of ['a correct-horse b', Buffer.from('a correct-horse b'), Buffer.from('xcorrect-horse').toString('base64')]) {
    assert.throws(() => redactor.refuse('the result', data), { code: 'contract.output', message: 'the result contains the secret KEY' });
  }
  redactor.refuse('the result', 'a correct horse b');
});
