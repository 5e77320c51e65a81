/**
 * `file:prompts/writer.md` as the whole of a value in a step's `with`: the text of that file, as it was when the
 * definition was read. So the hash of the definition knows it, and a run stays with the words that it began with.
 */

import type { Finding } from '../diagnostic.ts';
import type { ReadDefinition } from './extends.ts';

const PREFIX = 'file:';

/** Of one text. */
export const MAX_TEXT_BYTES = 262_144;

/** `file:///…` is an address, and stays what it is. */
export function isKeptText(value: string): boolean {
  return value.startsWith(PREFIX) && !value.startsWith(`${PREFIX}//`);
}

/** The text of the file that `value` names, relative to the file `from`, or what is wrong with it. */
export function keptText(
  value: string,
  from: string,
  read: ReadDefinition,
): { readonly text: string } | { readonly problem: Omit<Finding, 'span'> } {
  const path = value.slice(PREFIX.length);
  if (path === '' || path.startsWith('/') || path.includes('\\') || /^[A-Za-z]:/.test(path)) {
    const fix = 'write file: and a path with / from the folder of this definition, such as file:prompts/writer.md';
    return { problem: { code: 'bad_path', message: `\`${value}\` is no path relative to the definition`, fix } };
  }
  const found = read(path, from);
  if (found === null) {
    const fix = 'the path is relative to the file that names it';
    return { problem: { code: 'no_such_file', message: `there is no file ${path} that can be read`, fix } };
  }
  const bytes = Buffer.byteLength(found.source);
  if (bytes <= MAX_TEXT_BYTES) return { text: found.source.replaceAll('\r\n', '\n').trimEnd() };
  const message = `${path} has ${bytes} bytes; a text in a definition may have ${MAX_TEXT_BYTES}`;
  return { problem: { code: 'too_large', message, fix: 'let a handler read the file' } };
}
