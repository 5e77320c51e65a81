/** The checks of stage 2 as functions, for whoever wants them without an engine. */

export { openCatalog, type Catalog, type CatalogMatch, type CatalogQuery, type CatalogRow } from './catalog/catalog.ts';
export { importCatalog } from './catalog/import.ts';
export { authorKey, titleKey } from './catalog/key.ts';
export type { Issue } from './sanity/issue.ts';
export { answerFrom } from './sanity/lookup.ts';
export { checkBook } from './sanity/sanity.ts';
export { sequenceIssues, type NumberedUnit } from './sanity/sequence.ts';
export { unitsOfTitles } from './sanity/title.ts';
