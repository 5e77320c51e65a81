/**
 * Turns a syntax tree into closures, once. Only what can repeat or grow is charged while it runs: the tree itself has a
 * bounded size, so a plain guard pays nothing. A round of a macro is charged by the size of its body.
 */

import type { Ast, BinaryAst, CallAst, FieldAst, IndexAst, LogicAst, MacroAst, MapAst } from './ast.ts';
import { textOf } from './ast.ts';
import { condition, logicOf, quantified } from './condition.ts';
import { functionOf } from './functions.ts';
import { binary, misapplied } from './operators.ts';
import type { ExprFunction, Overload } from './overload.ts';
import { acceptsValue, receiversOf, signaturesOf, takes } from './overload.ts';
import type { Run, Scope } from './scope.ts';
import { define, exhausted, fail, isObject, itemsOf, keysOf, kindOf, valueAt } from './scope.ts';
import { Collection } from './value.ts';
import type { Value } from './value.ts';

/** A link of a chain: `undefined` once a `?.` has met null. */
type Link = (scope: Scope) => Value | undefined;

interface Frame {
  /** Where each variable of a surrounding macro lies. */
  readonly slots: ReadonlyMap<string, number>;
}

export function programOf(ast: Ast): Run {
  return compile(ast, { slots: new Map() });
}

function compile(ast: Ast, frame: Frame): Run {
  switch (ast.k) {
    case 'literal': {
      const { value } = ast;
      return () => value;
    }
    case 'name':
      return nameOf(ast.name, ast, frame);
    case 'chain': {
      const link = compile(ast.of, frame) as Link;
      return (scope) => link(scope) ?? null;
    }
    case 'field':
      return field(ast, frame) as Run;
    case 'index':
      return index(ast, frame) as Run;
    case 'call':
      return call(ast, frame) as Run;
    case 'macro':
      return macro(ast, frame) as Run;
    case 'has':
      return has(ast.of, frame);
    case 'unary':
      return unary(ast, frame);
    case 'binary':
      return operation(ast, frame);
    case 'logic':
      return logic(ast, frame);
    case 'choice': {
      const [test, then, otherwise] = [compile(ast.test, frame), compile(ast.then, frame), compile(ast.otherwise, frame)];
      return (scope) => (condition(scope, test(scope), ast.test, "the condition before '?'") ? then(scope) : otherwise(scope));
    }
    case 'list': {
      const items = ast.items.map((item) => compile(item, frame));
      return (scope) => items.map((item) => item(scope));
    }
    case 'map':
      return mapOf(ast, frame);
  }
}

function nameOf(name: string, ast: Ast, frame: Frame): Run {
  const slot = frame.slots.get(name);
  if (slot !== undefined) return (scope) => scope.slots[slot]!;
  return (scope) => {
    const value = scope.names(name);
    return value === undefined ? fail(scope, ast, 'no_such_name', `'${name}' is not visible here`) : value;
  };
}

function field(ast: FieldAst, frame: Frame): Link {
  const of = compile(ast.of, frame) as Link;
  const { name, optional } = ast;
  const inherited = name in Object.prototype;
  return (scope) => {
    const value = of(scope);
    if (isObject(value)) return (inherited ? valueAt(value, name) : value[name]) ?? null;
    if (value === undefined || (value === null && optional)) return undefined;
    if (value === null) fail(scope, ast.nameAt, 'null_value', nullField(scope, ast.of, `.${name}`));
    return fail(scope, ast.nameAt, 'no_such_field', `${textOf(scope.source, ast.of)} is ${kindOf(value)}, which has no fields`);
  };
}

function nullField(scope: Scope, of: Ast, access: string): string {
  const text = textOf(scope.source, of);
  return `${text} is null — use ${text}?.${access.startsWith('.') ? access.slice(1) : access}`;
}

function index(ast: IndexAst, frame: Frame): Link {
  const of = compile(ast.of, frame) as Link;
  const key = compile(ast.index, frame);
  return (scope) => {
    const value = of(scope);
    if (value === undefined || (value === null && ast.optional)) return undefined;
    if (value === null) fail(scope, ast.index, 'null_value', nullField(scope, ast.of, '[…]'));
    const at = key(scope);
    if (isObject(value))
      return typeof at === 'string'
        ? valueAt(value, at)
        : fail(scope, ast.index, 'no_overload', `keys of an object are str, not ${kindOf(at)}`);
    if (!Array.isArray(value) && !(value instanceof Collection))
      fail(
        scope,
        ast.index,
        'no_overload',
        `[ ] is for list|obj, not ${kindOf(value)}${typeof value === 'string' ? ': use .slice(from, to)' : ''}`,
      );
    if (typeof at !== 'number' || !Number.isInteger(at))
      return fail(scope, ast.index, 'no_overload', `the index of a list is int, not ${typeof at === 'number' ? at : kindOf(at)}`);
    scope.at = ast;
    return itemsOf(scope, value as readonly Value[] | Collection)[at] ?? null;
  };
}

function call(ast: CallAst, frame: Frame): Link {
  const entry = functionOf(ast.name);
  const args = ast.args.map((arg) => compile(arg, frame));
  const first = args[0] as Link | undefined;
  if (entry === null || first === undefined) return (scope) => unknownCall(scope, ast);
  const rest = args.slice(1);
  return (scope) => {
    const receiver = first(scope);
    if (receiver === undefined || (receiver === null && ast.optional)) return undefined;
    const values = [receiver, ...rest.map((arg) => arg(scope))];
    scope.at = ast;
    const chosen = entry.overloads.find(
      (candidate) => takes(candidate, values.length) && values.every((value, at) => acceptsValue(scope, candidate.params[at]!, value)),
    );
    if (chosen === undefined) return refuse(scope, ast, entry, values);
    return invoke(scope, chosen, values);
  };
}

function invoke(scope: Scope, chosen: Overload, values: readonly Value[]): Value {
  const run = chosen.run as (scope: Scope, ...args: Value[]) => Value;
  const opened = values.map((value, at) =>
    value instanceof Collection && chosen.params[at]!.k === 'list' ? itemsOf(scope, value) : value,
  );
  return run(scope, ...opened);
}

function unknownCall(scope: Scope, ast: CallAst): never {
  const entry = functionOf(ast.name);
  if (entry) fail(scope, ast.nameAt, 'no_overload', `${ast.name} takes ${signaturesOf(entry)}`);
  return fail(scope, ast.nameAt, 'no_such_function', `there is no function '${ast.name}'`);
}

function refuse(scope: Scope, ast: CallAst, entry: ExprFunction, values: readonly Value[]): never {
  const shown = ast.method ? `.${ast.name}()` : `${ast.name}()`;
  const nullAt = values.indexOf(null);
  if (nullAt >= 0) {
    const text = textOf(scope.source, ast.args[nullAt]!);
    fail(
      scope,
      ast.args[nullAt]!,
      'null_value',
      `${text} is null; ${shown} ${nullAt === 0 ? `is for ${receiversOf(entry)}` : `takes ${signaturesOf(entry)}`} — use (${text} ?? default)`,
    );
  }
  return fail(scope, ast.nameAt, 'no_overload', `${shown} takes ${signaturesOf(entry)}; it was given (${values.map(kindOf).join(', ')})`);
}

/** What goes through a list, a collection, or the keys of an object. */
function rangeOf(scope: Scope, value: Value, ast: MacroAst): readonly Value[] {
  scope.at = ast;
  if (Array.isArray(value) || value instanceof Collection) return itemsOf(scope, value);
  if (isObject(value)) return keysOf(scope, value);
  const text = textOf(scope.source, ast.of);
  if (value === null) fail(scope, ast.of, 'null_value', `${text} is null; .${ast.name}() is for list|obj — use (${text} ?? [])`);
  return fail(scope, ast.nameAt, 'no_overload', `.${ast.name}() is for list|obj, not ${kindOf(value)}`);
}

function macro(ast: MacroAst, frame: Frame): Link {
  const of = compile(ast.of, frame) as Link;
  const slot = frame.slots.size;
  // A variable that hides another gets a slot of its own, counted under a name that no source can have.
  const outer = frame.slots.has(ast.variable) ? new Map([...frame.slots, [`\u0000${slot}`, slot]]) : frame.slots;
  const inner: Frame = { slots: new Map([...outer, [ast.variable, slot]]) };
  const body = compile(ast.body, inner);
  const when = ast.when ? compile(ast.when, inner) : null;
  const cost = 1 + Math.ceil((weightOf(ast.body) + (ast.when ? weightOf(ast.when) : 0)) / 4);
  const enter = (scope: Scope, item: Value): void => {
    scope.slots[slot] = item;
    scope.fuel -= cost;
    if (scope.fuel < 0) spent(scope, ast);
  };
  const finish = ast.name === 'map' ? mapping(ast, enter, when, body) : testing(ast, enter, body);
  return (scope) => {
    const value = of(scope);
    return value === undefined || (value === null && ast.optional) ? undefined : finish(scope, rangeOf(scope, value, ast));
  };
}

type Enter = (scope: Scope, item: Value) => void;

function mapping(ast: MacroAst, enter: Enter, when: Run | null, body: Run): (scope: Scope, items: readonly Value[]) => Value {
  return (scope, items) => {
    const mapped: Value[] = [];
    for (const item of items) {
      enter(scope, item);
      if (when === null || condition(scope, when(scope), ast.when!, 'the condition of map')) mapped.push(body(scope));
    }
    return mapped;
  };
}

function testing(ast: MacroAst, enter: Enter, body: Run): (scope: Scope, items: readonly Value[]) => Value {
  const what = `the condition of ${ast.name}`;
  const holds = (scope: Scope, item: Value): boolean => {
    enter(scope, item);
    return condition(scope, body(scope), ast.body, what);
  };
  switch (ast.name) {
    case 'all':
      return (scope, items) => quantified(scope, items, false, (item) => holds(scope, item));
    case 'exists':
      return (scope, items) => quantified(scope, items, true, (item) => holds(scope, item));
    case 'exists_one':
      return (scope, items) => items.filter((item) => holds(scope, item)).length === 1;
    default:
      return (scope, items) => items.filter((item) => holds(scope, item));
  }
}

function spent(scope: Scope, ast: MacroAst): never {
  scope.at = ast;
  return exhausted(scope);
}

/** About a quarter of a fuel unit each, weighed by what a round may leave in memory. */
function weightOf(ast: Ast): number {
  const sum = (parts: readonly Ast[]): number => parts.reduce((weight, part) => weight + weightOf(part), 1);
  switch (ast.k) {
    case 'literal':
    case 'name':
      return 1;
    case 'chain':
    case 'has':
    case 'field':
    case 'unary':
      return sum([ast.of]);
    case 'index':
      return sum([ast.of, ast.index]);
    case 'call':
      return sum(ast.args) + 4;
    case 'macro':
      return sum([ast.of]) + 8;
    case 'binary':
    case 'logic':
      return sum([ast.left, ast.right]);
    case 'choice':
      return sum([ast.test, ast.then, ast.otherwise]);
    case 'list':
      return sum(ast.items) + ast.items.length + 2;
    case 'map':
      return sum(ast.entries.flatMap(({ key, value }) => [key, value])) + ast.entries.length + 3;
  }
}

function has(of: Ast, frame: Frame): Run {
  const path = (of.k === 'chain' ? of.of : of) as FieldAst | IndexAst;
  const base = compile(path.of, frame) as Link;
  const key = path.k === 'field' ? (): Value => path.name : compile(path.index, frame);
  return (scope) => {
    const value = base(scope);
    if (value === undefined || (value === null && path.optional)) return false;
    const at = key(scope);
    if (isObject(value) && typeof at === 'string') return Object.hasOwn(value, at);
    if (value === null) fail(scope, path.of, 'null_value', nullField(scope, path.of, path.k === 'field' ? `.${path.name}` : '[…]'));
    if (!Array.isArray(value) && !(value instanceof Collection))
      return fail(scope, of, 'no_overload', `has is for a field of obj, not of ${kindOf(value)}`);
    const size = value instanceof Collection ? value.size : value.length;
    return typeof at === 'number' && Number.isInteger(at) && at >= 0 && at < size;
  };
}

function unary(ast: Ast & { k: 'unary' }, frame: Frame): Run {
  const of = compile(ast.of, frame);
  if (ast.op === '!') return (scope) => !condition(scope, of(scope), ast.of, "what follows '!'");
  return (scope) => {
    const value = of(scope);
    return typeof value === 'number' ? -value + 0 : misapplied(scope, '-', ast, value);
  };
}

/** The common cases are decided here without a call: comparing numbers, and text or numbers with `==`. */
function operation(ast: BinaryAst, frame: Frame): Run {
  const left = compile(ast.left, frame);
  const right = compile(ast.right, frame);
  const { op } = ast;
  const slow = (scope: Scope, a: Value, b: Value): Value => binary(scope, op, a, b, ast);
  const numbers =
    (test: (a: number, b: number) => boolean): Run =>
    (scope) => {
      const a = left(scope);
      const b = right(scope);
      return typeof a === 'number' && typeof b === 'number' ? test(a, b) : slow(scope, a, b);
    };
  switch (op) {
    case '<':
      return numbers((a, b) => a < b);
    case '<=':
      return numbers((a, b) => a <= b);
    case '>':
      return numbers((a, b) => a > b);
    case '>=':
      return numbers((a, b) => a >= b);
    default:
      return (scope) => slow(scope, left(scope), right(scope));
  }
}

function logic(ast: LogicAst, frame: Frame): Run {
  const left = compile(ast.left, frame);
  const right = compile(ast.right, frame);
  if (ast.op === '??') return (scope) => left(scope) ?? right(scope);
  return logicOf(ast.op === '||', { ast: ast.left, run: left }, { ast: ast.right, run: right });
}

function mapOf(ast: MapAst, frame: Frame): Run {
  const entries = ast.entries.map(({ key, value }) => ({ key: compile(key, frame), value: compile(value, frame), at: key }));
  return (scope) => {
    const object: { [key: string]: Value } = {};
    for (const { key, value, at } of entries) {
      const name = key(scope);
      if (typeof name !== 'string') return fail(scope, at, 'no_overload', `keys of an object are str, not ${kindOf(name)}`);
      if (Object.hasOwn(object, name)) return fail(scope, at, 'duplicate_key', `the key ${JSON.stringify(name)} is given twice`);
      define(object, name, value(scope));
    }
    return object;
  };
}
