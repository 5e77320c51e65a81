/** Reads `wait`. */

import { mapField, scalarField, wordField, wordsField } from './field.ts';
import type { Site } from './field.ts';
import { checkKeys, waitKeys } from './keys.ts';
import { checkName } from './name.ts';
import { entryOf } from './piece.ts';
import type { Entry, MapPiece, Piece } from './piece.ts';
import type { BodyShape, EventShape } from './shape.ts';
import { textOf } from './text.ts';

const waysFix = 'write it like `wait: 5m`, `wait: { until: "${ … }" }` or `wait: { event: paid }`';
const ways = ['for', 'until', 'event'] as const;

/** A duration, or a mapping that says what is waited for. */
export function readWait(value: Piece, site: Site): BodyShape {
  if (value.type === 'scalar') {
    return { k: 'wait', for: value, until: undefined, event: undefined };
  }
  const map = mapField(value, '`wait`', site, waysFix);
  if (map === undefined) {
    return { k: 'unknown' };
  }
  const piece = checkKeys(map, waitKeys, site.path, site.findings);
  const given = ways.flatMap((key) => entryOf(piece, key) ?? []);
  const [first, second] = given;
  if (first === undefined) {
    site.findings.add({
      code: 'missing_key',
      message: '`wait` does not say for what',
      span: map.span,
      path: site.path,
      fix: waysFix,
    });
    return { k: 'unknown' };
  }
  if (second !== undefined) {
    const names = given.map(({ key }) => `\`${key}\``).join(' and ');
    site.findings.add({
      code: 'one_body',
      message: `a step waits for one thing: this one has ${names}`,
      span: second.keySpan,
      path: site.path,
      fix: 'make two steps of it, or give the step a `timeout`',
    });
    return { k: 'unknown' };
  }
  if (first.key === 'event') {
    const event = readEvent(first, piece, site);
    return event === undefined ? { k: 'unknown' } : { k: 'wait', for: undefined, until: undefined, event };
  }
  refuseWithout(piece, first.key, site);
  return { k: 'wait', for: entryOf(piece, 'for')?.value, until: entryOf(piece, 'until')?.value, event: undefined };
}

function readEvent({ value }: Entry, piece: MapPiece, site: Site): EventShape | undefined {
  const name = wordField(value, '`event`', site);
  const match = entryOf(piece, 'match');
  const to = entryOf(piece, 'to');
  const whom = to?.value.type === 'scalar' && (textOf(to.value)?.expressions.length ?? 0) > 0 ? to.value : undefined;
  const roles = to === undefined || whom !== undefined ? [] : wordsField(to.value, '`to`', site);
  if (name !== undefined) {
    checkName(name.text, 'an event', name.span, site.path, site.findings);
  }
  for (const { text, span } of roles) {
    checkName(text, 'a role', span, site.path, site.findings);
  }
  const ask = entryOf(piece, 'ask');
  if (match !== undefined && (ask !== undefined || to !== undefined)) {
    site.findings.add({
      code: 'unknown_key',
      message: '`match` chooses among signals, and a question (`ask`, `to`) is answered by whom it is put to',
      span: match.keySpan,
      path: site.path,
      fix: 'remove `match`, or `ask` and `to`',
    });
  }
  return name === undefined
    ? undefined
    : {
        name,
        match: match === undefined ? undefined : scalarField(match.value, '`match`', site),
        ask: ask?.value,
        to: roles,
        whom,
        answer: entryOf(piece, 'answer')?.value,
      };
}

/** What belongs to events says nothing about a time. */
function refuseWithout(piece: MapPiece, way: string, { path, findings }: Site): void {
  for (const { key, keySpan: span } of piece.entries.values()) {
    if (['match', 'ask', 'to', 'answer'].includes(key)) {
      findings.add({
        code: 'unknown_key',
        message: `\`${key}\` belongs to \`event\`, and this step waits for a time (\`${way}\`)`,
        span,
        path,
        fix: `remove \`${key}\`, or wait for an \`event\``,
      });
    }
  }
}

/** Policies of calls say nothing about a step that waits. */
export function refuseTrying(piece: MapPiece, { path, findings }: Site): void {
  for (const [key, why] of [
    ['retry', 'it cannot fail in a way that trying again would mend'],
    ['limit', 'it takes no place in a pool'],
  ] as const) {
    const stray = entryOf(piece, key);
    if (stray !== undefined) {
      findings.add({
        code: 'unknown_key',
        message: `\`${key}\` belongs to calls, and this step waits: ${why}`,
        span: stray.keySpan,
        path,
        fix: key === 'retry' ? 'name what is to follow a `timeout` under `catch`' : `remove \`${key}\``,
      });
    }
  }
}
