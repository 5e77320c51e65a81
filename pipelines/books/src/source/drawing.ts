/**
 * Drawings that stand in the markup of a page, made into files of their own: parsed forgivingly and written anew as XML,
 * in the namespaces that a file needs and pages in HTML do not declare. Whether such a file may be carried is judged where
 * it is read, as of any other (`picture-type.ts`).
 */

import { escapeUTF8 } from 'entities';
import { parseDocument } from 'htmlparser2';

export interface Drawing {
  /** An address with all of the drawing in it; null where it shows what stands elsewhere in its page. */
  readonly href: string | null;
  /** Of its own title or label; empty for an ornament, null where it says nothing. */
  readonly alt: string | null;
}

interface Node {
  readonly type: string;
  readonly name?: string;
  readonly attribs?: { readonly [name: string]: string };
  readonly data?: string;
  readonly childNodes?: readonly Node[];
}

/** What they hold is shown where something else asks for it, if at all. */
const unshown: ReadonlySet<string> = new Set('defs symbol clipPath mask marker pattern metadata title desc style script'.split(' '));
const shapes: ReadonlySet<string> = new Set('path rect circle ellipse line polyline polygon text use'.split(' '));
const namespaces = { xmlns: 'http://www.w3.org/2000/svg', 'xmlns:xlink': 'http://www.w3.org/1999/xlink' };
/** Deeper ones are none that anybody drew. */
const maxDepth = 200;

/** Of an `svg` element as it stands in a page; null for one that shows nothing, as collections of symbols do. */
export function drawingOf(markup: string): Drawing | null {
  const root = (parseDocument(markup, { xmlMode: true }).childNodes as readonly Node[]).find((node) => nameOf(node) === 'svg');
  if (root === undefined || !shows(root, 0)) return null;
  const file = written(root, 0);
  return { href: isWhole(file) ? `data:image/svg+xml;base64,${Buffer.from(file).toString('base64')}` : null, alt: altOf(root) };
}

/** Without the prefix of SVG; null for text, and for what editors note for themselves under prefixes of their own. */
function nameOf({ name }: Node): string | null {
  return /^(?:svg:)?([a-z]\w*)$/i.exec(name ?? '')?.[1] ?? null;
}

function shows({ attribs = {}, childNodes = [] }: Node, depth: number): boolean {
  if (depth > maxDepth || 'hidden' in attribs || /\bdisplay\s*:\s*none\b/.test(attribs['style'] ?? '')) return false;
  return childNodes.some((node) => {
    const name = nameOf(node);
    return name !== null && (shapes.has(name) || (!unshown.has(name) && shows(node, depth + 1)));
  });
}

function written(node: Node, depth: number): string {
  if (node.type === 'text') return escapeUTF8(withoutQuotes(node.data ?? ''));
  const inside = (): string => (node.childNodes ?? []).map((child) => written(child, depth + 1)).join('');
  if (node.type === 'cdata') return inside();
  const name = nameOf(node);
  if (name === null || depth > maxDepth) return '';
  const given = Object.entries(node.attribs ?? {}).filter(([key]) => key !== 'xmlns' && /^(?:(?:xlink|xml):)?[a-z][\w-]*$/i.test(key));
  const attributes = depth === 0 ? [...given, ...Object.entries(namespaces)] : given;
  return `<${name}${attributes.map(([key, value]) => ` ${key}="${escapeUTF8(withoutQuotes(value))}"`).join('')}>${inside()}</${name}>`;
}

/** `url("#name")` needs none around a name, and they would be written as entities. */
function withoutQuotes(text: string): string {
  return text.replace(/url\(\s*(["'])(#[^"')]*)\1\s*\)/g, 'url($2)');
}

/** Whether all that it refers to is part of it. */
function isWhole(file: string): boolean {
  const own = new Set([...file.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id));
  return [...file.matchAll(/(?:\bhref="|url\()#([^")]*)/g)].every(([, id]) => own.has(id));
}

function altOf({ attribs = {}, childNodes = [] }: Node): string | null {
  const title = childNodes.find((node) => nameOf(node) === 'title')?.childNodes?.[0]?.data ?? attribs['aria-label'];
  return title ?? (attribs['aria-hidden'] === 'true' || attribs['role'] === 'presentation' ? '' : null);
}
