/**
 * Reads a definition that is a plain value, from the builder or from parsed JSON, into pieces. Its places are those in
 * the value's JSON, indented by two; what the builder made has the place of the call instead.
 */

import type { Finding, Span } from '../diagnostic.ts';
import { linesOf } from './lines.ts';
import type { Lines, Place } from './lines.ts';
import { originOf } from './origin.ts';
import type { Entry, Piece, ScalarPiece } from './piece.ts';
import {
  dangerousKeys,
  exactNumber,
  forbiddenKey,
  halfCharacter,
  MAX_DEFINITION_BYTES,
  MAX_DEFINITION_DEPTH,
  tooDeep,
  tooLarge,
} from './source.ts';

export interface ValueSource {
  /** Undefined when the value cannot be a definition; `problems` say why. */
  readonly piece: Piece | undefined;
  readonly lines: Lines;
  readonly problems: readonly Finding[];
}

export function readValue(value: unknown): ValueSource {
  const reader = new Reader();
  const piece = reader.read(value, 0, '');
  reader.place(value, 0);
  reader.checkSize();
  const lines = withOrigins(linesOf(reader.text), reader.origins);
  return { piece: reader.lost ? undefined : piece, lines, problems: reader.problems };
}

interface Origin {
  readonly span: Span;
  readonly place: Place;
}

/** The innermost value around an offset whose place is known gives the place. */
function withOrigins(lines: Lines, origins: readonly Origin[]): Lines {
  const inner = origins.toSorted((a, b) => a.span.to - a.span.from - (b.span.to - b.span.from));
  return {
    at: (offset) => inner.find(({ span }) => span.from <= offset && offset <= span.to)?.place ?? lines.at(offset),
    text: lines.text,
  };
}

class Reader {
  readonly problems: Finding[] = [];
  readonly origins: Origin[] = [];
  text = '';
  /** Whether there are values that were not read: to check the rest would tell of things that follow from it. */
  lost = false;
  readonly #around: Set<object> = new Set();
  /** Of the text without its line breaks and indents, so that the same definition is as large as in a file. */
  #size = 0;

  checkSize(): void {
    if (this.#size > MAX_DEFINITION_BYTES && !this.lost) {
      this.#refuse(tooLarge(this.#size));
    }
  }

  read(value: unknown, depth: number, path: string): Piece {
    if (typeof value !== 'object' || value === null) {
      return this.#scalar(value, path);
    }
    if (depth > MAX_DEFINITION_DEPTH) {
      return this.#refuse(tooDeep(this.#here()));
    }
    if (this.#around.has(value)) {
      return this.#refuse(notJson('a value that contains itself', path, this.#here()));
    }
    if (this.#size > MAX_DEFINITION_BYTES) {
      return this.#refuse(tooLarge(this.#size));
    }
    if (!Array.isArray(value) && !isPlain(value)) {
      return this.#refuse(notJson(`a ${value.constructor?.name ?? 'value of a class'}`, path, this.#here()));
    }
    this.#around.add(value);
    const piece = Array.isArray(value) ? this.#list(value, depth, path) : this.#map(value, depth, path);
    this.#around.delete(value);
    return piece;
  }

  /** What was read since `from` is where the builder was called for `value`. */
  place(value: unknown, from: number): void {
    const place = typeof value === 'object' && value !== null ? originOf(value) : undefined;
    if (place !== undefined) {
      this.origins.push({ span: { from, to: this.text.length }, place });
    }
  }

  #list(value: readonly unknown[], depth: number, path: string): Piece {
    const from = this.text.length;
    const items = this.#enclosed('[]', depth, Array.from(value), (item, i) => this.read(item, depth + 1, `${path}[${i}]`));
    return { type: 'list', span: { from, to: this.text.length }, items };
  }

  /** A property that is undefined is not there, as in JSON. */
  #map(value: object, depth: number, path: string): Piece {
    const from = this.text.length;
    const given = Object.entries(value).filter(([, inner]) => inner !== undefined);
    const entries = this.#enclosed('{}', depth, given, ([key, inner]): Entry => {
      const keySpan = this.#write(JSON.stringify(key));
      if (dangerousKeys.has(key)) {
        this.problems.push(forbiddenKey(key, keySpan));
      } else if (!key.isWellFormed()) {
        this.problems.push(halfCharacter(keySpan));
      }
      this.#write(': ');
      const read = this.read(inner, depth + 1, path === '' ? key : `${path}.${key}`);
      this.place(inner, keySpan.from);
      return { key, keySpan, value: read };
    });
    return { type: 'map', span: { from, to: this.text.length }, entries: new Map(entries.map((entry) => [entry.key, entry])) };
  }

  #enclosed<T, R>(brackets: '[]' | '{}', depth: number, parts: readonly T[], each: (part: T, i: number) => R): readonly R[] {
    const [open, close] = brackets;
    this.#write(`${open}`);
    const read = parts.map((part, i) => {
      this.#write(`${i === 0 ? '' : ','}\n${'  '.repeat(depth + 1)}`);
      return each(part, i);
    });
    this.#write(parts.length === 0 ? `${close}` : `\n${'  '.repeat(depth)}${close}`);
    return read;
  }

  #scalar(value: unknown, path: string): Piece {
    if (value !== null && typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      return this.#refuse(notJson(value === undefined ? 'nothing' : `a ${typeof value}`, path, this.#here()));
    }
    const written = typeof value === 'number' ? String(value) : JSON.stringify(value);
    const span = this.#write(written);
    if (typeof value === 'number' && !exactNumber(value)) {
      this.problems.push({
        code: 'bad_number',
        message: `${written} is no number that JSON can carry exactly`,
        span,
        fix: 'give it as text',
      });
    }
    if (typeof value === 'string' && !value.isWellFormed()) this.problems.push(halfCharacter(span));
    const style: ScalarPiece['style'] = typeof value === 'string' ? 'double' : 'plain';
    return { type: 'scalar', span, value, style, written };
  }

  #refuse(problem: Finding): Piece {
    this.problems.push(problem);
    this.lost = true;
    return { type: 'scalar', span: problem.span, value: null, style: 'plain', written: '' };
  }

  #write(text: string): Span {
    const from = this.text.length;
    this.text += text;
    this.#size += Buffer.byteLength(text.trimStart());
    return { from, to: this.text.length };
  }

  #here(): Span {
    return { from: this.text.length, to: this.text.length };
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function notJson(what: string, path: string, span: Span): Finding {
  return {
    code: 'not_json',
    message: `a definition is JSON, and ${path === '' ? 'this' : `'${path}'`} is ${what}`,
    span,
    fix: 'give text, a number, true, false, null, or a list or plain object of them',
  };
}
