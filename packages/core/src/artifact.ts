/** How steps name the files that they hand on. */

import type { Schema } from './json.ts';

/** A file written by a handler. The path is relative to the run's output root and uses `/`. */
export interface ArtifactRef {
  readonly path: string;
  /** `sha256:<hex>` of the bytes. */
  readonly hash: string;
  readonly bytes: number;
}

/** JSON Schema of an {@link ArtifactRef}; steps that pass artifacts name it in their contracts. */
export const artifactSchema: Schema = {
  type: 'object',
  title: 'Artifact',
  required: ['path', 'hash', 'bytes'],
  properties: {
    path: { type: 'string' },
    hash: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
    bytes: { type: 'integer', minimum: 0 },
  },
  additionalProperties: false,
};
