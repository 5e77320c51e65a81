/** Where what a step gives its handler comes from: its definition and whoever started the run, or anywhere else. */

import type { Tpl } from './ir.ts';

/** The input of a run that somebody started is theirs; that of a run which works for a step came from that step. */
const OWN = 'input';

/** Names of the members of `input` that neither the definition says nor, where it `isStarted` by somebody, their input. */
export function outsideMembers(template: Tpl, input: unknown, isStarted: boolean): readonly string[] {
  if ('lit' in template) return [];
  if ('obj' in template) return Object.keys(template.obj).filter((name) => isFromOutside(template.obj[name]!, isStarted));
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  return isObject && isFromOutside(template, isStarted) ? Object.keys(input) : [];
}

function isFromOutside(template: Tpl, isStarted: boolean): boolean {
  if ('lit' in template) return false;
  if ('expr' in template) return template.expr.reads.some((name) => !(isStarted && name === OWN));
  const parts = 'cat' in template ? template.cat : 'list' in template ? template.list : Object.values(template.obj);
  return parts.some((part) => isFromOutside(part, isStarted));
}
