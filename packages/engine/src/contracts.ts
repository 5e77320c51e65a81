/** How the engine checks values against schemas; the library behind it is the composition root's choice. */

import type { Json, Schema } from '@scriptorium/core';

export interface Contracts {
  /** A check that lists everything wrong with a value, with JSON pointers; none when it fits. Throws on a broken schema. */
  readonly compile: (schema: Schema) => (value: Json) => readonly { readonly path: string; readonly message: string }[];
}
