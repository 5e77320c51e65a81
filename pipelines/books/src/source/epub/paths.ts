/** Paths inside an archive. */

export interface Target {
  readonly path: string;
  /** Without its sign; null where there is none. */
  readonly fragment: string | null;
}

/** What `href` in the file `from` points at inside the archive; null for what leads out of it or to the network. */
export function resolvePath(from: string, href: string): Target | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(href) || href.startsWith('//')) return null;
  const [, way = '', fragment] = /^([^#]*)(?:#(.*))?$/s.exec(href) ?? [];
  const plain = unescaped(way.replace(/\?.*$/s, ''));
  const parts: string[] = plain.startsWith('/') || plain === '' ? [] : from.split('/').slice(0, -1);
  if (plain === '') return { path: from, fragment: fragment === undefined ? null : unescaped(fragment) };
  for (const part of plain.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return null;
    } else if (part !== '' && part !== '.') parts.push(part);
  }
  return { path: parts.join('/'), fragment: fragment === undefined || fragment === '' ? null : unescaped(fragment) };
}

/** Whether a file is text of a book, by its name or what it is called. */
export function isDocument(path: string, mediaType: string): boolean {
  if (/\.(x?html?|xht)$/i.test(path)) return true;
  return /^(application\/xhtml\+xml|text\/html|application\/x-dtbook\+xml)$/.test(mediaType);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
