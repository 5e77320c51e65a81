/**
 * Where a model and the rules differ about a unit, and how far what the model says of its own sureness can be believed.
 *
 * Nobody is asked for the truth. But of some units the rules are certain: titles of the same letters, headings that say
 * what they are. On those the model's answers are right or wrong, and the share of right ones in each band of its
 * confidence is what that confidence is worth.
 */

import type { Place } from '../source/place.ts';
import type { Finding } from './finding.ts';
import { certain } from './rules.ts';
import type { JudgedUnit } from './unit.ts';

export type JudgedKind = 'title' | 'role';

export interface Disagreement {
  readonly kind: JudgedKind;
  readonly unit: string;
  readonly heading: string;
  readonly contents: string | null;
  readonly model: { readonly says: string; readonly confidence: number | null; readonly comment: string };
  readonly rules: { readonly says: string; readonly confidence: number };
  readonly place: Place | null;
}

/** Answers of one kind in one band of confidence, lower edge included, upper edge excluded but for 1; null where none was given. */
export interface Band {
  readonly kind: JudgedKind;
  readonly from: number | null;
  readonly to: number | null;
  readonly compared: number;
  readonly agreed: number;
  /** Of those on which the rules are certain. */
  readonly certain: number;
  readonly right: number;
}

export interface Agreement {
  readonly bands: readonly Band[];
  readonly disagreements: readonly Disagreement[];
  /** Beyond those that are listed. */
  readonly more: number;
}

const edges: readonly number[] = [0, 0.5, 0.7, 0.9, 1];
/** Disagreements of one book that are listed; a model that differs more often is not to be used. */
const mostListed = 200;

/** What the rules are surest of first: there the model is most likely wrong, or the rules need mending. */
export function compareJudges(
  units: readonly JudgedUnit[],
  model: readonly Finding[],
  rules: readonly Finding[],
  placeOf: (unit: JudgedUnit) => Place | null,
): Agreement {
  const byUnit = new Map(units.map((unit) => [unit.id, unit]));
  const ruled = new Map(rules.map((finding) => [`${finding.type} ${finding.unit}`, finding]));
  const bands = new Map<string, Band>();
  const differing: { readonly unit: JudgedUnit; readonly model: Finding; readonly rules: Finding }[] = [];
  for (const finding of model) {
    const unit = byUnit.get(finding.unit);
    const other = ruled.get(`${finding.type} ${finding.unit}`);
    if (unit === undefined || other === undefined) continue;
    const isSame = sayingOf(finding) === sayingOf(other);
    count(bands, finding, other, isSame);
    if (!isSame) differing.push({ unit, model: finding, rules: other });
  }
  differing.sort((one, other) => sureness(other) - sureness(one));
  return {
    bands: sortedBands([...bands.values()]),
    disagreements: differing.slice(0, mostListed).map(({ unit, model: said, rules: other }) => ({
      kind: said.type,
      unit: unit.id,
      heading: unit.heading,
      contents: unit.contents,
      model: { says: sayingOf(said), confidence: said.confidence, comment: said.type === 'title' ? said.comment : '' },
      rules: { says: sayingOf(other), confidence: other.confidence ?? 0 },
      place: placeOf(unit),
    })),
    more: Math.max(0, differing.length - mostListed),
  };
}

/** The bands of several books together. */
export function mergeBands(all: Iterable<Band>): readonly Band[] {
  const merged = new Map<string, Band>();
  for (const band of all) {
    const known = merged.get(nameOf(band));
    merged.set(nameOf(band), known === undefined ? band : added(known, band));
  }
  return sortedBands([...merged.values()]);
}

/**
 * What the confidence is worth: the share of right answers among those on which the rules are certain; null where there
 * are too few to tell.
 */
export function worthOf(band: Band): number | null {
  return band.certain < leastCertain ? null : band.right / band.certain;
}

/** Fewer answers than this say nothing about a share. */
const leastCertain = 5;

function sayingOf(finding: Finding): string {
  return finding.type === 'title' ? finding.verdict : finding.role;
}

function sureness({ model, rules }: { readonly model: Finding; readonly rules: Finding }): number {
  return (rules.confidence ?? 0) + (model.confidence ?? 0) / 10;
}

function count(bands: Map<string, Band>, finding: Finding, other: Finding, isSame: boolean): void {
  const isCertain = other.confidence === certain;
  const band: Band = {
    kind: finding.type,
    ...edgesOf(finding.confidence),
    compared: 1,
    agreed: isSame ? 1 : 0,
    certain: isCertain ? 1 : 0,
    right: isCertain && isSame ? 1 : 0,
  };
  const known = bands.get(nameOf(band));
  bands.set(nameOf(band), known === undefined ? band : added(known, band));
}

function edgesOf(confidence: number | null): { readonly from: number | null; readonly to: number | null } {
  if (confidence === null) return { from: null, to: null };
  const upper = edges.findIndex((edge, index) => index > 0 && (confidence < edge || index === edges.length - 1));
  return { from: edges[upper - 1] ?? 0, to: edges[upper] ?? 1 };
}

function added(one: Band, other: Band): Band {
  return {
    ...one,
    compared: one.compared + other.compared,
    agreed: one.agreed + other.agreed,
    certain: one.certain + other.certain,
    right: one.right + other.right,
  };
}

function nameOf({ kind, from }: Band): string {
  return `${kind} ${String(from)}`;
}

function sortedBands(bands: readonly Band[]): readonly Band[] {
  return bands.toSorted((one, other) => (one.kind === other.kind ? (other.from ?? -1) - (one.from ?? -1) : one.kind < other.kind ? 1 : -1));
}
