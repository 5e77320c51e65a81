/**
 * Reads the JSON Schemas of a definition. A schema refers to another one by its name in `schemas`: `$ref: Thing`. What
 * leaves this file is closed: the schemas referred to stand in its own `$defs`.
 */

import { closest } from '@scriptorium/core';
import type { Json, JsonObject, Schema } from '@scriptorium/core';
import type { Contracts } from '../contracts.ts';
import type { Findings } from '../diagnostic.ts';
import { listKeywords, namedKeywords, rebuildSchema, schemaKeywords } from './keyword.ts';
import { describePiece, entryOf, toJson } from './piece.ts';
import type { Entry, MapPiece, Piece } from './piece.ts';
import type { Named } from './shape.ts';

const plainKeywords: readonly string[] = [
  'type',
  'enum',
  'const',
  'default',
  'title',
  'description',
  'examples',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'required',
  'dependentRequired',
  'minContains',
  'maxContains',
  'deprecated',
  '$ref',
  '$comment',
];
const keywords: readonly string[] = [...schemaKeywords, ...listKeywords, 'properties', 'dependentSchemas', ...plainKeywords];
const types: readonly string[] = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'];

const countKeywords: ReadonlySet<string> = new Set([
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minContains',
  'maxContains',
]);
const numberKeywords: ReadonlySet<string> = new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']);

export class SchemaReader {
  readonly #named: ReadonlyMap<string, Named<Piece>>;
  readonly #contracts: Contracts;
  readonly #findings: Findings;
  readonly #read: Map<Piece, Schema | undefined> = new Map();

  constructor(named: readonly Named<Piece>[], contracts: Contracts, findings: Findings) {
    this.#named = new Map(named.map((each) => [each.name, each]));
    this.#contracts = contracts;
    this.#findings = findings;
  }

  /** Checks the named schemas, whether they are used or not. */
  checkNamed(): void {
    for (const { value } of this.#named.values()) {
      this.read(value, '');
    }
  }

  /** A name in `schemas`, or a schema written in place. */
  reference(piece: Piece, path: string): Schema | undefined {
    if (piece.type === 'scalar' && typeof piece.value === 'string') {
      const found = this.#lookUp(piece.value, piece, path);
      return found === undefined ? undefined : this.close(toJson(found.value) as Schema);
    }
    return this.read(piece, path);
  }

  /** The schema, closed; undefined after telling what is wrong with it. */
  read(piece: Piece, path: string): Schema | undefined {
    if (!this.#read.has(piece)) {
      this.#read.set(piece, this.#readOnce(piece, path));
    }
    return this.#read.get(piece);
  }

  #readOnce(piece: Piece, path: string): Schema | undefined {
    const before = this.#findings.errors;
    this.#check(piece, path);
    if (this.#findings.errors > before) {
      return undefined;
    }
    const schema = this.close(toJson(piece) as Schema);
    try {
      this.#contracts.compile(schema);
    } catch (error) {
      this.#findings.add({
        code: 'bad_schema',
        message: `the schema cannot be used: ${error instanceof Error ? error.message : String(error)}`,
        span: piece.span,
        path,
      });
      return undefined;
    }
    return schema;
  }

  /** With all that it refers to under `$defs`. */
  close(schema: Schema): Schema {
    if (typeof schema === 'boolean') {
      return schema;
    }
    const definitions: Record<string, Json> = {};
    const closed = this.#withDefinitions(schema, definitions) as JsonObject;
    return Object.keys(definitions).length === 0 ? closed : { ...closed, $defs: definitions };
  }

  #withDefinitions(schema: Json, definitions: Record<string, Json>): Json {
    return rebuildSchema(schema, (key, value) => {
      const target = key === '$ref' && typeof value === 'string' ? this.#named.get(value) : undefined;
      if (target === undefined) {
        return undefined;
      }
      if (!Object.hasOwn(definitions, target.name)) {
        definitions[target.name] = true;
        definitions[target.name] = this.#withDefinitions(toJson(target.value), definitions);
      }
      return [key, `#/$defs/${target.name}`];
    }) as Json;
  }

  #check(piece: Piece, path: string): void {
    if (piece.type === 'scalar' && typeof piece.value === 'boolean') {
      return;
    }
    if (piece.type !== 'map') {
      const named =
        piece.type === 'scalar' && typeof piece.value === 'string'
          ? types.includes(piece.value)
            ? `write \`{ type: ${piece.value} }\``
            : `write \`{ $ref: ${piece.value} }\``
          : undefined;
      this.#tell(piece, path, `a schema must be a mapping, not ${describePiece(piece)}`, named);
      return;
    }
    for (const entry of piece.entries.values()) {
      this.#checkKeyword(entry, piece, path);
    }
  }

  #checkKeyword({ key, keySpan, value }: Entry, schema: MapPiece, path: string): void {
    if (plainKeywords.includes(key)) {
      this.#checkPlain(key, value, schema, path);
    } else if (key.startsWith('$') || key === 'definitions') {
      this.#findings.add({
        code: 'bad_schema',
        message: `the schema keyword '${key}' is not read here`,
        span: keySpan,
        path,
        fix: 'put shared schemas under `schemas:` and refer to them by `$ref: Name`',
      });
    } else if (key === 'patternProperties') {
      this.#findings.add({
        code: 'bad_schema',
        message: "the schema keyword 'patternProperties' is not read here",
        span: keySpan,
        path,
        fix: 'write `propertyNames: { pattern: … }` with `additionalProperties: { … }`',
      });
    } else if (schemaKeywords.has(key)) {
      this.#check(value, path);
    } else if (listKeywords.has(key)) {
      this.#checkList(key, value, path);
    } else if (namedKeywords.has(key)) {
      this.#checkProperties(key, value, path);
    } else {
      const suggestion = closest(key, keywords);
      if (suggestion !== null) {
        this.#findings.add({
          code: 'bad_schema',
          message: `JSON Schema has no keyword '${key}' — did you mean '${suggestion}'?`,
          span: keySpan,
          path,
          suggestion,
        });
      }
    }
  }

  #checkList(key: string, value: Piece, path: string): void {
    if (value.type !== 'list') {
      this.#tell(value, path, `\`${key}\` must be a list of schemas, not ${describePiece(value)}`);
      return;
    }
    for (const item of value.items) {
      this.#check(item, path);
    }
  }

  #checkProperties(key: string, value: Piece, path: string): void {
    if (value.type !== 'map') {
      this.#tell(value, path, `\`${key}\` must be a mapping of schemas, not ${describePiece(value)}`);
      return;
    }
    for (const entry of value.entries.values()) {
      this.#check(entry.value, path);
    }
  }

  #checkPlain(key: string, value: Piece, schema: MapPiece, path: string): void {
    if (key === 'type') {
      this.#checkType(value, path);
    } else if (key === '$ref') {
      this.#checkReference(value, path);
    } else if (key === 'enum' && (value.type !== 'list' || value.items.length === 0)) {
      this.#tell(value, path, `\`enum\` must be a list of values, not ${describePiece(value)}`);
    } else if (key === 'required') {
      this.#checkRequired(value, schema, path);
    } else if (countKeywords.has(key) && !(value.type === 'scalar' && Number.isInteger(value.value) && Number(value.value) >= 0)) {
      this.#tell(value, path, `\`${key}\` must be a whole number, not ${describePiece(value)}`);
    } else if (numberKeywords.has(key) && !(value.type === 'scalar' && typeof value.value === 'number')) {
      this.#tell(value, path, `\`${key}\` must be a number, not ${describePiece(value)}`);
    } else if (key === 'pattern' && !(value.type === 'scalar' && typeof value.value === 'string')) {
      this.#tell(value, path, `\`pattern\` must be text, not ${describePiece(value)}`);
    }
  }

  #checkType(value: Piece, path: string): void {
    for (const item of value.type === 'list' ? value.items : [value]) {
      const name = item.type === 'scalar' ? (item.value === null ? 'null' : item.value) : undefined;
      if (item.type === 'scalar' && item.value === null && item.written !== '') {
        this.#tell(item, path, 'without quotes `null` is no text', 'quote it: "null"');
      } else if (typeof name !== 'string' || !types.includes(name)) {
        const suggestion = typeof name === 'string' ? (typeAliases[name] ?? closest(name, types)) : null;
        const message = `\`type\` must be one of ${types.join(', ')}, not ${describePiece(item)}`;
        this.#findings.add({ code: 'bad_schema', message, span: item.span, path, ...(suggestion === null ? {} : { suggestion }) });
      }
    }
  }

  #checkReference(value: Piece, path: string): void {
    if (value.type === 'scalar' && typeof value.value === 'string') {
      this.#lookUp(value.value, value, path);
    } else {
      this.#tell(value, path, `\`$ref\` must be a name in \`schemas\`, not ${describePiece(value)}`);
    }
  }

  #checkRequired(value: Piece, schema: MapPiece, path: string): void {
    if (value.type !== 'list' || value.items.some((item) => item.type !== 'scalar' || typeof item.value !== 'string')) {
      this.#tell(
        value,
        path,
        `\`required\` must be a list of property names, not ${describePiece(value)}`,
        'write it like `required: [id, path]`',
      );
      return;
    }
    const properties = entryOf(schema, 'properties')?.value;
    for (const item of value.items) {
      const name = item.type === 'scalar' ? String(item.value) : '';
      const suggestion = properties?.type === 'map' && !properties.entries.has(name) ? closest(name, properties.entries.keys()) : null;
      if (suggestion !== null) {
        this.#findings.add({
          code: 'bad_schema',
          severity: 'warning',
          message: `\`required\` names '${name}', and \`properties\` has none of that name — did you mean '${suggestion}'?`,
          span: item.span,
          path,
          suggestion,
        });
      }
    }
  }

  #lookUp(name: string, at: Piece, path: string): Named<Piece> | undefined {
    const found = this.#named.get(name);
    if (found === undefined) {
      const suggestion = closest(name, this.#named.keys()) ?? undefined;
      const known = [...this.#named.keys()];
      const message = `there is no schema '${name}'${known.length === 0 ? '' : ` (schemas: ${known.slice(0, 12).join(', ')})`}${suggestion === undefined ? '' : ` — did you mean '${suggestion}'?`}`;
      this.#findings.add({
        code: 'no_such_schema',
        message,
        span: at.span,
        path,
        suggestion,
        ...(suggestion === undefined ? { fix: `add it under \`schemas:\`` } : {}),
      });
    }
    return found;
  }

  #tell(piece: Piece, path: string, message: string, fix?: string): void {
    this.#findings.add({ code: 'bad_schema', message, span: piece.span, path, fix });
  }
}

/** What other languages call the types. */
const typeAliases: Readonly<Record<string, string>> = {
  str: 'string',
  text: 'string',
  int: 'integer',
  float: 'number',
  num: 'number',
  double: 'number',
  bool: 'boolean',
  list: 'array',
  map: 'object',
  dict: 'object',
};
