/** Reads `wait`. */

import { mapField } from './field.ts';
import type { Site } from './field.ts';
import { checkKeys, waitKeys } from './keys.ts';
import { entryOf } from './piece.ts';
import type { MapPiece, Piece } from './piece.ts';
import type { BodyShape } from './shape.ts';

const waysFix = 'write it like `wait: 5m`, or `wait: { until: "${ … }" }`';
const ways = ['for', 'until'] as const;

/** A duration, or a mapping that says what is waited for. */
export function readWait(value: Piece, site: Site): BodyShape {
  if (value.type === 'scalar') {
    return { k: 'wait', for: value, until: undefined };
  }
  const map = mapField(value, '`wait`', site, waysFix);
  if (map === undefined) {
    return { k: 'unknown' };
  }
  const piece = checkKeys(map, waitKeys, site.path, site.findings);
  const given = ways.flatMap((key) => entryOf(piece, key) ?? []);
  const isLater = waitKeys.later.some((key) => piece.entries.has(key));
  const [first, second] = given;
  if (first === undefined && !isLater) {
    site.findings.add({
      code: 'missing_key',
      message: '`wait` does not say for what',
      span: map.span,
      path: site.path,
      fix: waysFix,
    });
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
  }
  return first === undefined || second !== undefined
    ? { k: 'unknown' }
    : { k: 'wait', for: entryOf(piece, 'for')?.value, until: entryOf(piece, 'until')?.value };
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
