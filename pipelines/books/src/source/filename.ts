/** The catalog key in a file's name. */

import type { SourceMeta } from './source.ts';

/** `<work number><volume letter>_<title>_<author>`; the number may carry the letters of its collection, `pg` counts as none. */
const keyed: RegExp = /^([A-Z]{0,3})[-_]?0*(\d{1,7})([a-z])?_([^_]*)(?:_(.+))?$/i;
/** Names of downloads: `98.txt`, `98-0.txt`, `pg98-images.html`. */
const numbered: RegExp = /^(?:pg)?0*(\d{1,7})(?:-(?:\d|h|images|noimages|8|utf8))*$/i;

/** `name` may have its extension. A title that is a slug (`a-tale`) is left out: it is a poorer one than the catalog's. */
export function keyOfFileName(name: string): SourceMeta {
  const stem = name.normalize('NFC').replace(/\.(txt|text|asc|html?|xhtml|json|epub)(\.utf-?8)?$/i, '');
  const plain = numbered.exec(stem);
  if (plain?.[1] !== undefined) return { workNumber: plain[1] };
  const match = keyed.exec(stem);
  if (match === null) return {};
  const [, letters = '', digits = '', volume, title = '', author] = match;
  return {
    workNumber: /^(pg)?$/i.test(letters) ? digits : letters.toUpperCase() + digits,
    ...(volume === undefined ? {} : { volume: volume.toLowerCase() }),
    ...(title === '' || /^[a-z0-9]+(-[a-z0-9]+)+$/.test(title) ? {} : { title }),
    ...(author === undefined ? {} : { author }),
  };
}
