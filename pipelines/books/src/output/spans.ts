/** A text cut where its emphasis begins and ends and where marks of notes stand. */

import type { NoteLink } from '../document.ts';
import type { PublishedBlock } from './publication.ts';

export type Span =
  | { readonly type: 'text'; readonly text: string; readonly emphasised: boolean }
  | { readonly type: 'link'; readonly link: NoteLink };

/** In the order of the text, without empty stretches. */
export function spansOf({ text, emphasis = [], links = [] }: PublishedBlock): Span[] {
  if (emphasis.length === 0 && links.length === 0) return text === '' ? [] : [{ type: 'text', text, emphasised: false }];
  const points = [...text];
  const ends = emphasis.flatMap(([from, to]) => [from, to]);
  const cuts = [...new Set([0, ...ends, ...links.map((link) => link.at), points.length])]
    .filter((at) => at >= 0 && at <= points.length)
    .toSorted((one, other) => one - other);
  const spans: Span[] = [];
  for (const [index, at] of cuts.entries()) {
    for (const link of links) if (Math.max(0, Math.min(link.at, points.length)) === at) spans.push({ type: 'link', link });
    const piece = points.slice(at, cuts[index + 1] ?? at).join('');
    if (piece !== '') spans.push({ type: 'text', text: piece, emphasised: emphasis.some(([from, to]) => from <= at && at < to) });
  }
  return spans;
}
