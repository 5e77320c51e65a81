/** The syntax tree of an expression. Every node knows its range in the source. */

export interface Span {
  readonly from: number;
  readonly to: number;
}

export type BinaryOp = '*' | '/' | '%' | '+' | '-' | '<' | '<=' | '>' | '>=' | '==' | '!=' | 'in';

export type LogicOp = '&&' | '||' | '??';

export type MacroName = 'all' | 'exists' | 'exists_one' | 'map' | 'filter';

export const macroNames: readonly MacroName[] = ['all', 'exists', 'exists_one', 'map', 'filter'];

export type Literal = null | boolean | number | string;

export type Ast =
  | ({ readonly k: 'literal'; readonly value: Literal } & Span)
  | ({ readonly k: 'name'; readonly name: string } & Span)
  | FieldAst
  | IndexAst
  | CallAst
  | MacroAst
  /** `has(x.f)`: whether the key is there. */
  | ({ readonly k: 'has'; readonly of: Ast } & Span)
  /** The whole of a chain with a `?.` in it: where that meets null, all the rest of the chain is null. */
  | ({ readonly k: 'chain'; readonly of: Ast } & Span)
  | ({ readonly k: 'unary'; readonly op: '!' | '-'; readonly of: Ast } & Span)
  | BinaryAst
  | LogicAst
  | ({ readonly k: 'choice'; readonly test: Ast; readonly then: Ast; readonly otherwise: Ast } & Span)
  | ({ readonly k: 'list'; readonly items: readonly Ast[] } & Span)
  | MapAst;

export interface FieldAst extends Span {
  readonly k: 'field';
  readonly of: Ast;
  readonly name: string;
  readonly nameAt: Span;
  readonly optional: boolean;
}

export interface IndexAst extends Span {
  readonly k: 'index';
  readonly of: Ast;
  readonly index: Ast;
  readonly optional: boolean;
}

/** `f(a, b)` and `a.f(b)` are the same call. */
export interface CallAst extends Span {
  readonly k: 'call';
  readonly name: string;
  readonly nameAt: Span;
  readonly args: readonly Ast[];
  readonly method: boolean;
  readonly optional: boolean;
}

export interface MacroAst extends Span {
  readonly k: 'macro';
  readonly name: MacroName;
  readonly nameAt: Span;
  readonly of: Ast;
  readonly variable: string;
  readonly variableAt: Span;
  /** The condition of a `map` with three arguments. */
  readonly when: Ast | null;
  readonly body: Ast;
  readonly optional: boolean;
}

export interface BinaryAst extends Span {
  readonly k: 'binary';
  readonly op: BinaryOp;
  readonly left: Ast;
  readonly right: Ast;
}

export interface LogicAst extends Span {
  readonly k: 'logic';
  readonly op: LogicOp;
  readonly left: Ast;
  readonly right: Ast;
}

export interface MapAst extends Span {
  readonly k: 'map';
  readonly entries: readonly { readonly key: Ast; readonly value: Ast }[];
}

/** The text of a node for a message: its source where that is short, else a neutral noun. */
export function textOf(source: string, node: Span): string {
  const text = source.slice(node.from, node.to).replace(/\s+/g, ' ');
  return text.length <= 48 ? text : 'the value';
}
