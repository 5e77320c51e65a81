/**
 * The door of the engine: what is asked of it from outside is looked at before anything happens.
 *
 * 1. A request that is not as the host port has it is `invalid`, with the place and what is wrong there.
 * 2. Data that could not be written to the journal and read back the same is `invalid` too: an accepted value that
 *    can never be journaled again would end every engine that goes on with the run.
 * 3. A start for which there is no room is not looked at: refusing must cost nothing when there is most to refuse.
 */

import { HostError, hostRequests } from '@scriptorium/core';
import type { Host, HostMethod, Json, JsonObject, Schema, StartRequest } from '@scriptorium/core';
import type { Contracts } from './calls/contracts.ts';
import { guardJson } from './calls/guard.ts';
import type { Problem } from './calls/guard.ts';
import { methods } from './control/control-protocol.ts';
import type { StartGate } from './runs/start-gate.ts';
import { askedBy } from './runs/start-line.ts';

/** Whole definitions, which are nested more deeply than data, and signals of the platform. */
const NO_DATA: ReadonlySet<string> = new Set(['flow', 'called', 'signal']);

/** So much of a place is told. */
const MAX_PLACE = 200;

/** The same host, behind the door. */
export function guardHost<H extends Host & Pick<StartGate, 'refusalOf'>>(host: H, contracts: Contracts): H {
  const guarded = (Object.keys(hostRequests) as HostMethod[]).map((method) => {
    const ask = host[method] as (...given: readonly unknown[]) => unknown;
    return [
      method,
      (...given: readonly unknown[]) => {
        const error = (method === 'start' ? host.refusalOf(askedBy(given[0] as StartRequest)) : null) ?? refusal(contracts, method, given);
        if (error === null) return ask(...given);
        return methods[method] === 'stream' ? refuseStream(error) : refuse(error);
      },
    ];
  });
  return { ...host, ...(Object.fromEntries(guarded) as Partial<H>) };
}

/** Raises `invalid` for a request that no host can take. */
export function requireRequest(contracts: Contracts, method: HostMethod, given: readonly unknown[]): void {
  const error = refusal(contracts, method, given);
  if (error !== null) throw error;
}

/** By method, with their schemas. */
const parametersOf = new Map(Object.entries(hostRequests).map(([method, parameters]) => [method, Object.entries<Schema>(parameters)]));

function refusal(contracts: Contracts, method: HostMethod, given: readonly unknown[]): HostError | null {
  for (const [index, [parameter, schema]] of (parametersOf.get(method) ?? []).entries()) {
    const value = given[index] ?? null;
    const problem = guardJson(dataOf(value)) ?? contracts.compile(schema)(value as Json)[0];
    if (problem !== undefined) return refusalOf(method, parameter, problem, fixIn(schema, problem.path));
  }
  return null;
}

/** What the schema says of the value at this place, if anything. */
function fixIn(schema: Schema, path: string): string | undefined {
  let at: Json | undefined = schema;
  for (const key of path.split('/').slice(1)) at = ((at as JsonObject | undefined)?.['properties'] as JsonObject | undefined)?.[key];
  return (at as { readonly description?: string } | undefined)?.description;
}

/** Whether all that is given can be sent to another process as it is. */
export function unsendable(method: HostMethod, given: readonly unknown[]): HostError | null {
  for (const [index, parameter] of Object.keys(hostRequests[method]).entries()) {
    const problem = guardJson(dataOf(given[index] ?? null));
    if (problem !== null) return refusalOf(method, parameter, problem);
  }
  return null;
}

function refusalOf(method: HostMethod, parameter: string, { path, message }: Problem, fix?: string): HostError {
  const place = path.length > MAX_PLACE ? `${path.slice(0, MAX_PLACE)}…` : path;
  return new HostError('invalid', `${method}: ${parameter}${place}${message.startsWith('must ') ? '' : ':'} ${message}`, fix);
}

/** Without what is no data; what is given is an object of named parts then. */
function dataOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name, part]) => part !== undefined && !NO_DATA.has(name)));
}

async function refuse(error: HostError): Promise<never> {
  throw error;
}

// oxlint-disable-next-line require-yield -- it ends before there is anything to give.
async function* refuseStream(error: HostError): AsyncGenerator<never> {
  throw error;
}
