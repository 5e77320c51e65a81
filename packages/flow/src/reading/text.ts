/** The texts of a definition with the expressions in them, parsed once for each piece. */

import type { Span } from '../diagnostic.ts';
import { offsetsOf } from './piece.ts';
import type { Piece, ScalarPiece } from './piece.ts';
import { parseText, wholeExpression } from './template.ts';
import type { ParsedText, TextPart } from './template.ts';

export type ExpressionPart = Extract<TextPart, { type: 'expr' }>;

export interface Text {
  readonly parsed: ParsedText;
  /** Set when the text is one expression and nothing else. */
  readonly whole: ExpressionPart | undefined;
  readonly expressions: readonly ExpressionPart[];
}

const texts = new WeakMap<ScalarPiece, Text>();

/** Undefined for scalars that are no text. */
export function textOf(piece: ScalarPiece): Text | undefined {
  if (typeof piece.value !== 'string') {
    return undefined;
  }
  const known = texts.get(piece);
  if (known !== undefined) {
    return known;
  }
  const parsed = parseText(piece.value);
  const text: Text = { parsed, whole: wholeExpression(parsed), expressions: parsed.parts.filter((part) => part.type === 'expr') };
  texts.set(piece, text);
  return text;
}

/** Place in the source of a range of the text. */
export function spanIn(piece: ScalarPiece, from: number, to: number): Span {
  const offsets = offsetsOf(piece);
  const start = offsets[from] ?? piece.span.to;
  return { from: start, to: to > from ? (offsets[to - 1] ?? start) + 1 : start + 1 };
}

export function* expressionsIn(piece: Piece | undefined): Generator<{ readonly piece: ScalarPiece; readonly part: ExpressionPart }> {
  if (piece?.type === 'scalar') {
    for (const part of textOf(piece)?.expressions ?? []) {
      yield { piece, part };
    }
  } else {
    const inner = piece?.type === 'list' ? piece.items : [...(piece?.entries.values() ?? [])].map(({ value }) => value);
    for (const each of inner) {
      yield* expressionsIn(each);
    }
  }
}

/** Place of the first read of `name` in an expression that reads it. */
export function readSpan(piece: ScalarPiece, part: ExpressionPart, name: string): Span {
  const words = part.source.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, (text) => ' '.repeat(text.length));
  const at = new RegExp(`(?<![\\w.])${name}(?!\\w)`).exec(words)?.index;
  return at === undefined ? spanIn(piece, part.from, part.to) : spanIn(piece, part.from + at, part.from + at + name.length);
}
