/** A definition in both forms, for the test that they are one. */

import type { Definition } from '../src/index.ts';

export interface Case {
  readonly name: string;
  readonly yaml: string;
  readonly built: Definition;
}

export const version = '1.0.0';
export const head = 'flow: a/b\nversion: "1.0.0"\n';
export const limits = 'limits: { disk: { concurrent: 2 }, net: { rate: 2/s } }\n';
