/** Checks an `each`: what it goes through, and the settings of the whole. */

import { any, int, isNullable, joinTypes, listOf, membersOf, num, showType, str, uncounted, withoutNull } from '@scriptorium/core';
import type { Each, Expr, Tpl, Type } from '@scriptorium/core';
import { namesWith } from './checking.ts';
import type { Checking, Where } from './checking.ts';
import { reportMismatch } from './call.ts';
import { checkData } from './data.ts';
import { checkCondition, checkWhole, expectType, textSpan } from './expression.ts';
import { isReserved } from '../reading/name.ts';
import type { Piece } from '../reading/piece.ts';
import type { EachShape, StepShape } from '../reading/shape.ts';
import { expressionsIn, spanIn } from '../reading/text.ts';

export interface CheckedEach {
  readonly each: Each;
  readonly as: string;
  readonly item: Type;
}

const keyType: Type = joinTypes(str, num);

export function checkEach(step: StepShape, shape: EachShape, where: Where, checking: Checking): CheckedEach {
  const as = shape.as.text;
  if (Object.hasOwn(where.names, as) && (as === 'item' || !isReserved(as))) {
    checking.findings.add({
      code: 'shadowed_name',
      message: `'${as}' is already a name here: an item cannot hide it`,
      span: shape.as.span,
      path: where.path,
      fix: 'give the items another name with `as:`',
    });
  }
  const list = shape.in === undefined ? { tpl: { lit: [] } as Tpl, type: any } : checkData(shape.in, where, checking);
  const element = shape.in === undefined ? any : elementOf(list.type, shape.in, where, checking);
  const item = shape.batch === undefined ? element : listOf(element);
  const key = shape.key === undefined ? undefined : checkKey(shape.key, as, item, where, checking);
  if (shape.key === undefined && shape.batch === undefined && needsKey(element)) {
    checking.findings.add({
      code: 'no_key',
      severity: 'warning',
      message: `the items are ${showType(element)}, and without \`key\` they are known by their place only`,
      span: shape.span,
      path: where.path,
      fix: keyFix(as, element),
    });
  }
  const until = shape.until === undefined ? undefined : checkUntil(shape.until, where, checking);
  const each: Each = {
    in: list.tpl,
    as,
    ...(key === undefined ? {} : { key }),
    workers: checkCount(shape.workers, 'workers', 1, where, checking) ?? { lit: null },
    batch: checkCount(shape.batch, 'batch', 2, where, checking) ?? { lit: 1 },
    tolerate: checkTolerate(shape.tolerate, where, checking),
    ...(until === undefined ? {} : { until }),
    captures: [...checking.reads.ofBody(step).keys()].sort(),
  };
  return { each, as, item };
}

/** How many items have succeeded and failed is known while they run, and nothing else of them. */
function checkUntil(piece: NonNullable<EachShape['until']>, where: Where, checking: Checking): Expr | undefined {
  const counted: Type = { k: 'collection', of: any };
  const inside = { ...where, names: namesWith(where.names, { ok: counted, failed: counted }) };
  const condition = checkCondition(piece, '`until`', inside, checking);
  for (const { name, from, to } of condition === undefined ? [] : uncounted(condition.$, ['ok', 'failed'])) {
    const [part] = expressionsIn(piece);
    checking.findings.add({
      code: 'only_counted',
      message: `here '${name}' can only be counted: the items are still running`,
      span: part === undefined ? piece.span : spanIn(piece, part.part.from + from, part.part.from + to),
      path: where.path,
      fix: `write ${name}.size(), and look at the results in a step after it`,
    });
  }
  return condition;
}

/** What one item is; lists, collections and unions of them have items. */
function elementOf(type: Type, piece: Piece, where: Where, checking: Checking): Type {
  const elements = membersOf(withoutNull(type)).map((member) =>
    member.k === 'list' || member.k === 'collection' ? member.of : member.k === 'any' ? any : null,
  );
  const stray = elements.includes(null);
  if (stray || isNullable(type) || elements.length === 0) {
    const span = piece.type === 'scalar' ? textSpan(piece) : piece.span;
    const [code, message, fix] =
      stray || elements.length === 0
        ? ['wrong_type', `\`each\` goes through a list, not ${showType(type)}`, undefined]
        : ['maybe_null', `\`each\` goes through a list, and this may be null: ${showType(type)}`, 'give a default: (…) ?? []'];
    checking.findings.add({ code, message, span, path: where.path, fix });
  }
  return stray ? any : joinTypes(...elements.map((element) => element ?? any));
}

function checkKey(piece: NonNullable<EachShape['key']>, as: string, item: Type, where: Where, checking: Checking): Expr | undefined {
  const inside = { ...where, names: namesWith(where.names, { [as]: item, index: int }) };
  const checked = checkWhole(piece, '`key`', inside, checking);
  if (checked !== undefined) {
    expectType(piece, checked.type, keyType, '`key`', inside, checking);
  }
  return checked?.expr;
}

function checkCount(piece: Piece | undefined, name: 'workers' | 'batch', least: number, where: Where, checking: Checking): Tpl | undefined {
  if (piece === undefined) {
    return undefined;
  }
  const { tpl, type } = checkData(piece, where, checking);
  if (!reportMismatch(name, piece, type, int, where, checking) && 'lit' in tpl && Number(tpl.lit) < least) {
    const fix = name === 'batch' ? 'leave `batch` out to get the items themselves' : undefined;
    checking.findings.add({ code: 'wrong_value', message: `'${name}' must be at least ${least}`, span: piece.span, path: where.path, fix });
  }
  return tpl;
}

function checkTolerate(piece: Piece | undefined, where: Where, checking: Checking): Tpl {
  if (piece === undefined) {
    return { lit: 0 };
  }
  const { tpl, type } = checkData(piece, where, checking);
  const literal = 'lit' in tpl ? tpl.lit : undefined;
  const share = typeof literal === 'string' ? /^(\d+(?:\.\d+)?)%$/.exec(literal) : null;
  const wrong =
    literal === undefined
      ? false
      : typeof literal === 'number'
        ? !Number.isInteger(literal) || literal < 0
        : share === null || Number(share[1]) > 100;
  if (wrong) {
    checking.findings.add({
      code: 'wrong_value',
      message: `'tolerate' must be a count or a share, not ${JSON.stringify(literal)}`,
      span: piece.span,
      path: where.path,
      fix: 'write it like 5 or "10%"',
    });
  } else if (literal === undefined) {
    reportMismatch('tolerate', piece, type, joinTypes(int, str), where, checking);
  }
  return tpl;
}

function needsKey(element: Type): boolean {
  return membersOf(element).some(({ k }) => k === 'obj');
}

function keyFix(as: string, element: Type): string {
  const fields = membersOf(element).flatMap((member) => (member.k === 'obj' ? Object.keys(member.fields) : []));
  const likely = ['id', 'key', 'name', 'path'].find((name) => fields.includes(name)) ?? fields[0] ?? 'id';
  return `add \`key: "\${ ${as}.${likely} }"\``;
}
