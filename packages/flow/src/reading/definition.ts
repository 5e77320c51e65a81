/** A definition as it is read: text or a plain value, over what it extends. */

import type { JsonObject } from '@scriptorium/core';
import { Findings } from '../diagnostic.ts';
import { extendRoot } from './extends.ts';
import type { DefinitionFile, ReadDefinition } from './extends.ts';
import { linesOf } from './lines.ts';
import type { MapPiece, Piece } from './piece.ts';
import { readSource } from './source.ts';
import { sourcesOf } from './sources.ts';
import type { Sources } from './sources.ts';
import { readValue } from './value-source.ts';

export interface Definition {
  readonly sources: Sources;
  readonly findings: Findings;
  /** The files that it extends, the nearest first. */
  readonly bases: readonly DefinitionFile[];
  /** Undefined when it cannot be checked any further, which has been told. */
  readonly root: MapPiece | undefined;
}

interface Written {
  readonly sources: Sources;
  readonly findings: Findings;
  readonly written: Piece | undefined;
}

export function readWhole(source: string | JsonObject, file: string, read: ReadDefinition = () => null): Definition {
  const { sources, findings, written } = typeof source === 'string' ? readText(source, file) : readPlain(source, file);
  const bases: DefinitionFile[] = [];
  if (written !== undefined && written.type !== 'map') {
    const message = 'a definition is a mapping that starts with `flow: team/name`';
    findings.add({ code: 'wrong_shape', message, span: written.span });
  }
  const root = written?.type === 'map' ? extendRoot(written, file, { read, sources, findings, bases }) : undefined;
  return { sources, findings, bases, root };
}

function readText(source: string, file: string): Written {
  const lines = linesOf(source);
  const sources = sourcesOf(lines);
  const findings = new Findings(file, sources);
  return { sources, findings, written: readSource(source, lines, findings) };
}

function readPlain(definition: JsonObject, file: string): Written {
  const { lines, piece, problems } = readValue(definition);
  const sources = sourcesOf(lines);
  const findings = new Findings(file, sources);
  for (const problem of problems) {
    findings.add(problem);
  }
  return { sources, findings, written: piece };
}
