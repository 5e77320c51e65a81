/** Prints definitions as YAML, the form that people read and compare. */

import { Document, isDocument, isMap, isPair, isScalar, parseDocument, visit } from 'yaml';
import type { Node, ToStringOptions, YAMLMap, YAMLSeq } from 'yaml';
import type { JsonObject } from '@scriptorium/core';

/** Long lines stay: a folded text is a changed text to whoever compares. */
const style: ToStringOptions = { lineWidth: 0 };

/** Mappings and lists of plain values up to this length, as JSON, stand on one line. */
const MAX_INLINE_LENGTH = 72;

/**
 * A definition as YAML. From a plain object, each step begins after an empty line and small values stand on one line;
 * from YAML, comments, quotes and the shape of mappings stay, and only white space is set right. JSON text becomes
 * YAML. Compiling what is printed gives the same hash. Throws a SyntaxError for text that is no YAML.
 */
export function printFlow(definition: string | JsonObject): string {
  if (typeof definition === 'object') {
    return printValue(definition);
  }
  const document = parseDocument(definition, { uniqueKeys: true, version: '1.2', schema: 'core', merge: false });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new SyntaxError(error.message);
  }
  return definition.trimStart().startsWith('{') ? printValue(document.toJS() as JsonObject) : printDocument(document);
}

/** Mappings on one line are written `{ a: 1 }` and lists `[a, b]`, which the library's one option cannot say. */
export function printDocument(document: Document<Node, boolean>): string {
  visit(document, {
    Collection(_, node) {
      const flowCollectionPadding = isMap(node) ? ' ' : '';
      const print = node.toString.bind(node);
      node.toString = (context, ...rest) => print(context && { ...context, flowCollectionPadding }, ...rest);
    },
  });
  return document.toString(style);
}

function printValue(definition: JsonObject): string {
  const document = new Document(definition, { version: '1.2', schema: 'core', aliasDuplicateObjects: false });
  visit(document, {
    Collection(_, node, path) {
      const parent = path.at(-1);
      const isBody = isPair(parent) && isScalar(parent.key) && parent.key.value === 'steps';
      node.flow = !isDocument(parent) && !isBody && isInline(node);
    },
  });
  if (isMap(document.contents)) {
    quoteVersion(document.contents);
    spaceSections(document.contents);
  }
  return printDocument(document);
}

/** Whether a collection is short and has no expression, which would need quotes. */
function isInline(node: YAMLMap | YAMLSeq): boolean {
  const text = JSON.stringify(node);
  return text.length <= MAX_INLINE_LENGTH && !text.includes('${');
}

function quoteVersion(root: YAMLMap): void {
  const version = root.get('version', true);
  if (isScalar(version)) {
    version.type = 'QUOTE_DOUBLE';
  }
}

function spaceSections(root: YAMLMap): void {
  for (const { key, value } of root.items) {
    if (isScalar(key) && isMap(value) && value.flow !== true) {
      key.spaceBefore = true;
    }
  }
  spaceSteps(root.get('steps'));
}

function spaceSteps(steps: unknown): void {
  for (const [i, { key, value }] of (isMap(steps) ? steps.items : []).entries()) {
    if (isScalar(key)) {
      key.spaceBefore = i > 0;
    }
    if (isMap(value)) {
      spaceSteps(value.get('steps'));
    }
  }
}
