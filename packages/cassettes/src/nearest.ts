/** Which recorded request is most like one that was never recorded, and in what they differ. */

import { isList, type AskedRequest, type Exchange, type Json } from './exchange.ts';

export interface Difference {
  /** Where, as `messages[1].content`. */
  readonly path: string;
  readonly recorded: string;
  readonly asked: string;
}

export interface Nearest {
  /** From 1, in the order of the file. */
  readonly number: number;
  readonly request: AskedRequest;
  readonly differences: readonly Difference[];
}

/** Exchanges that are compared leaf by leaf; beyond it the others are not looked at. */
const mostCompared = 2_000;
/** Letters shown around the first one that differs. */
const shownLetters = 60;

export function nearestTo(asked: AskedRequest, exchanges: readonly Exchange[]): Nearest | null {
  const wanted = leavesOf(asked);
  let nearest: { readonly number: number; readonly request: AskedRequest; readonly distance: number } | null = null;
  for (const [index, { request }] of exchanges.slice(0, mostCompared).entries()) {
    const distance = distanceOf(wanted, leavesOf(request));
    if (nearest === null || distance < nearest.distance) nearest = { number: index + 1, request, distance };
  }
  return nearest === null
    ? null
    : { number: nearest.number, request: nearest.request, differences: differencesOf(wanted, leavesOf(nearest.request)) };
}

type Leaves = ReadonlyMap<string, string>;

function leavesOf({ method, path, body }: AskedRequest): Leaves {
  const leaves = new Map([
    ['method', method],
    ['path', path],
  ]);
  const walk = (value: Json, at: string): void => {
    if (isList(value)) for (const [index, each] of value.entries()) walk(each, `${at}[${index}]`);
    else if (typeof value === 'object' && value !== null)
      for (const [key, each] of Object.entries(value)) walk(each, at === '' ? key : `${at}.${key}`);
    else leaves.set(at === '' ? 'body' : at, typeof value === 'string' ? value : JSON.stringify(value));
  };
  walk(body, '');
  return leaves;
}

/** A leaf that differs counts by how early it does, between a half and one; method and path count for ten. */
function distanceOf(wanted: Leaves, leaves: Leaves): number {
  let distance = 0;
  for (const [path, value] of wanted) {
    const other = leaves.get(path);
    if (other === value) continue;
    const weight = path === 'method' || path === 'path' ? 10 : 1;
    distance += weight * (other === undefined ? 1 : 1 - 0.5 * (sharedLetters(value, other) / Math.max(value.length, other.length, 1)));
  }
  for (const path of leaves.keys()) if (!wanted.has(path)) distance += 1;
  return distance;
}

function differencesOf(wanted: Leaves, leaves: Leaves): Difference[] {
  const paths = new Set([...wanted.keys(), ...leaves.keys()]);
  return [...paths].flatMap((path) => {
    const [asked, recorded] = [wanted.get(path), leaves.get(path)];
    if (asked === recorded) return [];
    const at = asked === undefined || recorded === undefined ? 0 : sharedLetters(asked, recorded);
    return [{ path, recorded: around(recorded, at), asked: around(asked, at) }];
  });
}

function sharedLetters(one: string, other: string): number {
  let shared = 0;
  while (shared < one.length && one[shared] === other[shared]) shared += 1;
  return shared;
}

function around(text: string | undefined, at: number): string {
  if (text === undefined) return 'nothing';
  const from = Math.max(0, at - shownLetters / 3);
  const to = Math.min(text.length, at + shownLetters);
  return `"${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}"`;
}
