/** Types as messages show them. */

import type { Type } from './type.ts';

/** Deeper or wider ones are cut with an ellipsis: a message is no schema. */
const MAX_DEPTH = 3;
const MAX_PARTS = 8;

export function showType(type: Type, depth = 0): string {
  switch (type.k) {
    case 'any':
    case 'never':
    case 'null':
      return type.k;
    case 'bool':
      return type.of === undefined ? 'bool' : String(type.of);
    case 'num':
      return type.of ? cut(type.of.map(String), '|') : type.int === true ? 'int' : 'num';
    case 'str':
      return type.of
        ? cut(
            type.of.map((value) => JSON.stringify(value)),
            '|',
          )
        : 'str';
    case 'union':
      return cut(
        type.of.map((member) => showType(member, depth)),
        '|',
      );
    case 'list':
    case 'collection':
      return `${type.k}<${depth >= MAX_DEPTH ? '…' : showType(type.of, depth + 1)}>`;
    case 'obj': {
      if (depth >= MAX_DEPTH) return 'obj';
      const fields = Object.entries(type.fields).map(
        ([name, field]) => `${name}${field.optional ? '?' : ''}: ${showType(field.type, depth + 1)}`,
      );
      if (type.rest) fields.push(`*: ${showType(type.rest, depth + 1)}`);
      return fields.length === 1 && type.rest?.k === 'any' ? 'obj' : `{${cut(fields, ', ')}}`;
    }
  }
}

function cut(parts: readonly string[], separator: string): string {
  return parts.length > MAX_PARTS ? [...parts.slice(0, MAX_PARTS), '…'].join(separator) : parts.join(separator);
}
