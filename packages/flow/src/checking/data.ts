/** Data with expressions in it: to templates and their types. */

import { any, fieldsOf, isNullable, joinTypes, listOf, literalType, membersOf, SECRET_PREFIX, showType, str } from '@scriptorium/core';
import type { Field, Json, Tpl, Type } from '@scriptorium/core';
import type { Checking, Where } from './checking.ts';
import { checkExpression, reportUnclosed } from './expression.ts';
import { isKeptText, keptText } from '../reading/kept-text.ts';
import type { ListPiece, MapPiece, Piece, ScalarPiece } from '../reading/piece.ts';
import { checkSecret, partialReference, referenceProblem } from '../reading/secret.ts';
import { spanIn, textOf } from '../reading/text.ts';

export interface CheckedData {
  readonly tpl: Tpl;
  readonly type: Type;
}

export function checkData(piece: Piece, where: Where, checking: Checking): CheckedData {
  switch (piece.type) {
    case 'scalar':
      return checkScalar(piece, where, checking);
    case 'list':
      return checkList(piece, where, checking);
    case 'map':
      return checkMap(piece, where, checking);
  }
}

/** The parts of a mapping, for callers that look at each. */
export function checkEntries(piece: MapPiece, where: Where, checking: Checking): ReadonlyMap<string, CheckedData> {
  return new Map(
    [...piece.entries.values()].map(({ key, value }) => {
      checkSecret(key, value, where.path, checking.findings);
      return [key, checkData(value, where, checking)];
    }),
  );
}

export function objectOf(entries: ReadonlyMap<string, CheckedData>): CheckedData {
  const fields = [...entries].map(([name, { type }]): [string, Field] => [name, { type, optional: false }]);
  const type: Type = { k: 'obj', fields: fieldsOf(fields), rest: null, exact: true };
  const literals = [...entries].flatMap(([name, { tpl }]): [string, Json][] => ('lit' in tpl ? [[name, tpl.lit]] : []));
  return literals.length === entries.size
    ? { tpl: { lit: Object.fromEntries(literals) }, type }
    : { tpl: { obj: Object.fromEntries([...entries].map(([name, { tpl }]) => [name, tpl])) }, type };
}

function checkMap(piece: MapPiece, where: Where, checking: Checking): CheckedData {
  return objectOf(checkEntries(piece, where, checking));
}

function checkList(piece: ListPiece, where: Where, checking: Checking): CheckedData {
  const items = piece.items.map((item) => checkData(item, where, checking));
  const type = listOf(joinTypes(...items.map((item) => item.type)));
  const literals = items.flatMap(({ tpl }): Json[] => ('lit' in tpl ? [tpl.lit] : []));
  return literals.length === items.length ? { tpl: { lit: literals }, type } : { tpl: { list: items.map(({ tpl }) => tpl) }, type };
}

function checkScalar(piece: ScalarPiece, where: Where, checking: Checking): CheckedData {
  const text = textOf(piece);
  if (text === undefined || typeof piece.value !== 'string') {
    return { tpl: { lit: piece.value }, type: literalType(piece.value) };
  }
  if (reportUnclosed(piece, where, checking)) {
    return { tpl: { lit: piece.value }, type: any };
  }
  if (where.isInput === true && isKeptText(piece.value)) {
    return checkKeptText(piece.value, piece, where, checking);
  }
  if (piece.value.startsWith(SECRET_PREFIX)) {
    return checkReference(piece.value, piece, where, checking);
  }
  const partial = partialReference(piece.value);
  if (partial !== undefined) {
    const { from, to, ...problem } = partial;
    checking.findings.add({ ...problem, severity: 'warning', span: spanIn(piece, from, to), path: where.path });
  }
  if (text.whole !== undefined) {
    const { expr, type } = checkExpression(piece, text.whole, where, checking);
    return { tpl: { expr }, type };
  }
  if (text.expressions.length === 0) {
    const lit = text.parsed.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
    return { tpl: { lit }, type: literalType(lit) };
  }
  const cat = text.parsed.parts.map((part): Tpl => {
    if (part.type === 'text') {
      return { lit: part.text };
    }
    const { expr, type } = checkExpression(piece, part, where, checking);
    const problem = textProblem(type, part.source);
    if (problem !== undefined) {
      checking.findings.add({ ...problem, span: spanIn(piece, part.from, part.to), path: where.path });
    }
    return { expr };
  });
  return { tpl: { cat }, type: str };
}

/** A secret's value is text, and is not known here. */
function checkReference(value: string, piece: ScalarPiece, where: Where, { findings }: Checking): CheckedData {
  const problem = referenceProblem(value, where.isInput === true);
  if (problem !== undefined) {
    findings.add({ ...problem, span: piece.span, path: where.path });
  }
  return { tpl: { lit: value }, type: str };
}

function checkKeptText(value: string, { span }: ScalarPiece, { path }: Where, { findings, read, fileAt }: Checking): CheckedData {
  const kept = keptText(value, fileAt(span.from), read);
  if ('problem' in kept) {
    findings.add({ ...kept.problem, span, path });
  }
  return { tpl: { lit: 'text' in kept ? kept.text : '' }, type: str };
}

function textProblem(type: Type, source: string): { readonly code: string; readonly message: string; readonly fix: string } | undefined {
  const structured = membersOf(type).find(({ k }) => k === 'list' || k === 'obj' || k === 'collection');
  if (structured !== undefined) {
    return {
      code: 'not_text',
      message: `${source} is ${showType(type)}, and text takes only str, num and bool`,
      fix: `write json(${source})${structured.k === 'list' ? `, or ${source}.join(", ") where its items are text` : ', or one field of it'}`,
    };
  }
  return isNullable(type)
    ? {
        code: 'maybe_null',
        message: `${source} may be null, and text takes only str, num and bool`,
        fix: `give a default: \${ (${source}) ?? "…" }`,
      }
    : undefined;
}
