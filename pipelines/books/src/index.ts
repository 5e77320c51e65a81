/** The book pipeline: one flow, its handlers, and what the command line offers beside it. */

import { fileURLToPath } from 'node:url';
import type { Handler, HandlerModule, ReportPage } from '@scriptorium/core';
import { checkCatalogHandler } from './catalog/check.ts';
import { reportHandler } from './report/report.ts';
import { booksPage } from './report/run-page.ts';
import { sanityHandler } from './sanity/sanity.ts';
import { publishHandler } from './output/publish.ts';
import { scanHandler } from './scan.ts';
import { structureHandlers } from './stages/structure.ts';
import { gateHandler } from './validate/gate.ts';
import { checkModelHandler, rulesHandler, unitsHandler, verdictHandler } from './validate/handlers.ts';
import { judgeHandler } from './validate/judge.ts';

export { makeSamples, type SampleOptions, type Samples } from './samples/samples.ts';
export { scoreSamples, type SampleScore } from './samples/score.ts';
export type { Truth } from './samples/truth.ts';
export type { Book } from './document.ts';
export { scanFolder } from './scan.ts';
export { placeFinder, type Place } from './source/place.ts';
export { placesOfBook, traceInBook, type Traced } from './trace.ts';
export { importCatalog, type CatalogImport } from './catalog/import.ts';

export const handlers: readonly Handler[] = [
  checkCatalogHandler,
  checkModelHandler,
  scanHandler,
  ...structureHandlers,
  publishHandler,
  sanityHandler,
  unitsHandler,
  judgeHandler,
  verdictHandler,
  rulesHandler,
  gateHandler,
  reportHandler,
];

/** Made whenever a run's report is, whatever became of the run. */
export const page: ReportPage = booksPage;

/** The registered flow `books`: the path of its definition, and the module that a worker thread loads its handlers from. */
export const booksFlow: { readonly name: string; readonly file: string; readonly module: HandlerModule } = {
  name: 'books',
  file: fileURLToPath(new URL('../books.flow.yaml', import.meta.url)),
  module: { url: import.meta.url, handlers, page },
};
