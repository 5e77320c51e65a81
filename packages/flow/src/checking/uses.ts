/** What stands under `uses`: a name, and after `@` the range of versions that will do. */

import { calledAs } from '@scriptorium/core';

/** `range` is `*` where none is given. */
export function readUses(text: string): { readonly name: string; readonly range: string } {
  const at = text.indexOf('@');
  return at === -1 ? { name: text, range: '*' } : { name: text.slice(0, at), range: text.slice(at + 1) };
}

/** How a run is told of the flow that a step names so. */
export function calledBy(text: string): string {
  const { name, range } = readUses(text);
  return calledAs(name, { range });
}
