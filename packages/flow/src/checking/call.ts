/** Checks a call: the handler or flow exists in a fitting version, and `with` is what it takes. */

import { assignable, closest, isRange, satisfies, secretNameOf, showType, typeOfSchema } from '@scriptorium/core';
import type { FlowCall, JsonObject, LentFlow, ObjectType, Schema, Tpl, Type } from '@scriptorium/core';
import { isObject } from './checking.ts';
import type { Callable } from './callable.ts';
import type { Checking, Where } from './checking.ts';
import { checkEntries, objectOf } from './data.ts';
import type { CheckedData } from './data.ts';
import { badRange, findFlow } from './called-flow.ts';
import { startedOnly } from './deeds.ts';
import { checkLoans, fillIn } from './lending.ts';
import { mailboxOf } from './mail.ts';
import { checkEmitted } from './emitting.ts';
import type { Finding, Span } from '../diagnostic.ts';
import { mayOnlyBeNull, textSpan } from './expression.ts';
import { pieceAt } from '../reading/piece.ts';
import type { MapPiece, Piece } from '../reading/piece.ts';
import type { BodyShape, Word } from '../reading/shape.ts';
import { readUses } from './uses.ts';

type CallShape = Extract<BodyShape, { k: 'uses' }>;

export interface CheckedCall {
  readonly uses: string;
  readonly with: Tpl;
  /** Undefined when what is called is not known; that has been told. */
  readonly callable: Callable | undefined;
  /** Set where it is a flow. */
  readonly flow: FlowCall | undefined;
  /** The flows that it lends what it calls. */
  readonly lends: readonly LentFlow[];
}

export function checkCall(body: CallShape, where: Where, checking: Checking): CheckedCall {
  const { name, range } = readUses(body.uses.text);
  const handler = checking.callables.get(name);
  const flow = handler === undefined && checking.library.versions(name, checking.file).length > 0;
  const callable = flow ? findFlow(body.uses, where, checking) : findHandler(handler, body.uses, where, checking);
  const entries: ReadonlyMap<string, CheckedData> =
    body.with === undefined ? new Map() : checkEntries(body.with, { ...where, isInput: !flow }, checking);
  const data = objectOf(entries);
  if (callable !== undefined) {
    const input = typeOfSchema(callable.input);
    if (input.k === 'obj') {
      checkFields(body, entries, input, callable, where, checking);
    } else {
      checkWhole(body, data.type, input, where, checking);
    }
  }
  if (handler !== undefined) {
    checkEmitted(body, where, checking);
    checkPayload(body, entries, where, checking);
  }
  checkDetached(body, flow, where, checking);
  const loans = checkLoans(body, handler, where, checking);
  const detached = flow && body.detached?.value === true;
  return {
    uses: name,
    with: loans.reduce((tpl, { at, told }) => fillIn(tpl, at, told), data.tpl),
    callable: callable === undefined || !flow || body.detached === undefined ? callable : leftAlone(callable, body.detached.value),
    flow: flow ? { range, ...(detached ? { detached } : {}) } : undefined,
    lends: loans.map(({ lent }) => lent),
  };
}

/** A message to a mailbox of the project: what it says has to be what each step accepts that receives from there. */
function checkPayload(body: CallShape, entries: ReadonlyMap<string, CheckedData>, where: Where, checking: Checking): void {
  const mailbox = mailboxOf(body);
  const [piece, data] = [body.with?.entries.get('payload')?.value, entries.get('payload')];
  if (mailbox === null || piece === undefined || data === undefined) return;
  for (const { schema, place } of [...checking.accepted, ...checking.library.accepted(checking.file)].filter(
    (one) => one.mailbox === mailbox,
  )) {
    const because = place === null ? '' : `, as the mailbox '${mailbox}' accepts it at ${place}`;
    checkArgument('payload', piece, data, typeOfSchema(schema), schema, where, checking, because);
  }
}

/** What a detached call gives. */
const startedRun: Schema = { type: 'object', required: ['run'], properties: { run: { type: 'string' } }, additionalProperties: false };

/** The flow as `detached` makes of it; it may give anything where that is wrong. */
function leftAlone(flow: Callable, detached: boolean | undefined): Callable {
  return detached === undefined ? { ...flow, output: true } : detached ? { ...startedOnly(flow), output: startedRun } : flow;
}

function checkDetached({ detached }: CallShape, flow: boolean, where: Where, { findings }: Checking): void {
  if (detached !== undefined && !flow) {
    findings.add({
      code: 'unknown_key',
      message: '`detached` belongs to a step that calls a flow, and this one calls a handler',
      span: detached.span,
      path: where.path,
      fix: 'remove `detached`',
    });
  }
}

function findHandler(
  callable: Callable | undefined,
  word: Word,
  where: Where,
  { callables, findings, library }: Checking,
): Callable | undefined {
  const { name, range } = readUses(word.text);
  const tell = (finding: Omit<Finding, 'span' | 'path'>): void => findings.add({ ...finding, span: word.span, path: where.path });
  if (callable === undefined) {
    const names = [...callables.keys(), ...library.names()];
    const suggestion =
      closest(name, names) ??
      closest(
        name.split('/').at(-1) ?? '',
        names.map((key) => key.split('/').at(-1) ?? ''),
      );
    const full = suggestion === null ? undefined : names.find((key) => key === suggestion || key.endsWith(`/${suggestion}`));
    const dynamic = name.includes('${')
      ? 'a step names its handler literally: choose by `if` on two steps'
      : 'see the registered handlers with `scriptorium doctor`; a flow is found beside this file and below `flows/`';
    tell({
      code: 'no_such_handler',
      message: `there is no handler '${name}'${full === undefined ? '' : ` — did you mean '${full}'?`}`,
      suggestion: full,
      ...(full === undefined ? { fix: dynamic } : {}),
    });
  } else if (!isRange(range)) {
    tell(badRange(name, range, callable.version));
  } else if (!satisfies(callable.version, range) && range !== '*') {
    tell({
      code: 'version_mismatch',
      message: `the handler '${name}' has version ${callable.version}, and the step asks for ${range}`,
      fix: `install a fitting version, or ask for ${name}@^${callable.version}`,
    });
  }
  return callable;
}

function checkFields(
  body: CallShape,
  entries: ReadonlyMap<string, CheckedData>,
  input: ObjectType,
  callable: Callable,
  where: Where,
  checking: Checking,
): void {
  const missing = Object.entries(input.fields).filter(([name, field]) => !field.optional && !entries.has(name));
  const unknown = [...entries.keys()].filter((name) => !Object.hasOwn(input.fields, name) && input.rest === null);
  const meant = new Map(
    unknown.map((name) => [
      name,
      closest(
        name,
        Object.keys(input.fields).filter((field) => !entries.has(field)),
      ),
    ]),
  );
  for (const [name, field] of missing.filter(([each]) => ![...meant.values()].includes(each))) {
    checking.findings.add({
      code: 'missing_input',
      message: `'${callable.name}' needs '${name}' (${showType(field.type)})`,
      span: body.place,
      path: where.path,
      fix: `add \`with: { ${name}: … }\``,
    });
  }
  for (const name of unknown) {
    checkUnknown(name, meant.get(name) ?? undefined, body.with, input, callable, where, checking);
  }
  for (const [name, data] of entries) {
    const field = Object.hasOwn(input.fields, name) ? input.fields[name]?.type : input.rest;
    const piece = body.with?.entries.get(name)?.value;
    if (field !== undefined && field !== null && piece !== undefined) {
      checkArgument(name, piece, data, field, propertySchema(callable.input, name), where, checking);
    }
  }
}

/** An undeclared key is a mistake where the contract is closed, and probably one where it resembles a declared key. */
function checkUnknown(
  name: string,
  suggestion: string | undefined,
  given: MapPiece | undefined,
  input: ObjectType,
  callable: Callable,
  where: Where,
  { findings }: Checking,
): void {
  const entry = given?.entries.get(name);
  if (entry === undefined || (input.exact !== true && suggestion === undefined)) {
    return;
  }
  const fields = Object.keys(input.fields);
  const takes = fields.length === 0 ? 'it takes nothing' : `it takes ${fields.join(', ')}`;
  const required = suggestion !== undefined && input.fields[suggestion]?.optional === false;
  findings.add({
    code: 'unknown_input',
    ...(input.exact === true || required ? {} : { severity: 'warning' }),
    message: `'${callable.name}' has no input '${name}' (${takes})${suggestion === undefined ? '' : ` — did you mean '${suggestion}'?`}`,
    span: entry.keySpan,
    path: where.path,
    suggestion,
  });
}

function checkArgument(
  name: string,
  piece: Piece,
  { tpl, type }: CheckedData,
  expected: Type,
  schema: Schema,
  where: Where,
  checking: Checking,
  because = '',
): void {
  if (reportMismatch(name, piece, type, expected, where, checking, because)) {
    return;
  }
  if ('lit' in tpl) {
    for (const issue of checking.contracts.compile(schema)(tpl.lit)) {
      const at = pieceAt(piece, issue.path);
      if (at.type === 'scalar' && typeof at.value === 'string' && secretNameOf(at.value) !== null) {
        continue;
      }
      checking.findings.add({
        code: 'wrong_value',
        message: `'${[name, ...issue.path.split('/').slice(1)].join('.')}' ${issue.message}${because}`,
        span: at.span,
        path: where.path,
      });
    }
  }
}

function checkWhole(body: CallShape, type: Type, input: Type, where: Where, checking: Checking): void {
  if (body.with !== undefined) {
    reportMismatch('`with`', body.with, type, input, where, checking);
  } else if (assignable(type, input) !== null) {
    checking.findings.add({
      code: 'missing_input',
      message: `'${body.uses.text}' needs an input: ${showType(input)}`,
      span: body.place,
      path: where.path,
      fix: 'add `with:`',
    });
  }
}

/** Tells at the innermost written place of what does not fit; whether there is something. */
export function reportMismatch(
  name: string,
  piece: Piece,
  type: Type,
  expected: Type,
  where: Where,
  checking: Checking,
  because = '',
): boolean {
  const mismatch = assignable(type, expected);
  if (mismatch === null) {
    return false;
  }
  const place = descend(piece, mismatch.path);
  const subject = [name, mismatch.path].filter((part) => part !== '').join(mismatch.path.startsWith('[') ? '' : '.');
  checking.findings.add({
    code: mayOnlyBeNull(type, expected) ? 'maybe_null' : 'wrong_type',
    message: `'${subject}' ${mismatch.message}${because}`,
    span: place,
    path: where.path,
  });
  return true;
}

function descend(piece: Piece, path: string): Span {
  let at = piece;
  for (const step of path.split('.')) {
    const inner = at.type === 'map' ? at.entries.get(step) : undefined;
    if (inner === undefined) {
      break;
    }
    at = inner.value;
  }
  return at.type === 'scalar' ? textSpan(at) : at.span;
}

/** The schema of one property, with what it may refer to in the whole. */
function propertySchema(schema: Schema, name: string): Schema {
  const properties = isObject(schema) && isObject(schema.properties) ? schema.properties : {};
  const property = Object.hasOwn(properties, name) ? properties[name] : true;
  if (!isObject(property)) {
    return property !== false;
  }
  const shared: JsonObject = Object.fromEntries(
    ['$defs', 'definitions'].flatMap((key) => (isObject(schema) && isObject(schema[key]) ? [[key, schema[key]]] : [])),
  );
  return { ...property, ...shared };
}
