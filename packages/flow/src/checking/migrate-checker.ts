/** Checks `migrate` against the definition that it stands in; what it says of the older one is for `diff` to check. */

import { closest, planOf } from '@scriptorium/core';
import type { Flow, Migration, Node, Plan } from '@scriptorium/core';
import type { Checking } from './checking.ts';
import type { Span } from '../diagnostic.ts';
import { pieceAt, toJson } from '../reading/piece.ts';
import type { Piece } from '../reading/piece.ts';
import type { MigrationShape, Named, Word } from '../reading/shape.ts';

export function checkMigrations(shapes: readonly MigrationShape[], root: Node, checking: Checking): readonly Migration[] {
  if (shapes.length === 0) {
    return [];
  }
  const plan = planOf({ root } as Flow);
  return shapes.map(({ from, map, assume }) => {
    checkTargets(map, plan, checking);
    for (const entry of assume) {
      checkAssumed(entry, map, plan, checking);
    }
    return {
      from: from.text,
      map: Object.fromEntries(map.map(({ name, value }) => [name, value === null ? null : value.text])),
      assume: Object.fromEntries(assume.map(({ name, value }) => [name, { lit: toJson(value) }])),
    };
  });
}

function checkTargets(map: readonly Named<Word | null>[], plan: Plan, checking: Checking): void {
  const taken = new Map<string, string>();
  for (const { name, value } of map) {
    if (value === null) {
      continue;
    }
    if (isStep(value.text, value.span, plan, checking)) {
      const other = taken.get(value.text);
      if (other !== undefined) {
        checking.findings.add({
          code: 'map_twice',
          message: `'${other}' and '${name}' cannot both be '${value.text}' now`,
          span: value.span,
          fix: 'map the one whose results are no longer of use to `null`',
        });
      }
      taken.set(value.text, name);
    }
  }
}

function checkAssumed({ name, span, value }: Named<Piece>, map: MigrationShape['map'], plan: Plan, checking: Checking): void {
  if (!isStep(name, span, plan, checking)) {
    return;
  }
  const source = map.find((entry) => entry.value?.text === name);
  const node = plan.get(name)?.node;
  if (source !== undefined || node?.each !== undefined) {
    checking.findings.add({
      code: 'wrong_value',
      message:
        source === undefined
          ? `the output of the \`each\` '${name}' cannot be assumed: it has items`
          : `'${name}' has the output of '${source.name}': there is nothing to assume`,
      span,
    });
    return;
  }
  if (hasExpression(value)) {
    checking.findings.add({
      code: 'wrong_value',
      message: `what is assumed for '${name}' must be plain data, without expressions`,
      span: value.span,
    });
    return;
  }
  for (const issue of checking.contracts.compile(node?.returns ?? true)(toJson(value))) {
    checking.findings.add({
      code: 'wrong_value',
      message: `what is assumed for '${name}' ${issue.message}`,
      span: pieceAt(value, issue.path).span,
    });
  }
}

function hasExpression(piece: Piece): boolean {
  if (piece.type === 'list') {
    return piece.items.some(hasExpression);
  }
  if (piece.type === 'map') {
    return [...piece.entries.values()].some((entry) => hasExpression(entry.value));
  }
  return typeof piece.value === 'string' && piece.value.includes('${');
}

function isStep(path: string, span: Span, plan: Plan, { findings }: Checking): boolean {
  if (path !== '' && plan.has(path)) {
    return true;
  }
  const suggestion =
    closest(
      path,
      [...plan.keys()].filter((id) => id !== ''),
    ) ?? undefined;
  findings.add({
    code: 'no_such_step',
    message: `this definition has no step '${path}'${suggestion === undefined ? '' : ` — did you mean '${suggestion}'?`}`,
    span,
    suggestion,
  });
  return false;
}
