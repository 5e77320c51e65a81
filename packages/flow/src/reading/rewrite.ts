/** Changes values in YAML text, and nothing around them. */

import { isScalar, parseDocument } from 'yaml';
import type { Json } from '@scriptorium/core';
import { printDocument } from '../print.ts';

/**
 * `values` by JSON pointer, such as `/limits/disk/concurrent`; comments and the shape of mappings stay. Throws a
 * TypeError for a place that is not there: what is set was written before.
 */
export function rewriteYaml(source: string, values: ReadonlyMap<string, Json>): string {
  const document = parseDocument(source, { version: '1.2', schema: 'core' });
  for (const [pointer, value] of values) {
    const path = pointer.split('/').slice(1);
    if (!document.hasIn(path)) {
      throw new TypeError(`there is nothing at ${pointer}`);
    }
    const known = document.getIn(path, true);
    if (isScalar(known) && (typeof value !== 'object' || value === null)) {
      known.value = value;
    } else {
      document.setIn(path, document.createNode(value));
    }
  }
  return printDocument(document);
}
