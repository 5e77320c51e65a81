/** The judge that needs no model: titles by their letters, roles by their names and places. */

import { distance } from 'fastest-levenshtein';
import type { Finding, TitleVerdict, UnitRole } from './finding.ts';
import type { JudgedUnit } from './unit.ts';

export function judgeByRules(units: readonly JudgedUnit[]): Finding[] {
  return units.flatMap((unit): Finding[] => [
    { type: 'role', unit: unit.id, ...roleByRules(unit) },
    ...(unit.contents === null ? [] : [{ type: 'title' as const, unit: unit.id, ...judgeTitle(unit.heading, unit.contents) }]),
  ]);
}

/** Rules are certain of titles that have the same letters, and of units that say in their heading what they are. */
export const certain = 1;
/** What is left over when nothing tells: a likely guess. */
const likely = 0.7;

/**
 * Same letters and digits: a match; else one that holds the other, or differs in small words: a minor difference; else
 * up to one letter in five (Levenshtein) wrong: a transcription error; else a real mismatch.
 */
export function judgeTitle(
  heading: string,
  contents: string,
): { readonly verdict: TitleVerdict; readonly comment: string; readonly confidence: number } {
  const [one, other] = [bare(heading), bare(contents)];
  if (one === other) return { verdict: 'match', comment: '', confidence: certain };
  const comment = `the contents list has "${contents}", the heading is "${heading}"`;
  if (one.includes(other) || other.includes(one)) return { verdict: 'minor_difference', comment, confidence: 0.9 };
  const longest = Math.max(one.length, other.length);
  const share = longest === 0 ? 0 : distance(one, other) / longest;
  return share <= slips
    ? { verdict: 'transcription_error', comment, confidence: likely }
    : { verdict: 'real_mismatch', comment, confidence: Math.min(0.95, likely + share / 2) };
}

/** Up to this share of wrong letters is taken for slips. */
const slips = 0.2;

function bare(title: string): string {
  return title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\b(?:the|a|an|of|and|chapter|chap)\b/g, '')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

const roleNames: readonly (readonly [RegExp, UnitRole])[] = [
  [/^(?:preface|vorwort|préface|foreword|advertisement to|自?序|叙|弁言|前言)/i, 'preface'],
  [/^(?:introduction|introductory|einleitung|导言|引言)/i, 'introduction'],
  [/^(?:prologue|prolog|楔子|引子|序章)/i, 'prologue'],
  [/^(?:epilogue|epilog|尾声|終章|终章)/i, 'epilogue'],
  [/^(?:afterword|postscript|nachwort|postface|conclusion|跋|后记|後記)/i, 'afterword'],
  [/^(?:appendix|anhang|appendice|附录|附錄)/i, 'appendix'],
  [/^(?:notes|footnotes|endnotes|anmerkungen|注释)/i, 'notes'],
  [/^(?:bibliography|works cited|literature cited|references)/i, 'bibliography'],
  [/^(?:index|register)\b/i, 'index'],
  [/^(?:dedication|to my|widmung)/i, 'dedication'],
  [/^(?:contents|table of contents|inhalt|目录|目錄)/i, 'contents'],
  [/^(?:interlude|intermezzo)/i, 'interlude'],
];

/** By the name of the heading; without a telling one by place and kind. */
export function roleOfUnit(unit: JudgedUnit): UnitRole {
  return roleByRules(unit).role;
}

function roleByRules(unit: JudgedUnit): { readonly role: UnitRole; readonly confidence: number } {
  const named = roleNames.find(([name]) => name.test(unit.heading.trim()))?.[1];
  if (named !== undefined) return { role: named, confidence: certain };
  if (unit.place === 'body') {
    const role = unit.kind === 'part' ? 'part' : unit.kind === 'section' ? 'section' : 'main_chapter';
    return { role, confidence: unit.ordinal === null ? likely : certain };
  }
  const role = roleOfKind[unit.kind];
  return role === undefined ? { role: 'other', confidence: 0.5 } : { role, confidence: 0.9 };
}

const roleOfKind: { readonly [kind: string]: UnitRole } = {
  titlePage: 'title_page',
  contents: 'contents',
  dedication: 'dedication',
  preface: 'preface',
  foreword: 'preface',
  introduction: 'introduction',
  prologue: 'prologue',
  epilogue: 'epilogue',
  afterword: 'afterword',
  appendix: 'appendix',
  notes: 'notes',
  bibliography: 'bibliography',
  index: 'index',
  advertisement: 'advertisement',
};
