/** Reads steps: applies `like`, checks the keys, and finds the one body. */

import { childId } from '@scriptorium/core';
import type { Span } from '../diagnostic.ts';
import { booleanField, durationField, integerField, mapField, scalarField, wordField, wordsField } from './field.ts';
import type { Site } from './field.ts';
import { catchKeys, checkKeys, compensateKeys, definitionKeys, stateCatchKeys, stateKeys, stepKeys } from './keys.ts';
import type { KeySet } from './keys.ts';
import { expand } from './like.ts';
import type { StepReading } from './like.ts';
import { checkName } from './name.ts';
import { describePiece, entryOf } from './piece.ts';
import type { Entry, MapPiece, Piece, ScalarPiece } from './piece.ts';
import { readEvents, readNext } from './next-reader.ts';
import { readBudget, readCache, readEach, readLimit, readRetry } from './policy-reader.ts';
import type { BodyShape, CatchShape, StepShape } from './shape.ts';
import { readWait, refuseTrying } from './wait-reader.ts';

/** What there may be of in one scope. Looking at states takes the square of their number, and nobody reads so many. */
const most = { step: 10_000, state: 200 } as const;

const bodyKeys = ['uses', 'value', 'wait', 'steps', 'states'] as const;

export function readSteps(piece: Piece, scope: string, reading: StepReading): readonly StepShape[] {
  return readChildren(piece, scope, 'step', stepKeys, reading);
}

export function readStates(piece: Piece, scope: string, reading: StepReading): readonly StepShape[] {
  return readChildren(piece, scope, 'state', stateKeys, reading);
}

function readChildren(piece: Piece, scope: string, kind: 'step' | 'state', keys: KeySet, reading: StepReading): readonly StepShape[] {
  const { findings } = reading;
  const map = mapField(piece, `\`${kind}s\``, { path: scope, findings }, `give each ${kind} a name: \`scan: { uses: … }\``);
  if (map !== undefined && map.entries.size === 0) {
    findings.add({ code: 'missing_key', message: `\`${kind}s\` has no ${kind}`, span: map.span, path: scope });
  }
  if (map !== undefined && map.entries.size > most[kind]) {
    const message = `\`${kind}s\` has ${map.entries.size} ${kind}s; at most ${most[kind]} are read`;
    findings.add({ code: 'too_large', message, span: map.span, path: scope, fix: 'use an `each`, or split the flow' });
    return [];
  }
  return [...(map?.entries.values() ?? [])].flatMap((entry) => {
    const path = childId(scope, entry.key);
    checkName(entry.key, `a ${kind}`, entry.keySpan, path, findings);
    const step = expandedMap(entry.value, `the ${kind} '${entry.key}'`, path, reading);
    return step === undefined ? [] : [readStep(entry.key, entry.keySpan, step, path, keys, reading)];
  });
}

/** Checks the keys and policies of a `define` entry, whether a step starts from it or not. */
export function readDefinition(entry: Entry, reading: StepReading): void {
  const step = expandedMap(entry.value, `the definition '${entry.key}'`, '', reading);
  if (step !== undefined) {
    readPolicies(checkKeys(step, definitionKeys, '', reading.findings), { path: '', findings: reading.findings });
  }
}

/** The step with what it is `like`. */
function expandedMap(piece: Piece, what: string, path: string, reading: StepReading): MapPiece | undefined {
  const fix =
    piece.type === 'scalar' && typeof piece.value === 'string'
      ? `write \`{ uses: ${piece.value} }\` for a handler, or \`{ value: … }\` for data`
      : undefined;
  const map = mapField(piece, what, { path, findings: reading.findings }, fix);
  return map === undefined ? undefined : expand(map, [], path, reading);
}

function readStep(name: string, span: Span, written: MapPiece, path: string, keys: KeySet, reading: StepReading): StepShape {
  const site = { path, findings: reading.findings };
  const piece = checkKeys(written, keys, path, reading.findings);
  const isState = keys === stateKeys;
  const next = isState ? entryOf(piece, 'next') : undefined;
  const max = isState ? entryOf(piece, 'max') : undefined;
  const events = isState ? entryOf(piece, 'events') : undefined;
  const unsure = reading.unsure.has(written);
  const condition = entryOf(piece, 'if');
  const each = entryOf(piece, 'each');
  const needs = entryOf(piece, 'needs');
  const caught = entryOf(piece, 'catch');
  const compensate = entryOf(piece, 'compensate');
  return {
    name,
    span,
    path,
    needs: needs === undefined ? [] : wordsField(needs.value, '`needs`', site),
    if: condition === undefined ? undefined : scalarField(condition.value, '`if`', site),
    each: each === undefined ? undefined : readEach(each, site),
    body: readBody(piece, unsure, span, keys, path, reading),
    ...readPolicies(piece, site),
    catch: caught === undefined ? [] : readCatches(caught, isState ? stateCatchKeys : catchKeys, path, reading),
    compensate: compensate === undefined ? undefined : readCompensation(compensate, `${path}/compensate`, reading),
    next: next === undefined ? undefined : readNext(next, site),
    max: max === undefined ? undefined : (integerField(max.value, '`max`', 1, site) ?? 1),
    events: events === undefined ? [] : readEvents(events.value, site),
  };
}

function readPolicies(piece: MapPiece, site: Site): Pick<StepShape, 'returns' | 'timeout' | 'retry' | 'limit' | 'budget' | 'cache'> {
  const timeout = entryOf(piece, 'timeout');
  const ms = timeout === undefined ? undefined : durationField(timeout.value, '`timeout`', site);
  if (timeout !== undefined && ms === 0) {
    site.findings.add({
      code: 'bad_duration',
      message: '`timeout` must be longer than nothing',
      span: timeout.value.span,
      path: site.path,
      fix: 'leave `timeout` out for a step that may take as long as it does',
    });
  }
  const retry = entryOf(piece, 'retry');
  const limit = entryOf(piece, 'limit');
  const budget = entryOf(piece, 'budget');
  const cache = entryOf(piece, 'cache');
  const doc = entryOf(piece, 'doc');
  if (doc !== undefined) {
    wordField(doc.value, '`doc`', site);
  }
  return {
    returns: entryOf(piece, 'returns')?.value,
    timeout: timeout === undefined || ms === undefined ? undefined : { ms, span: timeout.value.span },
    retry: retry === undefined ? [] : readRetry(retry.value, site),
    limit: limit === undefined ? undefined : readLimit(limit.value, site),
    budget: budget === undefined ? undefined : readBudget(budget.value, site),
    cache: cache === undefined ? undefined : readCache(cache.value, site),
  };
}

function readBody(piece: MapPiece, unsure: boolean, span: Span, keys: KeySet, path: string, reading: StepReading): BodyShape {
  const { findings } = reading;
  const found = bodyKeys.flatMap((key) => entryOf(piece, key) ?? []);
  const [first, second] = found.toSorted((a, b) => a.keySpan.from - b.keySpan.from);
  if (first === undefined) {
    const isMisplaced = keys === catchKeys && piece.entries.has('to');
    if (!unsure && !isMisplaced) {
      const owner = keys.known.includes('errors') ? 'the catch entry' : keys === stateKeys ? 'the state' : 'the step';
      const ways = keys === stateCatchKeys ? ', or `to:` with a state to go on with' : '';
      findings.add({
        code: 'one_body',
        message: `${owner} does nothing: it has no \`uses\`, \`value\`, \`wait\`, \`steps\` or \`states\``,
        span,
        path,
        fix: `add \`uses:\` with a handler, \`value:\` with data, \`wait:\` with a time, or a scope of \`steps:\` or \`states:\`${ways}`,
      });
    }
    return { k: 'unknown' };
  }
  if (second !== undefined) {
    const names = found.map(({ key }) => `\`${key}\``).join(' and ');
    findings.add({
      code: 'one_body',
      message: `a step does exactly one thing: this one has ${names}`,
      span: second.keySpan,
      path,
      fix: 'make two steps of it',
    });
    return { k: 'unknown' };
  }
  refuseStrays(piece, first.key, { path, findings });
  return bodyOf(piece, first, span, path, reading);
}

function bodyOf(piece: MapPiece, { key, value }: Entry, span: Span, path: string, reading: StepReading): BodyShape {
  const site = { path, findings: reading.findings };
  if (key === 'value') {
    return { k: 'value', value };
  }
  if (key === 'wait') {
    return readWait(value, site);
  }
  if (key === 'steps') {
    return { k: 'steps', steps: readSteps(value, path, reading), until: untilOf(piece, site), output: entryOf(piece, 'output')?.value };
  }
  if (key === 'states') {
    return { k: 'states', states: readStates(value, path, reading), output: entryOf(piece, 'output')?.value, span };
  }
  const uses = wordField(value, '`uses`', site);
  if (uses === undefined) {
    return { k: 'unknown' };
  }
  const given = entryOf(piece, 'with');
  const detached = entryOf(piece, 'detached');
  const own = value.span.from >= piece.span.from && value.span.to <= piece.span.to;
  return {
    k: 'uses',
    uses,
    with: given === undefined ? undefined : mapField(given.value, '`with`', site),
    place: own ? value.span : span,
    detached: detached === undefined ? undefined : { value: booleanField(detached.value, '`detached`', site), span: detached.keySpan },
  };
}

function refuseStrays(piece: MapPiece, body: string, { path, findings }: Site): void {
  if (body === 'wait') {
    refuseTrying(piece, { path, findings });
  }
  for (const [key, owners] of [
    ['with', ['uses']],
    ['detached', ['uses']],
    ['output', ['steps', 'states']],
    ['until', ['steps']],
    ['compensate', ['uses']],
  ] as const) {
    const stray = entryOf(piece, key);
    if (stray !== undefined && !owners.some((owner) => owner === body)) {
      findings.add({
        code: 'unknown_key',
        message: `\`${key}\` belongs to \`${owners.join('` or `')}\`, and this step has \`${body}\``,
        span: stray.keySpan,
        path,
        fix: strayFixes[key],
      });
    }
  }
}

/** When a scope of steps is over before all of it is. */
export function untilOf(piece: MapPiece, site: Site): ScalarPiece | undefined {
  const until = entryOf(piece, 'until');
  return until === undefined ? undefined : scalarField(until.value, '`until`', site);
}

/** States end by their `next`. */
export function refuseUntil(piece: MapPiece, { path, findings }: Site): void {
  const until = entryOf(piece, 'until');
  if (until !== undefined) {
    const message = '`until` belongs to `steps`, and this flow has `states`';
    findings.add({ code: 'unknown_key', message, span: until.keySpan, path, fix: strayFixes.until });
  }
}

const strayFixes = {
  until: '`until` ends a scope of steps or, under `each`, its items; states end by their `next`',
  with: 'write the data into `value:`',
  detached: 'only a flow can be started and left alone',
  output: 'shape the result in a step of its own with `value:`',
  compensate: 'put it on the steps that call handlers: a scope undoes what those inside it did',
};

/** A compensation is one call. */
function readCompensation({ value, keySpan: span }: Entry, path: string, reading: StepReading): StepShape | undefined {
  const written = expandedMap(value, '`compensate`', path, reading);
  if (written === undefined) {
    return undefined;
  }
  const site = { path, findings: reading.findings };
  const piece = checkKeys(written, compensateKeys, path, reading.findings);
  const uses = entryOf(piece, 'uses');
  const hasOther = bodyKeys.some((key) => piece.entries.has(key));
  if (!hasOther && !reading.unsure.has(written)) {
    const fix = 'add `uses:` with the handler that undoes what the step did';
    reading.findings.add({ code: 'missing_key', message: '`compensate` calls no handler: it has no `uses`', span, path, fix });
  }
  return {
    name: 'compensate',
    span,
    path,
    needs: [],
    if: undefined,
    each: undefined,
    body: uses === undefined ? { k: 'unknown' } : bodyOf(piece, uses, span, path, reading),
    ...readPolicies(piece, site),
    returns: undefined,
    catch: [],
    compensate: undefined,
    next: undefined,
    max: undefined,
    events: [],
  };
}

function readCatches({ value }: Entry, keys: KeySet, path: string, reading: StepReading): readonly CatchShape[] {
  const { findings } = reading;
  if (value.type !== 'list') {
    findings.add({
      code: 'wrong_shape',
      message: `\`catch\` must be a list of entries, not ${describePiece(value)}`,
      span: value.span,
      path,
      fix: 'begin each entry with a dash: `- value: null`',
    });
    return [];
  }
  return value.items.flatMap((item, i) => {
    const piece = expandedMap(item, 'a catch entry', path, reading);
    return piece === undefined ? [] : [readCatch(piece, i, `${path}/catch.${i}`, keys, reading)];
  });
}

function readCatch(written: MapPiece, index: number, path: string, keys: KeySet, reading: StepReading): CatchShape {
  const site = { path, findings: reading.findings };
  const piece = checkKeys(written, keys, path, reading.findings);
  const errors = entryOf(piece, 'errors');
  const condition = entryOf(piece, 'if');
  const start = { from: piece.span.from, to: piece.span.from + 1 };
  const to = keys === stateCatchKeys ? entryOf(piece, 'to') : undefined;
  const base = {
    span: start,
    errors: errors === undefined ? [] : wordsField(errors.value, '`errors`', site),
    if: condition === undefined ? undefined : scalarField(condition.value, '`if`', site),
  };
  if (to !== undefined) {
    refuseBody(piece, site);
    return { ...base, to: wordField(to.value, '`to`', site), do: undefined };
  }
  const body: StepShape = {
    name: `catch.${index}`,
    span: start,
    path,
    needs: [],
    if: undefined,
    each: undefined,
    body: readBody(piece, reading.unsure.has(written), start, keys, path, reading),
    ...readPolicies(piece, site),
    catch: [],
    compensate: undefined,
    next: undefined,
    max: undefined,
    events: [],
  };
  return { ...base, to: undefined, do: body };
}

/** A catch entry that goes on with another state does nothing else. */
function refuseBody(piece: MapPiece, { path, findings }: Site): void {
  for (const { key, keySpan: span } of piece.entries.values()) {
    if (catchKeys.known.includes(key) && !['errors', 'if', 'doc', 'like'].includes(key)) {
      findings.add({
        code: 'one_body',
        message: `a catch entry goes \`to\` a state or does something itself: this one also has \`${key}\``,
        span,
        path,
        fix: `remove \`${key}\`, or do it in the state`,
      });
    }
  }
}
