/** Chooses what is wrong with a sample book, and does it to the plan where it is a matter of units. */

import type { Chance } from './chance.ts';
import { renumbered, type BookPlan, type PlannedUnit } from './plan.ts';
import type { Defect, DefectType } from './truth.ts';

export interface DefectivePlan {
  readonly plan: BookPlan;
  readonly defects: readonly Defect[];
  /** Those that come in with the printing. */
  readonly printed: ReadonlySet<DefectType>;
}

type UnitDefect = 'gap' | 'duplicate' | 'out_of_order' | 'empty';

/**
 * None for one book in five, else one or two of those that its shape can have, the rarest so far first. `used` counts
 * over all books of one folder.
 */
export function spoil(plan: BookPlan, used: Map<DefectType, number>, chance: Chance): DefectivePlan {
  if (chance.happens(0.2)) return { plan, defects: [], printed: new Set() };
  const rarest = chance.shuffled(possible(plan)).sort((one, other) => (used.get(one) ?? 0) - (used.get(other) ?? 0));
  const chosen = rarest.slice(0, chance.between(1, 2));
  const kept = chosen.filter((type, index) => !chosen.slice(0, index).some((other) => excludes(type, other)));
  for (const type of kept) used.set(type, (used.get(type) ?? 0) + 1);
  let spoiled = plan;
  const defects: Defect[] = [];
  for (const type of kept) {
    if (!isUnitDefect(type)) continue;
    spoiled = { ...spoiled, units: spoiledUnits(spoiled, type, chance) };
    defects.push({ type, sign: { type: 'issue', issue: type } });
  }
  return { plan: spoiled, defects, printed: new Set(kept.filter((type) => !isUnitDefect(type))) };
}

function possible({ shape, units }: BookPlan): DefectType[] {
  const numbers: DefectType[] =
    shape.scheme === null || shape.restarts === true || units.filter((unit) => unit.kind === 'chapter').length < 8
      ? []
      : ['gap', 'duplicate', 'out_of_order'];
  if (shape.medium !== 'text') return [...numbers, 'empty'];
  const printed: DefectType[] = ['bom', 'crlf', 'wrong_encoding'];
  if (shape.language === 'zh') return [...numbers, ...printed, 'empty'];
  if (shape.text !== 'verse') printed.push('running_heads', 'page_numbers', 'hyphens', 'ligatures', 'mojibake');
  if (shape.contents) printed.push('unmatched_entry', 'missing_entry');
  return [...numbers, ...printed, 'empty'];
}

/** Page numbers stand in running heads already; a file in Windows-1252 has neither a BOM nor room for ligatures. */
function excludes(one: DefectType, other: DefectType): boolean {
  const groups: readonly (readonly DefectType[])[] = [
    ['running_heads', 'page_numbers'],
    ['wrong_encoding', 'bom', 'mojibake', 'ligatures'],
    ['gap', 'duplicate', 'out_of_order', 'unmatched_entry', 'missing_entry'],
  ];
  return groups.some((group) => group.includes(one) && group.includes(other));
}

function isUnitDefect(type: DefectType): type is UnitDefect {
  return type === 'gap' || type === 'duplicate' || type === 'out_of_order' || type === 'empty';
}

function spoiledUnits({ units, shape }: BookPlan, type: UnitDefect, chance: Chance): PlannedUnit[] {
  const places = units.flatMap((unit, index) =>
    unit.kind === 'chapter' && units[index - 1]?.kind === 'chapter' && units[index + 1]?.kind === 'chapter' ? [index] : [],
  );
  const at = chance.pick(places);
  const unit = units[at]!;
  const before = units[at - 1]!;
  switch (type) {
    case 'gap':
      return units.filter((_, index) => index !== at);
    case 'duplicate':
      return units.map((one, index) => (index === at ? renumbered(one, before.value ?? 1, shape) : one));
    case 'out_of_order':
      return units.map((one, index) => (index === at ? before : index === at - 1 ? unit : one));
    case 'empty':
      return units.map((one, index) => (index === at ? { ...one, paragraphs: [] } : one));
  }
}
