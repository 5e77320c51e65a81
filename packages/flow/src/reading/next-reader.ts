/** Reads where states go on: their `next`, one target or a list of guarded ones, and their `events`. */

import { mapField, scalarField, wordField } from './field.ts';
import type { Site } from './field.ts';
import { checkKeys, nextKeys } from './keys.ts';
import { checkName } from './name.ts';
import { describePiece, entryOf } from './piece.ts';
import type { Entry, Piece } from './piece.ts';
import type { Named, NextShape, TransitionShape, Word } from './shape.ts';

const listFix = 'write it like `next: done`, or `next: [{ if: "${ … }", to: again }, { to: done }]`';

export function readNext({ value, keySpan: span }: Entry, site: Site): NextShape {
  if (value.type === 'list') {
    const entries = value.items.map((item) => readTransition(item, site));
    if (value.items.length === 0) {
      site.findings.add({ code: 'missing_key', message: '`next` has no entry', span: value.span, path: site.path, fix: listFix });
    }
    return { entries, span };
  }
  if (value.type === 'scalar' && typeof value.value === 'string') {
    return { entries: [{ if: undefined, to: value, span: value.span }], span };
  }
  wrong(value, '`next`', 'the name of a state, an expression or a list', site);
  return { entries: [], span };
}

export function readEvents(piece: Piece, site: Site): readonly Named<Word>[] {
  const map = mapField(piece, '`events`', site, 'write it like `events: { cancel: stopped }`');
  return [...(map?.entries.values() ?? [])].flatMap(({ key, keySpan: span, value }) => {
    checkName(key, 'an event', span, site.path, site.findings);
    const target = wordField(value, `\`${key}\``, site);
    return target === undefined ? [] : [{ name: key, span, value: target }];
  });
}

function readTransition(item: Piece, site: Site): TransitionShape {
  if (item.type !== 'map') {
    wrong(item, 'an entry of `next`', 'a mapping with `to`', site);
    return { if: undefined, to: undefined, span: item.span };
  }
  const piece = checkKeys(item, nextKeys, site.path, site.findings);
  const span = { from: item.span.from, to: item.span.from + 1 };
  const condition = entryOf(piece, 'if');
  const to = entryOf(piece, 'to');
  const target = to === undefined ? undefined : scalarField(to.value, '`to`', site);
  if (to === undefined) {
    site.findings.add({
      code: 'missing_key',
      message: 'the entry of `next` has no `to`',
      span,
      path: site.path,
      fix: 'add `to:` with a state',
    });
  }
  return { if: condition === undefined ? undefined : scalarField(condition.value, '`if`', site), to: target, span };
}

function wrong(piece: Piece, what: string, wanted: string, site: Site): void {
  const message = `${what} must be ${wanted}, not ${describePiece(piece)}`;
  site.findings.add({ code: 'wrong_shape', message, span: piece.span, path: site.path, fix: listFix });
}
