/** Reads `migrate`: what becomes of runs that began with an older definition. */

import { isRange } from '@scriptorium/core';
import { mapField, wordField } from './field.ts';
import type { Site } from './field.ts';
import { checkKeys, migrateKeys } from './keys.ts';
import { describePiece, entryOf } from './piece.ts';
import type { Entry, MapPiece, Piece } from './piece.ts';
import type { MigrationShape, Named, Word } from './shape.ts';

export function readMigrations(root: MapPiece, site: Site): readonly MigrationShape[] {
  const entry = entryOf(root, 'migrate');
  if (entry === undefined) {
    return [];
  }
  if (entry.value.type !== 'list') {
    site.findings.add({
      code: 'wrong_shape',
      message: `\`migrate\` must be a list, not ${describePiece(entry.value)}`,
      span: entry.value.span,
      fix: 'write `- from: ^1.0.0` with `map:` and `assume:` below it',
    });
    return [];
  }
  return entry.value.items.flatMap((item) => readMigration(item, site));
}

function readMigration(piece: Piece, site: Site): readonly MigrationShape[] {
  const map = mapField(piece, 'an entry of `migrate`', site);
  if (map === undefined) {
    return [];
  }
  const known = checkKeys(map, migrateKeys, '', site.findings);
  const from = readFrom(known, site);
  return from === undefined
    ? []
    : [
        {
          from,
          map: entriesOf(known, 'map', site).flatMap((entry) => readTarget(entry, site)),
          assume: entriesOf(known, 'assume', site).map(named),
        },
      ];
}

function readFrom(map: MapPiece, site: Site): Word | undefined {
  const entry = entryOf(map, 'from');
  if (entry === undefined) {
    site.findings.add({
      code: 'missing_key',
      message: 'the entry of `migrate` has no `from`: the versions whose runs it is for',
      span: { from: map.span.from, to: map.span.from },
      fix: 'add `from: ^1.0.0`',
    });
    return undefined;
  }
  const word = wordField(entry.value, '`from`', site);
  if (word !== undefined && !isRange(word.text)) {
    site.findings.add({
      code: 'bad_version',
      message: `'${word.text}' is no range of versions`,
      span: word.span,
      fix: 'write it like ^1.0.0, ~1.2.0 or 1.2.3',
    });
  }
  return word;
}

function entriesOf(map: MapPiece, key: string, site: Site): readonly Entry[] {
  const entry = entryOf(map, key);
  const inner = entry === undefined ? undefined : mapField(entry.value, `\`${key}\``, site);
  return [...(inner?.entries.values() ?? [])];
}

function readTarget({ key: name, keySpan: span, value }: Entry, site: Site): readonly Named<Word | null>[] {
  if (value.type === 'scalar' && value.value === null) {
    return [{ name, span, value: null }];
  }
  const word = wordField(value, `what '${name}' is now`, site);
  return word === undefined ? [] : [{ name, span, value: word }];
}

function named({ key: name, keySpan: span, value }: Entry): Named<Piece> {
  return { name, span, value };
}
