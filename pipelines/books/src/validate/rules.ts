/** The judge that needs no model: titles by their letters, roles by their names and places. */

import type { Finding, TitleVerdict, UnitRole } from './finding.ts';
import type { JudgedUnit } from './unit.ts';

export function judgeByRules(units: readonly JudgedUnit[]): Finding[] {
  return units.flatMap((unit): Finding[] => [
    { type: 'role', unit: unit.id, role: roleOfUnit(unit) },
    ...(unit.contents === null ? [] : [{ type: 'title' as const, unit: unit.id, ...judgeTitle(unit.heading, unit.contents) }]),
  ]);
}

/**
 * Same letters and digits: a match; else one that holds the other, or differs in small words: a minor difference; else
 * up to one letter in five (Levenshtein) wrong: a transcription error; else a real mismatch.
 */
export function judgeTitle(heading: string, contents: string): { readonly verdict: TitleVerdict; readonly comment: string } {
  const [one, other] = [bare(heading), bare(contents)];
  if (one === other) return { verdict: 'match', comment: '' };
  const comment = `the contents list has "${contents}", the heading is "${heading}"`;
  if (one.includes(other) || other.includes(one)) return { verdict: 'minor_difference', comment };
  const longest = Math.max(one.length, other.length);
  return { verdict: distance(one, other, Math.ceil(longest / 5)) * 5 <= longest ? 'transcription_error' : 'real_mismatch', comment };
}

function bare(title: string): string {
  return title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\b(?:the|a|an|of|and|chapter|chap)\b/g, '')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** Levenshtein distance, given up beyond `most`. */
function distance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= other.length; to += 1) {
      const swap = (row[to - 1] ?? 0) + (one[at - 1] === other[to - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    if (Math.min(...next) > most) return most + 1;
    row = next;
  }
  return row.at(-1) ?? 0;
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
  const named = roleNames.find(([name]) => name.test(unit.heading.trim()))?.[1];
  if (named !== undefined) return named;
  if (unit.place === 'body') return unit.kind === 'part' ? 'part' : unit.kind === 'section' ? 'section' : 'main_chapter';
  const byKind: { readonly [kind: string]: UnitRole } = {
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
  return byKind[unit.kind] ?? 'other';
}
