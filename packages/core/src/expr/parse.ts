/**
 * Recursive descent over the grammar, loosest first:
 *
 *     expression = coalesce [ "?" expression ":" expression ]
 *     coalesce   = or { "??" or }            (beside any other operator only in parentheses)
 *     or         = and { "||" and }
 *     and        = relation { "&&" relation }
 *     relation   = sum { ("<" | "<=" | ">" | ">=" | "==" | "!=" | "in") sum }
 *     sum        = product { ("+" | "-") product }
 *     product    = unary { ("*" | "/" | "%") unary }
 *     unary      = ("!" | "-") unary | member
 *     member     = primary { ("." | "?.") (name [ arguments ] | quoted) | [ "?." ] "[" expression "]" }
 *     primary    = literal | name [ arguments ] | "(" expression ")" | list | map
 */

import type { Ast, BinaryOp, LogicOp, MacroName, Span } from './ast.ts';
import { macroNames } from './ast.ts';
import { ExprFailure } from './failure.ts';
import type { Token } from './lexer.ts';
import { BACKQUOTED, tokenize } from './lexer.ts';

/** In UTF-16 code units. */
export const MAX_SOURCE = 8192;
/** Of parentheses, brackets, arguments, unary operators and choices within each other. */
export const MAX_DEPTH = 60;
export const MAX_NODES = 2000;

interface Parser {
  readonly source: string;
  readonly tokens: readonly Token[];
  at: number;
  depth: number;
  nodes: number;
  /** Nodes that stand in parentheses. */
  readonly enclosed: Set<Ast>;
  /** Nodes whose chain has a `?.` in it so far. */
  readonly optional: Set<Ast>;
}

/** Raises `syntax` or `too_complex`. */
export function parse(source: string): Ast {
  if (source.length > MAX_SOURCE) {
    fail(
      { source },
      'too_complex',
      { from: MAX_SOURCE, to: source.length },
      `the expression has ${source.length} characters; at most ${MAX_SOURCE} are allowed: move the logic into a handler`,
    );
  }
  const parser: Parser = { source, tokens: tokenize(source), at: 0, depth: 0, nodes: 0, enclosed: new Set(), optional: new Set() };
  if (peek(parser).k === 'end') fail(parser, 'syntax', peek(parser), 'the expression is empty');
  const ast = expression(parser);
  if (peek(parser).k !== 'end') unexpected(parser, 'the end of the expression');
  return ast;
}

function expression(parser: Parser): Ast {
  descend(parser);
  const from = peek(parser).from;
  const test = coalesce(parser);
  let result = test;
  if (take(parser, '?')) {
    const then = expression(parser);
    if (!take(parser, ':')) unexpected(parser, "':' and the value for when the condition is false");
    const otherwise = expression(parser);
    result = add(parser, { k: 'choice', test, then, otherwise, from, to: before(parser) });
  }
  parser.depth -= 1;
  return result;
}

function coalesce(parser: Parser): Ast {
  const from = peek(parser).from;
  let left = logic(parser, 0);
  while (take(parser, '??')) {
    const right = logic(parser, 0);
    left = add(parser, { k: 'logic', op: '??', left, right, from, to: before(parser) });
    for (const side of [left.k === 'logic' ? left.left : left, right]) {
      const mixed = (side.k === 'binary' || (side.k === 'logic' && side.op !== '??')) && !parser.enclosed.has(side);
      if (mixed)
        fail(
          parser,
          'syntax',
          { from, to: before(parser) },
          `'??' beside '${side.op}' needs parentheses: write (a ?? b) ${side.op} c, or a ?? (b ${side.op} c)`,
        );
    }
  }
  return left;
}

const logicLevels: readonly LogicOp[] = ['||', '&&'];

function logic(parser: Parser, level: number): Ast {
  const op = logicLevels[level];
  if (op === undefined) return binary(parser, 0);
  const from = peek(parser).from;
  let left = logic(parser, level + 1);
  while (take(parser, op)) {
    const right = logic(parser, level + 1);
    left = add(parser, { k: 'logic', op, left, right, from, to: before(parser) });
  }
  return left;
}

const binaryLevels: readonly (readonly BinaryOp[])[] = [
  ['<', '<=', '>', '>=', '==', '!=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];

function binary(parser: Parser, level: number): Ast {
  const ops = binaryLevels[level];
  if (ops === undefined) return unary(parser);
  const from = peek(parser).from;
  let left = binary(parser, level + 1);
  for (;;) {
    const op = ops.find((candidate) => take(parser, candidate));
    if (op === undefined) return left;
    const right = binary(parser, level + 1);
    left = add(parser, { k: 'binary', op, left, right, from, to: before(parser) });
  }
}

function unary(parser: Parser): Ast {
  const from = peek(parser).from;
  const op = take(parser, '!') ? '!' : take(parser, '-') ? '-' : null;
  if (op === null) return member(parser);
  descend(parser);
  const of = unary(parser);
  parser.depth -= 1;
  if (op === '-' && of.k === 'literal' && typeof of.value === 'number' && !parser.enclosed.has(of)) {
    return { k: 'literal', value: of.value === 0 ? 0 : -of.value, from, to: of.to };
  }
  return add(parser, { k: 'unary', op, of, from, to: before(parser) });
}

function member(parser: Parser): Ast {
  const from = peek(parser).from;
  let node = primary(parser);
  for (;;) {
    const optional = take(parser, '?.');
    const chained = optional || parser.optional.has(node);
    if (take(parser, '[')) {
      const index = expression(parser);
      if (!take(parser, ']')) unexpected(parser, "']'");
      node = add(parser, { k: 'index', of: node, index, optional, from, to: before(parser) });
    } else if (optional || take(parser, '.')) {
      node = afterDot(parser, node, optional, from);
    } else {
      return parser.optional.has(node) ? add(parser, { k: 'chain', of: node, from, to: before(parser) }) : node;
    }
    if (chained) parser.optional.add(node);
  }
}

function afterDot(parser: Parser, of: Ast, optional: boolean, from: number): Ast {
  const token = peek(parser);
  if (token.k !== 'name' && token.k !== 'quoted') unexpected(parser, 'a field name (for any other key write ["key"])');
  parser.at += 1;
  if (token.k === 'quoted' || !take(parser, '('))
    return add(parser, { k: 'field', of, name: token.text, nameAt: span(token), optional, from, to: token.to });
  const macro = macroNames.find((name) => name === token.text);
  if (macro !== undefined) return macroCall(parser, macro, token, of, optional, from);
  const args = list(parser, ')');
  return add(parser, {
    k: 'call',
    name: token.text,
    nameAt: span(token),
    args: [of, ...args],
    method: true,
    optional,
    from,
    to: before(parser),
  });
}

function macroCall(parser: Parser, name: MacroName, at: Token, of: Ast, optional: boolean, from: number): Ast {
  const args = list(parser, ')');
  const form = name === 'map' ? 'map(x, result) or map(x, condition, result)' : `${name}(x, condition)`;
  const whole = { from: at.from, to: before(parser) };
  if (args.length !== 2 && !(name === 'map' && args.length === 3))
    fail(parser, 'syntax', whole, `${name} takes a variable and what to do with it: ${form}`);
  const variable = args[0]!;
  if (variable.k !== 'name' || parser.enclosed.has(variable))
    fail(parser, 'syntax', span(variable), `the first argument of ${name} is a new variable: ${form}`);
  const when = args.length === 3 ? args[1]! : null;
  return add(parser, {
    k: 'macro',
    name,
    nameAt: span(at),
    of,
    variable: variable.name,
    variableAt: span(variable),
    when,
    body: args.at(-1)!,
    optional,
    from,
    to: before(parser),
  });
}

function primary(parser: Parser): Ast {
  const token = peek(parser);
  const { from, to } = token;
  if (token.k === 'number' || token.k === 'string') {
    parser.at += 1;
    return add(parser, { k: 'literal', value: token.value, from, to });
  }
  if (token.k === 'name' && token.text !== 'in') {
    parser.at += 1;
    return named(parser, token);
  }
  if (take(parser, '(')) {
    const inner = expression(parser);
    if (!take(parser, ')')) unexpected(parser, "')'");
    // A chain ends at its parentheses, so that `(a?.b).c` does not skip `.c`.
    parser.enclosed.add(inner);
    return inner;
  }
  if (take(parser, '[')) return add(parser, { k: 'list', items: list(parser, ']'), from, to: before(parser) });
  if (take(parser, '{')) return map(parser, from);
  return unexpected(parser, 'a value');
}

const constants: ReadonlyMap<string, null | boolean> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function named(parser: Parser, token: Token): Ast {
  const { text, from, to } = token;
  const constant = constants.get(text);
  if (constant !== undefined) return add(parser, { k: 'literal', value: constant, from, to });
  if (!take(parser, '(')) return add(parser, { k: 'name', name: text, from, to });
  if (macroNames.some((name) => name === text)) fail(parser, 'syntax', token, `${text} follows what it goes through: items.${text}(x, …)`);
  const args = list(parser, ')');
  if (text !== 'has')
    return add(parser, { k: 'call', name: text, nameAt: span(token), args, method: false, optional: false, from, to: before(parser) });
  const of = args[0];
  const path = of?.k === 'chain' ? of.of : of;
  if (of === undefined || args.length !== 1 || (path?.k !== 'field' && path?.k !== 'index')) {
    fail(parser, 'syntax', { from, to: before(parser) }, 'has takes one field: has(x.name) or has(x["name"])');
  }
  return add(parser, { k: 'has', of, from, to: before(parser) });
}

function list(parser: Parser, close: string): Ast[] {
  const items: Ast[] = [];
  while (!take(parser, close)) {
    items.push(expression(parser));
    if (!take(parser, ',') && peek(parser).text !== close) unexpected(parser, `',' or '${close}'`);
  }
  return items;
}

/** A bare name as a key means its text, as in YAML and JavaScript; other computed keys stand in parentheses. */
function map(parser: Parser, from: number): Ast {
  const entries: { key: Ast; value: Ast }[] = [];
  while (!take(parser, '}')) {
    const token = peek(parser);
    let key: Ast;
    if (token.k === 'name' || token.k === 'string') {
      parser.at += 1;
      key = add(parser, { k: 'literal', value: token.k === 'name' ? token.text : token.value, ...span(token) });
    } else if (token.text === '(') {
      key = primary(parser);
    } else {
      unexpected(parser, 'a key: name, "text" or (expression)');
    }
    if (!take(parser, ':')) unexpected(parser, "':' after the key");
    entries.push({ key, value: expression(parser) });
    if (!take(parser, ',') && peek(parser).text !== '}') unexpected(parser, "',' or '}'");
  }
  return add(parser, { k: 'map', entries, from, to: before(parser) });
}

function peek(parser: Parser): Token {
  return parser.tokens[parser.at]!;
}

function take(parser: Parser, text: string): boolean {
  const token = peek(parser);
  if ((token.k !== 'op' && token.k !== 'name') || token.text !== text) return false;
  parser.at += 1;
  return true;
}

/** Where the last token ended. */
function before(parser: Parser): number {
  return parser.tokens[parser.at - 1]!.to;
}

function span(node: Span): Span {
  return { from: node.from, to: node.to };
}

function add<T extends Ast>(parser: Parser, node: T): T {
  parser.nodes += 1;
  if (parser.nodes > MAX_NODES)
    fail(parser, 'too_complex', node, `the expression has more than ${MAX_NODES} parts: move the logic into a handler`);
  return node;
}

function descend(parser: Parser): void {
  parser.depth += 1;
  if (parser.depth > MAX_DEPTH)
    fail(parser, 'too_complex', peek(parser), `the expression is nested deeper than ${MAX_DEPTH}: move the logic into a handler`);
}

const words: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['is', '=='],
  ['eq', '=='],
  ['not', '!'],
  ['if', '?:'],
]);

function unexpected(parser: Parser, expected: string): never {
  const token = peek(parser);
  if (token.k === 'end') fail(parser, 'syntax', token, `the expression ends where ${expected} should follow`);
  if (token.k === 'quoted') fail(parser, 'syntax', token, BACKQUOTED);
  const written = parser.source.slice(token.from, token.to);
  const word = token.k === 'name' ? words.get(token.text) : undefined;
  const hint = word === undefined ? '' : ` — did you mean '${word}'?`;
  fail(parser, 'syntax', token, `${written} stands where ${expected} should be${hint}`, word);
}

function fail(parser: { readonly source: string }, code: string, at: Span, message: string, suggestion?: string): never {
  throw new ExprFailure(parser.source, { code, message, from: at.from, to: at.to, ...(suggestion === undefined ? {} : { suggestion }) });
}
