/** Reads `each`, `retry`, `limit`, `budget` and `cache`. */

import { parseRate } from '@scriptorium/core';
import type { Budget, Limit, Ms, Retry } from '@scriptorium/core';
import { durationField, integerField, mapField, numberField, scalarField, textField, wordsField } from './field.ts';
import type { Site } from './field.ts';
import { breakerKeys, budgetKeys, checkKeys, eachKeys, limitKeys, retryKeys } from './keys.ts';
import { checkName } from './name.ts';
import { describePiece, entryOf } from './piece.ts';
import type { Entry, MapPiece, Piece, ScalarPiece } from './piece.ts';
import type { BudgetShape, EachShape, LimitShape, RetryShape, Word } from './shape.ts';

/** What a `retry` that does not say otherwise does: wait a second, twice as long each time, at most a minute. */
const retryDefaults: { readonly delay: Ms; readonly factor: number; readonly cap: Ms } = { delay: 1_000, factor: 2, cap: 60_000 };

export function readEach({ value, keySpan: span }: Entry, site: Site): EachShape {
  const item: Word = { text: 'item', span };
  if (value.type !== 'map') {
    return { in: value, as: item, key: undefined, workers: undefined, batch: undefined, tolerate: undefined, until: undefined, span };
  }
  const piece = checkKeys(value, eachKeys, site.path, site.findings);
  const list = entryOf(piece, 'in');
  if (list === undefined) {
    site.findings.add({
      code: 'missing_key',
      message: '`each` does not say what to go through',
      span,
      path: site.path,
      fix: 'add `in: "${ … }"` with a list',
    });
  }
  const as = entryOf(piece, 'as');
  const name = as === undefined ? undefined : textField(as.value, '`as`', site);
  if (as !== undefined && name !== undefined) {
    checkName(name, 'an item', as.value.span, site.path, site.findings, 'item');
  }
  const key = entryOf(piece, 'key');
  const until = entryOf(piece, 'until');
  return {
    in: list?.value,
    as: as === undefined || name === undefined ? item : { text: name, span: as.value.span },
    key: key === undefined ? undefined : scalarField(key.value, '`key`', site),
    workers: entryOf(piece, 'workers')?.value,
    batch: entryOf(piece, 'batch')?.value,
    tolerate: entryOf(piece, 'tolerate')?.value,
    until: until === undefined ? undefined : scalarField(until.value, '`until`', site),
    span,
  };
}

/** One policy, or a list of them of which the first that names the error applies. */
export function readRetry(piece: Piece, site: Site): readonly RetryShape[] {
  const pieces = piece.type === 'list' ? piece.items : [piece];
  return pieces.flatMap((each) => {
    if (each.type === 'map') {
      return readPolicy(each, site);
    }
    const fix =
      each.type === 'scalar' && typeof each.value === 'number'
        ? `write \`retry: { max: ${each.value} }\``
        : 'write it like `retry: { max: 3, errors: [io] }`';
    site.findings.add({
      code: 'wrong_shape',
      message: `\`retry\` must be a mapping or a list of them, not ${describePiece(each)}`,
      span: each.span,
      path: site.path,
      fix,
    });
    return [];
  });
}

function readPolicy(written: MapPiece, site: Site): readonly RetryShape[] {
  const piece = checkKeys(written, retryKeys, site.path, site.findings);
  const read = <T>(key: string, reader: (value: Piece, what: string) => T | undefined): T | undefined => {
    const entry = entryOf(piece, key);
    return entry === undefined ? undefined : reader(entry.value, `\`${key}\``);
  };
  const duration = (value: Piece, what: string): Ms | undefined => durationField(value, what, site);
  const max = read('max', (value, what) => integerField(value, what, 1, site));
  if (entryOf(piece, 'max') === undefined) {
    site.findings.add({
      code: 'missing_key',
      message: '`retry` does not say how often',
      span: piece.span,
      path: site.path,
      fix: 'add `max: 3`',
    });
  }
  const errors = read('errors', (value, what) => wordsField(value, what, site)) ?? [];
  const within = read('within', duration);
  const retry: Retry = {
    errors: errors.map(({ text }) => text),
    max: max ?? 1,
    delay: read('delay', duration) ?? retryDefaults.delay,
    factor: read('factor', (value, what) => numberField(value, what, 1, site)) ?? retryDefaults.factor,
    cap: read('cap', duration) ?? retryDefaults.cap,
    ...(within === undefined ? {} : { within }),
  };
  return [{ retry, errors, span: piece.span }];
}

export function readLimit(piece: Piece, site: Site): LimitShape | undefined {
  if (piece.type === 'map') {
    return { k: 'inline', limit: readLimitBody(piece, site), span: piece.span };
  }
  const text = textField(piece, '`limit`', site);
  return text === undefined ? undefined : { k: 'named', name: { text, span: piece.span } };
}

export function readLimitBody(written: MapPiece, site: Site): Limit {
  const piece = checkKeys(written, limitKeys, site.path, site.findings);
  const concurrent = entryOf(piece, 'concurrent');
  const rate = entryOf(piece, 'rate');
  const tokens = entryOf(piece, 'tokens');
  const breaker = entryOf(piece, 'breaker');
  if (concurrent === undefined && rate === undefined && tokens === undefined && breaker === undefined) {
    site.findings.add({
      code: 'missing_key',
      message: 'a limit without `concurrent`, `rate`, `tokens` or `breaker` limits nothing',
      span: piece.span,
      path: site.path,
      fix: 'write it like `{ concurrent: 4, rate: 2/s }`',
    });
  }
  const permits = concurrent === undefined ? undefined : integerField(concurrent.value, '`concurrent`', 1, site);
  const allowed = rate === undefined ? undefined : readRate(rate.value, 'rate', site);
  const counted = tokens === undefined ? undefined : readRate(tokens.value, 'tokens', site);
  const breaking = breaker === undefined ? undefined : readBreaker(breaker.value, site);
  return {
    ...(permits === undefined ? {} : { concurrent: permits }),
    ...(allowed === undefined ? {} : { rate: allowed }),
    ...(counted === undefined ? {} : { tokens: counted }),
    ...(breaking === undefined ? {} : { breaker: breaking }),
  };
}

function readBreaker(written: Piece, site: Site): Limit['breaker'] {
  const map = mapField(written, '`breaker`', site, 'write it like `breaker: { failures: 5, cooldown: 1m }`');
  if (map === undefined) {
    return undefined;
  }
  const piece = checkKeys(map, breakerKeys, site.path, site.findings);
  const required = (key: string, message: string, fix: string): Entry | undefined => {
    const entry = entryOf(piece, key);
    if (entry === undefined) {
      site.findings.add({ code: 'missing_key', message, span: piece.span, path: site.path, fix });
    }
    return entry;
  };
  const count = required('failures', '`breaker` does not say how many failures open it', 'add `failures: 5`');
  const time = required('cooldown', '`breaker` does not say how long it stays open', 'add `cooldown: 1m`');
  const failures = count === undefined ? undefined : integerField(count.value, '`failures`', 1, site);
  const cooldown = time === undefined ? undefined : durationField(time.value, '`cooldown`', site);
  if (time !== undefined && cooldown === 0) {
    site.findings.add({
      code: 'bad_duration',
      message: '`cooldown` must be longer than nothing: it is the rest that the service gets',
      span: time.value.span,
      path: site.path,
      fix: 'write it like 1m',
    });
  }
  return failures === undefined || cooldown === undefined ? undefined : { failures, cooldown };
}

export function readBudget(written: Piece, site: Site): BudgetShape | undefined {
  const map = mapField(written, '`budget`', site, 'write it like `budget: { usd: 5, tokens: 2000000, calls: 500 }`');
  if (map === undefined) {
    return undefined;
  }
  const piece = checkKeys(map, budgetKeys, site.path, site.findings);
  const units = budgetKeys.known as readonly (keyof Budget)[];
  const amounts = units.flatMap((unit): [keyof Budget, number][] => {
    const entry = entryOf(piece, unit);
    const read = unit === 'usd' ? numberField : integerField;
    const amount = entry === undefined ? undefined : read(entry.value, `\`${unit}\``, 0, site);
    return amount === undefined ? [] : [[unit, amount]];
  });
  if (!units.some((unit) => piece.entries.has(unit))) {
    site.findings.add({
      code: 'missing_key',
      message: 'a budget without `usd`, `tokens` or `calls` bounds nothing',
      span: piece.span,
      path: site.path,
      fix: 'write it like `{ usd: 5 }`',
    });
  }
  return { budget: Object.fromEntries(amounts), span: piece.span };
}

/** Undefined for `false`, by which a step takes back what it is `like`. */
export function readCache(piece: Piece, site: Site): ScalarPiece | undefined {
  if (piece.type === 'scalar' && piece.value === false) {
    return undefined;
  }
  if (piece.type === 'scalar' && (piece.value === true || typeof piece.value === 'string')) {
    return piece;
  }
  site.findings.add({
    code: 'wrong_shape',
    message: `\`cache\` must be true or a key, not ${describePiece(piece)}`,
    span: piece.span,
    path: site.path,
    fix: 'write `cache: true` for the input as the key, or `cache: "${ … }"` for one of your own',
  });
  return undefined;
}

function readRate(piece: Piece, key: 'rate' | 'tokens', site: Site): { readonly n: number; readonly per: Ms } | undefined {
  const rate = piece.type === 'scalar' && typeof piece.value === 'string' ? parseRate(piece.value) : undefined;
  if (rate === undefined) {
    const fix =
      piece.type === 'scalar' && typeof piece.value === 'number'
        ? `write the time: ${piece.value}/${key === 'rate' ? 's' : 'm'}`
        : key === 'rate'
          ? 'write it like 2/s, 60/m, 500/h or 1000/d'
          : 'write it like 90000/m';
    site.findings.add({
      code: 'bad_rate',
      message: `\`${key}\` must be a count over s, m, h or d, not ${describePiece(piece)}`,
      span: piece.span,
      path: site.path,
      fix,
    });
  }
  return rate;
}
