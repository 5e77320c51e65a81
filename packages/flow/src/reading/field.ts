/** Readers of single values: each gives the value, or undefined after it has told what is wrong. */

import { parseDuration } from '@scriptorium/core';
import type { Ms } from '@scriptorium/core';
import type { Findings } from '../diagnostic.ts';
import { describePiece } from './piece.ts';
import type { MapPiece, Piece, ScalarPiece } from './piece.ts';
import type { Word } from './shape.ts';

export interface Site {
  readonly path: string;
  readonly findings: Findings;
}

export function mapField(piece: Piece, what: string, site: Site, fix?: string): MapPiece | undefined {
  return piece.type === 'map' ? piece : wrong(piece, what, 'a mapping', site, fix);
}

export function textField(piece: Piece, what: string, site: Site): string | undefined {
  return piece.type === 'scalar' && typeof piece.value === 'string' ? piece.value : wrong(piece, what, 'text', site);
}

export function wordField(piece: Piece, what: string, site: Site): Word | undefined {
  const text = textField(piece, what, site);
  return text === undefined ? undefined : { text, span: piece.span };
}

/** A list of words, or a single one. */
export function wordsField(piece: Piece, what: string, site: Site): readonly Word[] {
  const items = piece.type === 'list' ? piece.items : [piece];
  return items.flatMap((item) => wordField(item, what, site) ?? []);
}

export function numberField(piece: Piece, what: string, least: number, site: Site): number | undefined {
  if (piece.type === 'scalar' && typeof piece.value === 'number' && piece.value >= least) {
    return piece.value;
  }
  return wrong(piece, what, `a number of at least ${least}`, site);
}

export function integerField(piece: Piece, what: string, least: number, site: Site): number | undefined {
  if (piece.type === 'scalar' && typeof piece.value === 'number' && Number.isInteger(piece.value) && piece.value >= least) {
    return piece.value;
  }
  return wrong(piece, what, `a whole number of at least ${least}`, site);
}

export function durationField(piece: Piece, what: string, site: Site): Ms | undefined {
  const value = piece.type === 'scalar' ? piece.value : null;
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  if (ms === undefined) {
    const fix =
      typeof value === 'number'
        ? `write the unit: ${value}s or ${value}ms`
        : 'write it like 90s, 1h30m, 500ms or PT1H30M; years and months have no fixed length';
    site.findings.add({
      code: 'bad_duration',
      message: `${what} must be a duration, not ${describePiece(piece)}`,
      span: piece.span,
      path: site.path,
      fix,
    });
  }
  return ms;
}

export function booleanField(piece: Piece, what: string, site: Site): boolean | undefined {
  return piece.type === 'scalar' && typeof piece.value === 'boolean' ? piece.value : wrong(piece, what, 'true or false', site);
}

/** A scalar that will be read as an expression. */
export function scalarField(piece: Piece, what: string, site: Site): ScalarPiece | undefined {
  return piece.type === 'scalar' ? piece : wrong(piece, what, 'an expression: "${ … }"', site);
}

function wrong(piece: Piece, what: string, expected: string, site: Site, fix?: string): undefined {
  site.findings.add({
    code: 'wrong_shape',
    message: `${what} must be ${expected}, not ${describePiece(piece)}`,
    span: piece.span,
    path: site.path,
    fix,
  });
  return undefined;
}
