/** From headings in their order to the tree of the book: front matter, parts with chapters with sections, back matter. */

import type { Block, Chapter, ChapterKind, Section, SectionRole } from '../document.ts';
import { cleanTitle } from '../clean/text.ts';
import type { Heading } from '../headings/draft.ts';

export interface Division {
  readonly front: readonly Section[];
  readonly chapters: readonly Chapter[];
  readonly back: readonly Section[];
}

interface Node {
  readonly heading: Heading | null;
  readonly blocks: Block[];
  readonly children: Node[];
}

/** Every block goes to the last heading before it; what stands before the first one is front matter. */
export function divide(blocks: readonly Block[], headings: readonly Heading[]): Division {
  const body = headings.filter((heading) => heading.role === null || heading.role.place === 'body');
  const firstBody = body[0]?.from ?? Number.MAX_SAFE_INTEGER;
  const lastBody = body.at(-1)?.from ?? -1;
  const front: Section[] = [];
  const back: Section[] = [];
  const roots: Node[] = [];
  const open: { node: Node; level: number }[] = [];
  const starts = [...headings.map((heading) => heading.from), blocks.length];
  const opening = blocks.slice(0, starts[0]);
  if (opening.length > 0) {
    if (body.length === 0 && headings.length === 0) roots.push({ heading: null, blocks: [...opening], children: [] });
    else front.push(sectionOf('titlePage', 'Title page', `front-${front.length + 1}`, opening));
  }
  for (const [index, heading] of headings.entries()) {
    const own = marked(blocks.slice(heading.from, starts[index + 1]), heading);
    if (heading.from < firstBody && heading.role !== null)
      front.push(sectionOf(heading.role.role, heading.title, `front-${front.length + 1}`, own));
    else if (heading.role?.place === 'back' && heading.from > lastBody)
      back.push(sectionOf(heading.role.role, heading.title, `back-${back.length + 1}`, own));
    else if (heading.role?.place === 'back' && open.length === 0)
      front.push(sectionOf(heading.role.role, heading.title, `front-${front.length + 1}`, own));
    else place(roots, open, { heading, blocks: own, children: [] }, heading.level);
  }
  const chapters = roots.length === 0 && front.length > 0 ? bodyFromFront(front) : number(roots);
  return { front, chapters, back };
}

function place(roots: Node[], open: { node: Node; level: number }[], node: Node, level: number): void {
  while (open.length > 0 && open.at(-1)!.level >= level) open.pop();
  const parent = open.at(-1)?.node;
  (parent === undefined ? roots : parent.children).push(node);
  open.push({ node, level });
}

function sectionOf(role: SectionRole, title: string, id: string, blocks: readonly Block[]): Section {
  return { id, role, title: cleanTitle(title), blocks };
}

const untitled: ReadonlySet<SectionRole> = new Set(['titlePage', 'contents', 'illustrations']);

/** A book with nothing but front matter has its text there: the longest section is its body. */
function bodyFromFront(front: Section[]): Chapter[] {
  const size = (section: Section): number => section.blocks.reduce((sum, block) => sum + block.text.length, 0);
  const longest = front.reduce((best, section) => (size(section) > size(best) ? section : best));
  const at = front.indexOf(longest);
  const moved = front.splice(at);
  return moved.map((section, index) => ({
    id: `chapter-${index + 1}`,
    kind: 'chapter',
    title: untitled.has(section.role) ? '' : section.title,
    ordinal: null,
    blocks: section.blocks,
    children: [],
  }));
}

/** The heading's blocks carry its level; the printed layout has served and goes. */
function marked(blocks: readonly Block[], heading: Heading): Block[] {
  const length = heading.to - heading.from;
  return blocks.map((block, index) =>
    index < length && block.type !== 'illustration' && block.type !== 'break'
      ? { ...block, type: 'heading', level: Math.max(1, heading.level) }
      : block,
  );
}

function number(roots: readonly Node[]): Chapter[] {
  const counters: Record<ChapterKind, number> = { part: 0, chapter: 0, section: 0 };
  const levels = new Set(levelsOf(roots));
  const build = (node: Node, depth: number, parents: number): Chapter => {
    const kind = kindOf(node, levels, parents);
    counters[kind] += 1;
    const { heading } = node;
    const id = `${kind}-${counters[kind]}`;
    return {
      id,
      kind,
      title: cleanTitle(heading?.title ?? ''),
      ...(heading?.label == null ? {} : { number: heading.label.number }),
      ordinal: heading?.label?.value ?? null,
      blocks: node.blocks,
      children: node.children.map((child) => build(child, depth + 1, kind === 'part' ? parents : parents + 1)),
      ...metadataOf(heading),
    };
  };
  return roots.map((node) => build(node, 1, 0));
}

function metadataOf(heading: Heading | null): Pick<Chapter, 'metadata'> {
  const metadata = {
    ...(heading?.role == null ? {} : { role: heading.role.role }),
    ...(heading?.why === 'layout' ? { found: 'layout' } : {}),
    ...(heading?.printed === undefined || heading.printed === '' ? {} : { heading: heading.printed }),
  };
  return Object.keys(metadata).length === 0 ? {} : { metadata };
}

function levelsOf(nodes: readonly Node[]): number[] {
  return nodes.flatMap((node) => [node.heading?.level ?? 2, ...levelsOf(node.children)]);
}

/** What is printed as a part is one only where parts hold chapters; what is inside a chapter is a section. */
function kindOf(node: Node, levels: ReadonlySet<number>, chaptersAbove: number): ChapterKind {
  if (chaptersAbove > 0) return 'section';
  const level = node.heading?.level ?? 2;
  const partsHold = levels.has(2) || levels.has(3);
  return level <= 1 && partsHold && (node.children.length > 0 || node.heading?.role == null) ? 'part' : 'chapter';
}
