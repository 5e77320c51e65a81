/**
 * Which hosts steps may reach. Nothing, unless `SCRIPTORIUM_HTTP_ALLOW` lists it: names, `*.example.org` for those
 * below one, addresses and networks such as `10.0.0.0/8`, each with a port after a colon where it is not the usual one;
 * `*` is every host of the public internet.
 *
 * 1. A name is allowed by itself, an address that is not public only by an entry for addresses: a name that leads into
 *    the own network reaches nothing there.
 * 2. What is checked is what is connected to: the addresses come from the resolver at the moment of the connection.
 */

import { BlockList, isIP } from 'node:net';
import { StepError } from '@scriptorium/core';

/** Name of the environment variable that holds the list. */
export const ALLOW_VARIABLE = 'SCRIPTORIUM_HTTP_ALLOW';

const LIST_FIX: string = `Add it to \`http_allow\` in scriptorium.config.yaml, or to ${ALLOW_VARIABLE} in the environment of the engine.`;

export interface WebAccess {
  /** Raises `http.blocked` for a URL that must not be called, whatever its host leads to. */
  readonly requireUrl: (url: URL) => void;
  /** Whether the host of that URL may be reached at this address. */
  readonly allowsAddress: (address: string) => boolean;
}

interface HostEntry {
  /** Without a leading `*.`. */
  readonly name: string;
  readonly below: boolean;
  readonly port: string;
}

/** `list`: the text of the variable; `fix`: what lets a host be reached that is not in it. */
export function webAccess(list: string | undefined, fix: string = LIST_FIX): WebAccess {
  const words = (list ?? '').split(/[\s,]+/).filter((word) => word !== '');
  const addresses = new BlockList();
  const hosts = words.flatMap((word) => entryOf(word, addresses));
  return {
    requireUrl: (url) => requireUrl(url, hosts, fix),
    allowsAddress: (address) => isPublic(address) || addresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'),
  };
}

/** Takes addresses and networks up into `addresses`, too. */
function entryOf(word: string, addresses: BlockList): readonly HostEntry[] {
  // An IPv6 address has colons of its own; with a port it stands in brackets.
  const [, bare = word, port = ''] = /^(\[[^\]]+\](?:\/\d+)?|[^:]+)(?::(\d+))?$/.exec(word) ?? [];
  const name = bare.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const [network = name, bits] = name.split('/');
  const family = isIP(network);
  if (family !== 0) {
    const type = family === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) addresses.addAddress(network, type);
    else if (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32)) addresses.addSubnet(network, Number(bits), type);
  }
  if (name === 'localhost') {
    addresses.addSubnet('127.0.0.0', 8, 'ipv4');
    addresses.addAddress('::1', 'ipv6');
  }
  return [{ name: name.replace(/^\*\./, ''), below: name.startsWith('*.'), port }];
}

function requireUrl(url: URL, hosts: readonly HostEntry[], fix: string): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw blocked(`${url.protocol} is no protocol that a step may use`);
  if (url.username !== '' || url.password !== '')
    throw blocked('a URL must not carry a user and a password', 'Put them into a header, as a reference to a secret.');
  const host = hostOf(url);
  if (!hosts.some((entry) => fits(entry, host, url.port)))
    throw blocked(`${url.port === '' ? host : `${host}:${url.port}`} is not among the hosts that steps may call`, fix);
}

/** As it is compared: without brackets and the dot at the end of a full name. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

/** A network is listed for the addresses in it, which are looked at once they are known. */
function fits({ name, below, port }: HostEntry, host: string, urlPort: string): boolean {
  if (port !== urlPort) return false;
  if (name === '*') return true;
  return below ? host.endsWith(`.${name}`) : host === name || (isIP(host) !== 0 && isInNetwork(host, name));
}

function isInNetwork(address: string, network: string): boolean {
  const [base = '', bits = ''] = network.split('/');
  if (bits === '' || isIP(base) !== isIP(address)) return false;
  const type = isIP(base) === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(base, Number(bits), type);
  return list.check(address, type);
}

export function blocked(message: string, fix?: string): StepError {
  return new StepError('http.blocked', message, fix === undefined ? {} : { fix });
}

/** What the special-purpose registries of IANA (RFC 6890) keep out of the public internet. */
const special = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  special.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const)
  special.addSubnet(network, bits, 'ipv6');

/** All that is assigned as global unicast lies in it; mapped, translated and local addresses do not. */
const global = new BlockList();
global.addSubnet('2000::', 3, 'ipv6');

export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !special.check(address, 'ipv4');
  return family === 6 && global.check(address, 'ipv6') && !special.check(address, 'ipv6');
}
