/** Books whose source came in sections: each is a unit, unless it holds several (fused) or only the rest of one (broken). */

import type { Block, Book, Chapter, SectionRole } from '../document.ts';
import { labelCandidates } from '../headings/candidates.ts';
import type { Heading } from '../headings/draft.ts';
import { keywordLevel } from '../headings/keywords.ts';
import { parseLabel } from '../headings/read-label.ts';
import type { Label } from '../headings/label.ts';
import { keyOf } from '../headings/piece.ts';
import { roleOf, type Role } from '../headings/roles.ts';
import { piecesOf } from './pieces.ts';
import { divide } from './tree.ts';
import type { Division } from './tree.ts';

interface Unit {
  /** The whole title of the section or heading. */
  readonly printed: string;
  readonly title: string;
  readonly label: Label | null;
  readonly level: number;
  readonly blocks: Block[];
  /** How many of the blocks are its heading. */
  readonly headed: number;
  readonly role: Role | null;
  /** The source itself names it a unit: an entry of the navigation of an EPUB. */
  readonly listed: boolean;
}

export function divideSections(book: Book): Division {
  const units: Unit[] = [];
  const sections = book.structure.body.chapters;
  const unit = commonUnit(sections);
  for (const section of sections) {
    const [first, ...rest] = unfuse(section, unit);
    const last = units.at(-1);
    if (last !== undefined && first !== undefined && isRestOf(first, last)) last.blocks.push(...first.blocks);
    else if (first !== undefined) units.push(first);
    units.push(...rest);
  }
  const blocks = units.flatMap((each) => each.blocks);
  let at = 0;
  const headings = units.map((each): Heading => {
    const from = at;
    at += each.blocks.length;
    return {
      from,
      to: from + each.headed,
      level: each.level,
      label: each.label,
      title: each.title,
      role: each.role,
      why: 'markup',
      printed: each.printed,
    };
  });
  return divide(blocks, headings);
}

/** The word that most titles are numbered with. */
function commonUnit(sections: readonly Chapter[]): string | null {
  const counts = new Map<string, number>();
  for (const section of sections) {
    const keyword = parseLabel(undecorated(section.title))?.keyword;
    if (keyword != null) counts.set(keyword, (counts.get(keyword) ?? 0) + 1);
  }
  return [...counts].sort((left, right) => right[1] - left[1])[0]?.[0] ?? null;
}

/** The units that one section holds: cut where a heading with the book's own word for its units stands inside. */
function unfuse(section: Chapter, unit: string | null): Unit[] {
  const { blocks } = section;
  const own = parseLabel(undecorated(section.title));
  const cuts = labelCandidates(piecesOf(blocks)).filter(
    (candidate) => candidate.label.keyword !== null && isUnit(candidate.label, unit) && !sameUnit(candidate.label, own, candidate.piece),
  );
  const units: Unit[] = [];
  const first = blocks.slice(0, cuts[0]?.piece ?? blocks.length);
  if (first.length > 0 || cuts.length === 0) units.push(given(section, unitOf(section.title, first, headedBy(section.title, first))));
  for (const [index, cut] of cuts.entries()) {
    const part = blocks.slice(cut.piece, cuts[index + 1]?.piece ?? blocks.length);
    units.push(unitOf(part[0]!.text, part, 1));
  }
  return units;
}

function isUnit(label: Label, unit: string | null): boolean {
  return unit === null ? keywordLevel(label.keyword!) !== null && keywordLevel(label.keyword!) !== 3 : label.keyword === unit;
}

/** The section's own heading, printed again at its start, divides nothing. */
function sameUnit(label: Label, own: Label | null, piece: number): boolean {
  return own !== null && piece <= 2 && label.value === own.value && label.keyword === own.keyword;
}

function headedBy(title: string, blocks: readonly Block[]): number {
  const first = blocks[0];
  if (first === undefined) return 0;
  return first.type === 'heading' || (keyOf(title).length > 0 && keyOf(first.text) === keyOf(title)) ? 1 : 0;
}

function unitOf(title: string, blocks: readonly Block[], headed: number): Unit {
  const plain = undecorated(title);
  const label = parseLabel(plain);
  const level = label?.keyword == null ? 2 : (keywordLevel(label.keyword) ?? 2);
  return {
    printed: title.trim(),
    title: label === null ? plain : label.title,
    label,
    level,
    blocks: [...blocks],
    headed,
    role: null,
    listed: false,
  };
}

/** What the source itself says about a section goes before what its title suggests. */
function given({ metadata }: Chapter, unit: Unit): Unit {
  const { level, headed, role } = metadata ?? {};
  return {
    ...unit,
    ...(typeof level === 'number' ? { level, listed: unit.printed !== '' } : {}),
    ...(typeof headed === 'number' ? { headed: Math.min(headed, unit.blocks.length) } : {}),
    ...(typeof role === 'string' ? { role: { role: role as SectionRole, place: 'body' } } : {}),
  };
}

/** A title that says so, none at all, or the same one again after text that breaks off: the section goes on with the one before. */
function isRestOf(unit: Unit, last: Unit): boolean {
  if (unit.blocks.length === 0 || unit.listed) return false;
  if (/(?:\bcont(?:inued|['’]d|\.)|续|續|\(下\)|（下）)\W*$/i.test(unit.title)) return true;
  if (unit.label === null && unit.title === '') return true;
  if (!/[\p{L}\p{N},，、;；-]$/u.test(last.blocks.at(-1)?.text.trimEnd() ?? '')) return false;
  return (
    unit.label !== null &&
    last.label !== null &&
    unit.label.keyword === last.label.keyword &&
    unit.label.value === last.label.value &&
    keyOf(unit.title) === keyOf(last.title) &&
    roleOf(unit.title) === null
  );
}

/** The title without the signs that some editions put before it. */
function undecorated(title: string): string {
  return title.replace(/^[◎○●※★☆■□◆◇·\s]+/u, '').trim();
}
