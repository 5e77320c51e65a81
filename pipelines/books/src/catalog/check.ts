/** The preflight: a catalog that is named must be there before anything starts. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { defineHandler, type Handler, type Schema } from '@scriptorium/core';
import { openCatalog } from './catalog.ts';

/** A catalog as stages are given it: by its content, so that another one in the same place is looked up anew. */
export interface NamedCatalog {
  readonly path: string;
  /** `sha256:<hex>` of its bytes. */
  readonly hash: string;
}

export const namedCatalogSchema: Schema = {
  type: ['object', 'null'],
  required: ['path', 'hash'],
  properties: { path: { type: 'string' }, hash: { type: 'string' } },
  additionalProperties: false,
};

export const checkCatalogHandler: Handler = defineHandler<{ readonly catalog: string | null }>({
  name: 'book/check-catalog',
  version: '1.1.0',
  doc: 'Opens the catalog that is named, or says once that there is none.',
  input: { type: 'object', required: ['catalog'], properties: { catalog: { type: ['string', 'null'] } }, additionalProperties: false },
  output: {
    type: 'object',
    required: ['catalog', 'works'],
    properties: { catalog: namedCatalogSchema, works: { type: 'integer', minimum: 0 } },
    additionalProperties: false,
  },
  effects: 'read',
  preflight: true,
  run: async ({ catalog }, context) => {
    if (catalog === null) {
      context.log('info', 'no catalog is named: books are checked, their metadata is not enriched');
      return { catalog: null, works: 0 };
    }
    const opened = openCatalog(catalog);
    try {
      return { catalog: { path: catalog, hash: await hashOf(catalog) }, works: opened.size() };
    } finally {
      opened.close();
    }
  },
});

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path)) hash.update(bytes as Uint8Array);
  return `sha256:${hash.digest('hex')}`;
}
