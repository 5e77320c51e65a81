/** YAML with its places, for the files that lie beside definitions and are checked like them. */

import { Findings } from '../diagnostic.ts';
import { linesOf } from './lines.ts';
import type { Piece } from './piece.ts';
import { readSource } from './source.ts';

export interface ReadDocument {
  /** Undefined when the syntax is broken, which `findings` tell. */
  readonly root: Piece | undefined;
  readonly findings: Findings;
}

/** `file` is how messages name it. */
export function readDocument(source: string, file: string): ReadDocument {
  const lines = linesOf(source);
  const findings = new Findings(file, lines);
  return { root: readSource(source, lines, findings), findings };
}
