/**
 * A definition as read: JSON with the place of every key and value. Merging pieces keeps the places, so that a mistake
 * in a `define` entry or a profile is shown where it was written.
 */

import type { Json } from '@scriptorium/core';
import type { Span } from '../diagnostic.ts';

export type Piece = MapPiece | ListPiece | ScalarPiece;

export interface MapPiece {
  readonly type: 'map';
  readonly span: Span;
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface Entry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: Piece;
}

export interface ListPiece {
  readonly type: 'list';
  readonly span: Span;
  readonly items: readonly Piece[];
}

export interface ScalarPiece {
  readonly type: 'scalar';
  readonly span: Span;
  readonly value: null | boolean | number | string;
  readonly style: 'plain' | 'single' | 'double' | 'block';
  /** The source between the ends of the span. */
  readonly written: string;
}

export function toJson(piece: Piece): Json {
  switch (piece.type) {
    case 'scalar':
      return piece.value;
    case 'list':
      return piece.items.map(toJson);
    case 'map':
      return Object.fromEntries([...piece.entries.values()].map(({ key, value }) => [key, toJson(value)]));
  }
}

const counted = new WeakMap<Piece, number>();

/** How many values it holds, itself included. */
export function partsOf(piece: Piece): number {
  if (piece.type === 'scalar') return 1;
  const known = counted.get(piece);
  if (known !== undefined) return known;
  const inner = piece.type === 'list' ? piece.items : [...piece.entries.values()].map(({ value }) => value);
  const parts = inner.reduce((sum, one) => sum + partsOf(one), 1);
  counted.set(piece, parts);
  return parts;
}

/** The same piece as read from a text that begins `by` further on. */
export function shiftPiece(piece: Piece, by: number): Piece {
  const span = { from: piece.span.from + by, to: piece.span.to + by };
  switch (piece.type) {
    case 'scalar':
      return { ...piece, span };
    case 'list':
      return { ...piece, span, items: piece.items.map((item) => shiftPiece(item, by)) };
    case 'map': {
      const entries = [...piece.entries].map(([name, { key, keySpan, value }]): [string, Entry] => [
        name,
        { key, keySpan: { from: keySpan.from + by, to: keySpan.to + by }, value: shiftPiece(value, by) },
      ]);
      return { ...piece, span, entries: new Map(entries) };
    }
  }
}

/** The value under a key, if `piece` is a map that has it. */
export function entryOf(piece: Piece | undefined, key: string): Entry | undefined {
  return piece?.type === 'map' ? piece.entries.get(key) : undefined;
}

/** The nearest existing piece on a JSON pointer such as `/properties/a/0`. */
export function pieceAt(piece: Piece, pointer: string): Piece {
  let at = piece;
  for (const raw of pointer.split('/').slice(1)) {
    const segment = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    const next = at.type === 'map' ? at.entries.get(segment)?.value : at.type === 'list' ? at.items[Number(segment)] : undefined;
    if (next === undefined) {
      return at;
    }
    at = next;
  }
  return at;
}

export function describePiece(piece: Piece): string {
  if (piece.type !== 'scalar') {
    return piece.type === 'map' ? 'a mapping' : 'a list';
  }
  const kinds: Readonly<Record<string, string>> = { string: 'the text ', number: 'the number ' };
  return piece.value === null ? 'nothing' : `${kinds[typeof piece.value] ?? ''}${JSON.stringify(piece.value)}`;
}

/**
 * For each UTF-16 unit of a text scalar's value, the offset in the source that it was written at, and at the end the
 * offset after the last. Everything but white space appears in the source in the value's order, which is what aligns
 * folded and indented text; escapes are read as YAML 1.2 (5.7) has them.
 */
export function offsetsOf(piece: ScalarPiece): readonly number[] {
  const value = String(piece.value);
  const { written, style } = piece;
  const quoted = style === 'single' || style === 'double';
  let at = style === 'block' ? written.indexOf('\n') + 1 : quoted ? 1 : 0;
  const offsets: number[] = [];
  for (let i = 0; i < value.length; i += 1) {
    const unit = value.charAt(i);
    const escape = style === 'double' ? escapeLength(written, at) : 0;
    if (!/\s/.test(unit) && escape === 0) {
      at = skipSpace(written, at, style === 'double');
    }
    offsets.push(piece.span.from + at);
    at += stepLength(written, at, unit, style);
  }
  offsets.push(piece.span.from + at);
  return offsets;
}

function stepLength(written: string, at: number, unit: string, style: ScalarPiece['style']): number {
  const escape = style === 'double' ? escapeLength(written, at) : 0;
  if (escape > 0) {
    return escape;
  }
  if (style === 'single' && unit === "'") {
    return 2;
  }
  return written.charAt(at) === unit && unit !== '\n' ? 1 : 0;
}

/** Length of the escape at `at`, 0 if there is none or it joins lines. */
function escapeLength(written: string, at: number): number {
  if (written.charAt(at) !== '\\' || /[\r\n]/.test(written.charAt(at + 1))) {
    return 0;
  }
  const digits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
  return 2 + (digits[written.charAt(at + 1)] ?? 0);
}

function skipSpace(written: string, from: number, joins: boolean): number {
  let at = from;
  while (/\s/.test(written.charAt(at)) || (joins && written.charAt(at) === '\\' && /[\r\n]/.test(written.charAt(at + 1)))) {
    at += 1;
  }
  return at;
}
