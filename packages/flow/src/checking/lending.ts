/**
 * Flows that a step lends its handler, which calls them when it likes: an agent, whose model does. They are found as
 * those that steps call, and what the handler has to know of them is put beside their names: what they take, what they
 * give, and what they do to the world.
 */

import { assignable, closest, errorKinds, matchesError, showType, typeOfSchema } from '@scriptorium/core';
import type { Json, JsonObject, LentFlow, LoanedFlow, Schema, Tpl } from '@scriptorium/core';
import { findFlow } from './called-flow.ts';
import { isObject } from './checking.ts';
import type { Callable } from './callable.ts';
import type { Checking, Where } from './checking.ts';
import { isEffects, stronger } from './effects.ts';
import type { Finding } from '../diagnostic.ts';
import { textSpan } from './expression.ts';
import { pieceAt, toJson } from '../reading/piece.ts';
import type { Piece } from '../reading/piece.ts';
import type { BodyShape } from '../reading/shape.ts';
import { calledBy, readUses } from './uses.ts';

type CallShape = Extract<BodyShape, { k: 'uses' }>;

interface CheckedLoan {
  readonly lent: LentFlow;
  /** Where its name stands, and what is to stand beside it. */
  readonly at: string;
  readonly told: JsonObject;
}

/** Characters of what is told of a flow's output. */
const MAX_GIVES = 1_000;

export function checkLoans(body: CallShape, handler: Callable | undefined, where: Where, checking: Checking): readonly CheckedLoan[] {
  const given = body.with;
  if (given === undefined) return [];
  return loansOf(body, handler).flatMap((loan) => checkLoan(loan, given, handler, where, checking) ?? []);
}

function checkLoan(loan: LoanedFlow, given: Piece, handler: Callable | undefined, where: Where, checking: Checking): CheckedLoan | null {
  const { findings, library, file } = checking;
  const { at, uses, depth, raises } = loan;
  const tell = (piece: Piece, finding: Omit<Finding, 'span' | 'path'>): void =>
    findings.add({ ...finding, span: piece.type === 'scalar' ? textSpan(piece) : piece.span, path: where.path });
  const [named, { name, range }] = [pieceAt(given, `${at}/flow`), readUses(uses)];
  if (library.versions(name, file).length === 0) {
    if (handler?.flows?.some((flow) => flow.name === name) !== true) tell(named, unknown(name, library.names()));
    return null;
  }
  const word = { text: uses, span: named.type === 'scalar' ? textSpan(named) : named.span };
  const flow = findFlow(word, where, checking);
  if (flow === undefined) return null;
  checking.lent.set(`${where.path} ${at}`, { uses: word, path: where.path, depth });
  const said = toJson(pieceAt(given, at)) as JsonObject;
  const isKnown = library.finished(checking.calls.get(calledBy(uses)) ?? '') !== undefined;
  const { effects, input } = said;
  if (isKnown && isEffects(effects) && stronger(effects, flow.effects) !== effects) {
    const message = `the flow '${name}' has the effects '${flow.effects}', and is lent as if it had '${effects}'`;
    tell(pieceAt(given, `${at}/effects`), { code: 'wrong_effects', message, fix: 'leave `effects` out: they are known of a flow' });
  }
  const misfit = input === undefined ? null : assignable(typeOfSchema(input as Schema), typeOfSchema(flow.input));
  if (misfit !== null) {
    const text = `what may be given to '${name}' by this \`input\` is more than it takes: '${misfit.path}' ${misfit.message}`;
    tell(pieceAt(given, `${at}/input`), { code: 'wrong_type', message: text, fix: 'leave `input` out: the flow has one' });
  }
  const codes = Object.keys(errorKinds).concat(codesIn(flow));
  for (const [index, code] of raises.entries())
    if (isKnown && !codes.includes('*') && !codes.some((one) => matchesError([code], one)))
      tell(pieceAt(given, `${at}/raises/${index}`), {
        code: 'unknown_error',
        message: `the flow '${name}' does not raise '${code}'`,
        fix: `its own codes are ${codesIn(flow).join(', ')}`,
      });
  const lent = { uses: name, flow: { range, depth, ...(raises.length === 0 ? {} : { raises }) } };
  return { lent, at, told: { ...toldOf(flow, depth), ...said } };
}

function unknown(name: string, names: readonly string[]): Omit<Finding, 'span' | 'path'> {
  const suggestion = closest(name, names) ?? undefined;
  const meant = suggestion === undefined ? '' : ` — did you mean '${suggestion}'?`;
  const fix = 'a flow is found beside this file and below `flows/`';
  return { code: 'no_such_flow', message: `there is no flow '${name}'${meant}`, ...(suggestion === undefined ? { fix } : { suggestion }) };
}

/** The same whichever of two flows that lead to each other is looked at first: of one that may be in itself, less is told. */
function toldOf({ name, doc, input, output, effects }: Callable, depth: number): JsonObject {
  const does = doc ?? `Does the work of the flow ${name}.`;
  if (depth > 1) return { doc: does, input, effects: 'write' };
  const gives = showType(typeOfSchema(output));
  return { doc: gives.length > MAX_GIVES ? does : `${does} Gives ${gives}.`, input, effects };
}

/** What the flows do that the step lends, and what its handler does with the rest of it. */
export function lentEffects(body: CallShape, checking: Checking): readonly Callable['effects'][] {
  const handler = checking.callables.get(readUses(body.uses.text).name);
  if (handler?.lends === undefined || body.with === undefined) return [];
  const { effects, flows } = handler.lends(toJson(body.with) as JsonObject);
  return [effects, ...flows.map(({ uses }) => effectsOf(uses, handler, checking))];
}

/** The codes of lent flows that the step makes its own. */
export function raisedByLoans(body: CallShape, checking: Checking): readonly string[] {
  const loans = loansOf(body, checking.callables.get(readUses(body.uses.text).name));
  return loans.flatMap(({ uses, raises }) => {
    const flow = lentFlow(uses, checking);
    return flow === null ? raises : codesIn(flow).filter((code) => code === '*' || matchesError(raises, code));
  });
}

function loansOf({ with: given }: CallShape, handler: Callable | undefined): readonly LoanedFlow[] {
  return given === undefined ? [] : (handler?.lends?.(toJson(given) as JsonObject).flows ?? []);
}

/** Of a flow that belongs to the handler nothing is known. */
function effectsOf(uses: string, { flows }: Callable, checking: Checking): Callable['effects'] {
  const isOwn = flows?.some(({ name }) => name === readUses(uses).name) === true;
  return lentFlow(uses, checking)?.effects ?? (isOwn ? 'write' : 'none');
}

function lentFlow(uses: string, { library, calls, file }: Checking): Callable | null {
  const found = library.versions(readUses(uses).name, file).find((one) => one.file === calls.get(calledBy(uses)));
  const known = found === undefined ? null : library.interfaceOf(found);
  return known === null || 'problem' in known ? null : known;
}

function codesIn({ errors }: Callable): readonly string[] {
  return Array.isArray(errors) ? (errors as readonly string[]) : Object.keys(errors);
}

/** The template with these members in the object at the pointer. */
export function fillIn(tpl: Tpl, pointer: string, members: JsonObject): Tpl {
  const [segment, ...rest] = pointer.split('/').slice(1);
  if (segment === undefined) return 'obj' in tpl ? { obj: { ...literals(members), ...tpl.obj } } : { lit: members };
  const inner = rest.map((one) => `/${one}`).join('');
  if ('lit' in tpl) return { lit: filledJson(tpl.lit, [segment, ...rest], members) };
  if ('list' in tpl) return { list: tpl.list.map((one, index) => (String(index) === segment ? fillIn(one, inner, members) : one)) };
  if ('obj' in tpl) return { obj: mapMember(tpl.obj, segment, (one) => fillIn(one, inner, members)) };
  return tpl;
}

function filledJson(value: Json, [segment, ...rest]: readonly string[], members: JsonObject): Json {
  if (segment === undefined) return members;
  if (Array.isArray(value)) return value.map((one: Json, index) => (String(index) === segment ? filledJson(one, rest, members) : one));
  return isObject(value) ? mapMember(value, segment, (one) => filledJson(one, rest, members)) : value;
}

function mapMember<T>(object: { readonly [key: string]: T }, name: string, change: (value: T) => T): { readonly [key: string]: T } {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, key === name ? change(value) : value]));
}

function literals(members: JsonObject): { readonly [key: string]: Tpl } {
  return Object.fromEntries(Object.entries(members).map(([key, value]) => [key, { lit: value }]));
}
