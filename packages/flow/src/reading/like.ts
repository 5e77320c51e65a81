/** `like`: a step starts from a `define` entry, which may be like another one in turn. */

import { closest } from '@scriptorium/core';
import type { Findings } from '../diagnostic.ts';
import { wordField } from './field.ts';
import { mergeLike } from './merge.ts';
import { entryOf, partsOf } from './piece.ts';
import type { Entry, MapPiece } from './piece.ts';

/** What steps are read with. */
export interface StepReading {
  /** What `like` starts from, by name, with its own `like` not yet applied. */
  readonly definitions: ReadonlyMap<string, Entry>;
  readonly findings: Findings;
  /** Steps that are `like` something that is wrong: what they do is unknown, which is no second mistake. */
  readonly unsure: Set<MapPiece>;
  /** Circles of `like` that have been told, each once wherever it is entered. */
  readonly circles: Set<string>;
  /** Definitions with what they are `like`. */
  readonly expanded: Map<MapPiece, MapPiece>;
  /** How many parts more `like` may bring along, over all steps. */
  room: number;
}

/** Parts that `like` may bring along: a small definition could otherwise be a large one, many times over. */
export const MAX_LIKED_PARTS = 1_000_000;

/** The step with what it is `like`; `chain` names the definitions that led here. */
export function expand(map: MapPiece, chain: readonly string[], path: string, reading: StepReading): MapPiece {
  const like = entryOf(map, 'like');
  if (like === undefined) {
    return map;
  }
  const own: MapPiece = { ...map, entries: new Map([...map.entries].filter(([key]) => key !== 'like')) };
  const base = baseOf(like, chain, path, reading);
  if (base === undefined) {
    reading.unsure.add(own);
    return own;
  }
  const below = expandBase(base.piece, [...chain, base.name], path, reading);
  reading.room -= partsOf(below);
  if (reading.room < 0) {
    const message = `with \`like\` filled in, the definition has more than ${MAX_LIKED_PARTS} parts`;
    reading.findings.add({
      code: 'too_large',
      message,
      span: like.value.span,
      path,
      fix: 'move bulk data into files that a handler reads',
    });
    reading.unsure.add(own);
    return own;
  }
  const merged = mergeLike(below, own) as MapPiece;
  if (reading.unsure.has(below)) {
    reading.unsure.add(merged);
  }
  return merged;
}

/** Each definition is expanded once, but for those in a circle, which is told from where it is entered. */
function expandBase(map: MapPiece, chain: readonly string[], path: string, reading: StepReading): MapPiece {
  const known = reading.expanded.get(map);
  if (known !== undefined) {
    return known;
  }
  const expanded = expand(map, chain, path, reading);
  if (!reading.unsure.has(expanded)) {
    reading.expanded.set(map, expanded);
  }
  return expanded;
}

function baseOf(
  like: Entry,
  chain: readonly string[],
  path: string,
  { definitions, findings, circles }: StepReading,
): { readonly name: string; readonly piece: MapPiece } | undefined {
  const word = wordField(like.value, '`like`', { path, findings });
  if (word === undefined) {
    return undefined;
  }
  const { text: name, span } = word;
  if (chain.includes(name)) {
    const ring = chain.slice(chain.indexOf(name));
    if (!circles.has(ring.toSorted().join(' '))) {
      circles.add(ring.toSorted().join(' '));
      findings.add({
        code: 'like_cycle',
        message: `\`like\` goes in a circle: ${[...ring, name].join(' → ')}`,
        span,
        path,
        fix: 'let one of them stand on its own',
      });
    }
    return undefined;
  }
  const base = definitions.get(name);
  if (base === undefined) {
    const suggestion = closest(name, definitions.keys()) ?? undefined;
    const message = `there is no '${name}' in \`define\`${suggestion === undefined ? '' : ` — did you mean '${suggestion}'?`}`;
    findings.add({ code: 'no_such_definition', message, span, path, suggestion });
  }
  return base?.value.type === 'map' ? { name, piece: base.value } : undefined;
}
