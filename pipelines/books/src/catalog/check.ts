/** The preflight: a catalog that is named must be there before anything starts. */

import { defineHandler, type Handler } from '@scriptorium/core';
import { openCatalog } from './catalog.ts';

export const checkCatalogHandler: Handler = defineHandler<{ readonly catalog: string | null }>({
  name: 'book/check-catalog',
  version: '1.0.0',
  doc: 'Opens the catalog that is named, or says once that there is none.',
  input: { type: 'object', required: ['catalog'], properties: { catalog: { type: ['string', 'null'] } }, additionalProperties: false },
  output: {
    type: 'object',
    required: ['catalog', 'works'],
    properties: { catalog: { type: ['string', 'null'] }, works: { type: 'integer', minimum: 0 } },
    additionalProperties: false,
  },
  effects: 'read',
  preflight: true,
  run: ({ catalog }, context) => {
    if (catalog === null) {
      context.log('info', 'no catalog is named: books are checked, their metadata is not enriched');
      return { catalog: null, works: 0 };
    }
    const opened = openCatalog(catalog);
    try {
      return { catalog, works: opened.size() };
    } finally {
      opened.close();
    }
  },
});
