/**
 * Secrets by reference. A step's `with` holds the text `secret:NAME`, and that text is all that the journal, logs and
 * reports ever see; the value is put in its place when the handler is called.
 *
 * Only what a definition says literally is a reference. The same text in data, from an input or another handler's
 * result, is text: whoever controls data must not be able to ask for secrets.
 */

import type { Flow, Tpl } from './ir.ts';
import type { Json } from './json.ts';

/** Where a value is: in an environment variable of the engine, or in a file at an absolute path. */
export type SecretSource = { readonly env: string } | { readonly file: string };

export interface SecretReference {
  /** Its place in the input of the call. */
  readonly path: readonly (string | number)[];
  readonly name: string;
}

/** What references begin with. */
export const SECRET_PREFIX = 'secret:';

/** The name in `secret:NAME`, null for all other text. */
export function secretNameOf(text: string): string | null {
  return /^secret:([A-Za-z_][A-Za-z0-9_]{0,99})$/.exec(text)?.[1] ?? null;
}

/** The references of every call of a flow, by the id of its step. */
export function secretsOf(flow: Flow): ReadonlyMap<string, readonly SecretReference[]> {
  const found = new Map<string, readonly SecretReference[]>();
  const walk = (value: unknown, id: string): void => {
    if (Array.isArray(value)) for (const item of value) walk(item, id);
    else if (typeof value === 'object' && value !== null) {
      const { id: own, do: body } = value as { readonly id?: unknown; readonly do?: { readonly k?: unknown; readonly with?: Tpl } };
      const node = typeof own === 'string' && body !== undefined ? own : id;
      const references = body?.k === 'call' && body.with !== undefined ? referencesIn(body.with) : [];
      if (references.length > 0) found.set(node, references);
      // Data of the definition may look like anything.
      for (const [key, inner] of Object.entries(value)) if (key !== 'lit') walk(inner, node);
    }
  };
  walk(flow.root, flow.root.id);
  return found;
}

function referencesIn(tpl: Tpl, path: SecretReference['path'] = []): readonly SecretReference[] {
  if ('lit' in tpl) return referencesInData(tpl.lit, path);
  if ('list' in tpl) return tpl.list.flatMap((item, index) => referencesIn(item, [...path, index]));
  if ('obj' in tpl) return Object.entries(tpl.obj).flatMap(([key, inner]) => referencesIn(inner, [...path, key]));
  return [];
}

function referencesInData(value: Json, path: SecretReference['path']): readonly SecretReference[] {
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => referencesInData(item, [...path, index]));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => referencesInData(inner, [...path, key]));
  const name = typeof value === 'string' ? secretNameOf(value) : null;
  return name === null ? [] : [{ path, name }];
}
