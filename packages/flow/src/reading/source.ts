/**
 * Reads YAML 1.2 (core schema) or JSON into pieces. What makes a value have more than one place or more than one
 * reading is refused: anchors and aliases, tags, merge keys, duplicate keys, several documents.
 */

import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, ParsedNode } from 'yaml';
import type { Finding, FindingSink, Span } from '../diagnostic.ts';
import type { Lines } from './lines.ts';
import type { Entry, Piece, ScalarPiece } from './piece.ts';
import { reportErrors } from './yaml-mistake.ts';

export const MAX_DEFINITION_BYTES = 1_048_576;
export const MAX_DEFINITION_DEPTH = 64;

export const dangerousKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** The whole document, or undefined when its syntax is broken; what is wrong with it goes to `findings`. */
export function readSource(source: string, lines: Lines, findings: FindingSink): Piece | undefined {
  const bytes = Buffer.byteLength(source);
  if (bytes > MAX_DEFINITION_BYTES) {
    findings.add(tooLarge(bytes));
    return undefined;
  }
  const document = parse(source, findings);
  if (document !== undefined && [...document.errors, ...document.warnings].some(({ code }) => code === 'RESOURCE_EXHAUSTION')) {
    findings.add(tooDeep({ from: 0, to: 0 }));
    return undefined;
  }
  if (document === undefined || reportErrors(document, source, lines, findings)) {
    return undefined;
  }
  if (document.contents === null) {
    findings.add({ code: 'yaml', message: 'the definition is empty', span: { from: 0, to: 0 }, fix: 'start with `flow: team/name`' });
    return undefined;
  }
  const reader = new Reader(source, findings);
  const piece = reader.read(document.contents, 0);
  return reader.lost ? undefined : piece;
}

function parse(source: string, findings: FindingSink): Document.Parsed | undefined {
  try {
    return parseDocument(source, {
      lineCounter: new LineCounter(),
      // Checked by the reader: here every key would be held beside every other.
      uniqueKeys: false,
      prettyErrors: false,
      version: '1.2',
      schema: 'core',
      merge: false,
      logLevel: 'error',
    });
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }
    findings.add(tooDeep({ from: 0, to: 0 }));
    return undefined;
  }
}

export function tooLarge(bytes: number): Finding {
  return {
    code: 'too_large',
    message: `the definition has ${bytes} bytes; at most ${MAX_DEFINITION_BYTES} are read`,
    span: { from: 0, to: 0 },
    fix: 'move bulk data into files that a handler reads',
  };
}

export function forbiddenKey(key: string, span: Span): Finding {
  return {
    code: 'forbidden_key',
    message: `the key '${key}' is not allowed anywhere in a definition`,
    span,
    fix: 'choose another name',
  };
}

/** Text that was cut or decoded wrongly would come back from a store as another one. */
export function halfCharacter(span: Span): Finding {
  return { code: 'bad_text', message: 'the text has half of a surrogate pair', span, fix: 'write the whole character' };
}

/** Whether JSON carries the number exactly. */
export function exactNumber(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

export function tooDeep(span: Span): Finding {
  return { code: 'too_deep', message: `the definition is nested deeper than ${MAX_DEFINITION_DEPTH} levels`, span };
}

class Reader {
  readonly #source: string;
  readonly #findings: FindingSink;
  /** Whether there are values that were not read: to check the rest would tell of things that follow from it. */
  lost = false;

  constructor(source: string, findings: FindingSink) {
    this.#source = source;
    this.#findings = findings;
  }

  read(node: ParsedNode | null, depth: number, after = 0): Piece {
    // What a tag made of its node has no range of its own.
    const [from, to] = node?.range ?? [after, after];
    const span: Span = { from, to };
    const nothing: ScalarPiece = { type: 'scalar', span, value: null, style: 'plain', written: '' };
    if (node === null) {
      return nothing;
    }
    if (depth > MAX_DEFINITION_DEPTH) {
      this.#findings.add(tooDeep(span));
      this.lost = true;
      return nothing;
    }
    this.#refuseProperties(node, span);
    if (isMap(node)) {
      return { type: 'map', span, entries: this.#entries(node.items, depth, span) };
    }
    if (isSeq(node)) {
      return { type: 'list', span, items: node.items.map((item) => this.read(item, depth + 1, span.from)) };
    }
    return isScalar(node) ? this.#scalar(node, span) : nothing;
  }

  #entries(items: readonly { readonly key: unknown; readonly value: unknown }[], depth: number, span: Span): ReadonlyMap<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const { key, value } of items) {
      const name = isScalar(key) ? String((key as { source?: string }).source ?? key.value) : undefined;
      const [from, to] = (key as ParsedNode | null)?.range ?? [span.from, span.to];
      const keySpan = { from, to };
      if (name === undefined) {
        this.#findings.add({ code: 'yaml', message: 'a key must be a plain text', span: keySpan });
      } else if (dangerousKeys.has(name)) {
        this.#findings.add(forbiddenKey(name, keySpan));
      } else if (!name.isWellFormed()) {
        this.#findings.add(halfCharacter(keySpan));
      } else if (name === '<<' && isAlias(value)) {
        this.lost = true;
        this.#findings.add({
          code: 'alias',
          message: 'merge keys are not read',
          span: keySpan,
          fix: 'start from a `define` entry with `like:`',
        });
      } else if (entries.has(name)) {
        this.#findings.add({
          code: 'duplicate_key',
          message: `the key '${name}' stands here twice`,
          span: keySpan,
          fix: 'keep one of them',
        });
      } else {
        this.#refuseProperties(key as ParsedNode, keySpan);
        entries.set(name, { key: name, keySpan, value: this.read(value as ParsedNode | null, depth + 1, to) });
      }
    }
    return entries;
  }

  #scalar(node: { value: unknown; type?: string }, span: Span): Piece {
    const written = this.#source.slice(span.from, span.to);
    const style = scalarStyle(node.type);
    let value = node.value;
    if (typeof value === 'number' && !exactNumber(value)) {
      this.#findings.add({
        code: 'bad_number',
        message: `${written} is no number that JSON can carry exactly`,
        span,
        fix: `put quotes around it: "${written}"`,
      });
      value = 0;
    }
    if (typeof value === 'string' && !value.isWellFormed()) this.#findings.add(halfCharacter(span));
    return { type: 'scalar', span, value: value as ScalarPiece['value'], style, written };
  }

  /** Properties of a node are written just before it. */
  #before(text: string, span: Span): Span {
    const from = this.#source.lastIndexOf(text, span.from);
    return from === -1 ? span : { from, to: Math.max(from + text.length, Math.min(span.from, this.#source.indexOf(' ', from))) };
  }

  #refuseProperties(node: ParsedNode, span: Span): void {
    if (isAlias(node)) {
      this.lost = true;
      this.#findings.add({
        code: 'alias',
        message: 'aliases are not read: one value has one place',
        span,
        fix: 'start from a `define` entry with `like:`, or write the value again',
      });
      return;
    }
    if ('anchor' in node && node.anchor !== undefined) {
      this.#findings.add({
        code: 'alias',
        message: `anchors are not read: '&${node.anchor}'`,
        span: this.#before(`&${node.anchor}`, span),
        fix: 'remove the anchor; share steps with `define` and `like:`',
      });
    }
    if (node.tag !== undefined && !(isScalar(node) && node.tag === '!')) {
      this.#findings.add({
        code: 'tag',
        message: `tags are not read: '${node.tag}'`,
        span: this.#before('!', span),
        fix: 'remove the tag',
      });
    }
  }
}

function scalarStyle(type: string | undefined): ScalarPiece['style'] {
  switch (type) {
    case 'QUOTE_DOUBLE':
      return 'double';
    case 'QUOTE_SINGLE':
      return 'single';
    case 'BLOCK_LITERAL':
    case 'BLOCK_FOLDED':
      return 'block';
    default:
      return 'plain';
  }
}
