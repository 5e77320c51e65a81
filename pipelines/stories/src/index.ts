/** The story workflow: one flow and its handlers. */

import { fileURLToPath } from 'node:url';
import type { Handler, HandlerModule } from '@scriptorium/core';
import { editHandler, keepHandler, textHandler } from './chapter.ts';
import { outlineHandler, sizeHandler } from './outline.ts';
import { noteHandler, publishHandler } from './publish.ts';
import { weighHandler } from './weigh.ts';

export const handlers: readonly Handler[] = [
  sizeHandler,
  outlineHandler,
  noteHandler,
  weighHandler,
  keepHandler,
  textHandler,
  editHandler,
  publishHandler,
];

/** The registered flow `stories`. */
export const storiesFlow: { readonly name: string; readonly file: string; readonly module: HandlerModule } = {
  name: 'stories',
  file: fileURLToPath(new URL('../stories.flow.yaml', import.meta.url)),
  module: { url: import.meta.url, handlers },
};
