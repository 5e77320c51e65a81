/** An MCP server as the configuration names it. */

import type { Json } from '@scriptorium/core';
import type { McpServer } from './mcp.ts';

/** Of a header: itself, or the environment variable that has it, with what stands before. */
type HeaderEntry = string | { readonly env: string; readonly prefix?: string };

export interface McpEntry {
  /** The program and its arguments; or `url`. */
  readonly command?: readonly string[];
  /** Environment variables that the program is given. */
  readonly env?: readonly string[];
  readonly url?: string;
  readonly headers?: { readonly [name: string]: HeaderEntry };
  /** Of what was read and found good; without it nothing of the server is used. */
  readonly pin?: string;
}

const KEYS = ['command', 'env', 'url', 'headers', 'pin'];
const VARIABLE = /^[A-Za-z_]\w*$/;

/** What is wrong with an entry, as a sentence; null for nothing. */
export function serverProblem(entry: Json): string | null {
  if (!isObject(entry)) return 'a server is { command } or { url }, and where wanted env, headers, pin';
  const unknown = Object.keys(entry).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return `a server has no \`${unknown}\`; it has ${KEYS.join(', ')}`;
  const { command, env, url, headers, pin } = entry;
  if ((command === undefined) === (url === undefined)) return 'a server has either a `command` or a `url`';
  if (command !== undefined && !isTexts(command)) return '`command` is a list: the program and its arguments';
  if (url !== undefined && (typeof url !== 'string' || !/^https?:\/\//.test(url))) return '`url` begins with http:// or https://';
  if (env !== undefined && (url !== undefined || !isTexts(env) || !env.every((name) => VARIABLE.test(name))))
    return '`env` lists the environment variables that a `command` is given, by their names';
  if (headers !== undefined && (command !== undefined || !isObject(headers) || !Object.values(headers).every(isHeader)))
    return '`headers` of a `url` are texts, or { env: VARIABLE, prefix: "Bearer " } for what is secret';
  if (pin !== undefined && !(typeof pin === 'string' && /^sha256:[0-9a-f]{64}$/.test(pin)))
    return '`pin` is what `scriptorium tools <server>` shows: sha256: and 64 digits';
  return null;
}

/** Values that are secret are looked up here, and nowhere written down. */
export function serverOf(
  { command, env, url, headers = {}, pin }: McpEntry,
  variables: { readonly [name: string]: string | undefined },
): McpServer {
  if (url === undefined) return { at: { command: command ?? [], ...(env === undefined ? {} : { env }) }, pin: pin ?? null };
  const named = Object.entries(headers).map(([name, header]): [string, string] => [
    name,
    typeof header === 'string' ? header : `${header.prefix ?? ''}${variables[header.env] ?? ''}`,
  ]);
  return { at: { url, headers: Object.fromEntries(named) }, pin: pin ?? null };
}

function isHeader(header: Json): boolean {
  if (typeof header === 'string') return true;
  if (!isObject(header) || Object.keys(header).some((key) => key !== 'env' && key !== 'prefix')) return false;
  const { env, prefix = '' } = header;
  return typeof env === 'string' && VARIABLE.test(env) && typeof prefix === 'string';
}

function isTexts(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && one !== '');
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
