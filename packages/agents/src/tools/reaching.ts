/** Whether something that a call reaches for lies within what was granted. Pure: paths come as they are really found. */

import { isAbsolute, relative, sep } from 'node:path';
import type { Scope } from './granting.ts';
import type { Reach } from './tool.ts';

/** A scope whose folders are absolute, with symbolic links followed. */
export type RealScope = Omit<Scope, 'read' | 'write'> & { readonly read: readonly string[]; readonly write: readonly string[] };

/** Why it is not within the scope; null where it is. Money is counted elsewhere, and flows and people are granted by name. */
export function beyond(reach: Reach, scope: RealScope): string | null {
  switch (reach.kind) {
    case 'file': {
      const folders = reach.access === 'write' ? scope.write : scope.read;
      if (folders.some((folder) => isBelow(reach.path, folder))) return null;
      return `${reach.path} may not be ${reach.access === 'write' ? 'written' : 'read'}`;
    }
    case 'host':
      return beyondHosts(reach.url, reach.method, scope);
    case 'program': {
      const fits = scope.programs.some((prefix) => prefix.every((word, index) => reach.argv[index] === word));
      return fits ? null : `${JSON.stringify(reach.argv.slice(0, 3).join(' '))} begins as no program that was granted`;
    }
    case 'flow':
    case 'person':
    case 'spend':
      return null;
  }
}

/** Names that begin with a dot are settings and keys more often than texts: they have to be granted themselves. */
function isBelow(path: string, folder: string): boolean {
  const inner = relative(folder, path);
  if (inner === '') return true;
  if (isAbsolute(inner) || inner === '..' || inner.startsWith(`..${sep}`)) return false;
  return !inner.split(sep).some((name) => name.startsWith('.'));
}

function beyondHosts(text: string, method: string, { hosts, methods }: RealScope): string | null {
  if (!methods.includes(method)) return `${method} was not granted`;
  if (!URL.canParse(text)) return 'it is no URL';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${url.protocol} is no protocol that an agent may use`;
  if (url.username !== '' || url.password !== '') return 'a URL must not carry a user and a password';
  const host = url.hostname.replace(/\.$/, '');
  if (hosts.some((entry) => fits(entry.toLowerCase(), host, url.port))) return null;
  return `${url.port === '' ? host : `${host}:${url.port}`} is not among the hosts that were granted`;
}

/** The URL has been read as it will be asked for: every spelling of an address has become one. */
function fits(entry: string, host: string, port: string): boolean {
  const [, name = entry, entryPort = ''] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(entry) ?? [];
  if (entryPort !== port) return false;
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name;
}
