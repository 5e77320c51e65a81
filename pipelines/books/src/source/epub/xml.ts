/**
 * The small XML files of an EPUB: container, package, navigation. A forgiving parser, because what publishers ship is
 * not always well-formed; it knows no DTD, so nothing can expand.
 */

import { decodeHTML } from 'entities';
import { parseDocument } from 'htmlparser2';
import { StepError } from '@scriptorium/core';
import { decodeBytes } from '../encoding.ts';

export interface Element {
  /** Without its prefix, in lower case. */
  readonly name: string;
  /** By name as written, in lower case, prefix and all. */
  readonly attributes: { readonly [name: string]: string };
  readonly children: readonly Element[];
  /** All text below it, white space collapsed. */
  readonly text: string;
}

/** Packages of the largest books stay well below this. */
const maxBytes = 16 * 1024 * 1024;
const maxDepth = 200;

/** `label` names the file in messages. @throws StepError `epub.entities`, `epub.invalid`. */
export function parseXml(bytes: Uint8Array, label: string): Element {
  if (bytes.length > maxBytes)
    throw new StepError('epub.invalid', `${label}: ${String(bytes.length)} bytes of markup where at most ${String(maxBytes)} are read`, {
      fix: 'Such a file is no part of a book: get the book from its publisher.',
    });
  const { text } = decodeBytes(bytes);
  refuseEntities(text, label);
  const { childNodes } = parseDocument(text, { xmlMode: true, decodeEntities: false });
  const root = childNodes.map((node) => elementOf(node, 0, label)).find((node) => typeof node === 'object');
  if (root === undefined)
    throw new StepError('epub.invalid', `${label}: there is no markup in it`, { fix: 'Get the book again from its publisher.' });
  return root;
}

/** Declared entities are how a few bytes become gigabytes; no book needs them. @throws StepError `epub.entities`. */
export function refuseEntities(text: string, label: string): void {
  const head = text.slice(0, 100_000);
  if (/<!doctype[^>[]*\[/i.test(head) && /<!entity\b/i.test(text))
    throw new StepError('epub.entities', `${label}: it declares entities of its own, which are not expanded`, {
      fix: 'Write the characters themselves instead of entities, or do not trust the file.',
    });
}

/** Depth first, the element itself included. */
export function* elementsOf(element: Element, name?: string): Generator<Element> {
  if (name === undefined || element.name === name) yield element;
  for (const child of element.children) yield* elementsOf(child, name);
}

export function childOf(element: Element | undefined, name: string): Element | undefined {
  return element?.children.find((child) => child.name === name);
}

interface Parsed {
  readonly type: string;
  readonly name?: string;
  readonly data?: string;
  readonly attribs?: { readonly [name: string]: string };
  readonly childNodes?: readonly Parsed[];
}

function elementOf(node: Parsed, depth: number, label: string): Element | string {
  if (node.type === 'text') return node.data ?? '';
  if (node.type === 'cdata') return (node.childNodes ?? []).map((child) => child.data ?? '').join('');
  if (node.name === undefined || node.attribs === undefined) return '';
  if (depth > maxDepth)
    throw new StepError('epub.invalid', `${label}: elements nested deeper than ${String(maxDepth)}`, {
      fix: 'Get the book again from its publisher.',
    });
  const parts = (node.childNodes ?? []).map((child) => elementOf(child, depth + 1, label));
  return {
    name: node.name.replace(/^.*:/, '').toLowerCase(),
    attributes: Object.fromEntries(Object.entries(node.attribs).map(([name, value]) => [name.toLowerCase(), decodeHTML(value)])),
    children: parts.filter((part) => typeof part === 'object'),
    // Only what is asked for is put together: otherwise every level would copy what stands below it.
    get text(): string {
      const text = parts.map((part, index) => (typeof part === 'string' ? decoded(part, node.childNodes?.[index]) : part.text)).join('');
      return text.replace(/[ \t\r\n\f]+/g, ' ').trim();
    },
  };
}

/** Entities stand in text; in a CDATA section an ampersand is one. */
function decoded(text: string, node: Parsed | undefined): string {
  return node?.type === 'cdata' || !text.includes('&') ? text : decodeHTML(text);
}
