/** What reaches out of the engine, as tools: requests and programs, done by the engine's own handlers in runs of their own. */

import type { Json, JsonObject } from '@scriptorium/core';
import type { Scope } from './granting.ts';
import type { FlowTool } from './tool.ts';
import { HTTP_READ, HTTP_SEND, PROGRAM } from './tool-flows.ts';

const READING = ['GET', 'HEAD'];

/** Requests that read, and such that may change something, as far as their methods were granted. */
export function httpTools({ hosts, methods }: Scope): readonly FlowTool[] {
  const [reading, sending] = [methods.filter((one) => READING.includes(one)), methods.filter((one) => !READING.includes(one))];
  const url = { type: 'string', minLength: 1, maxLength: 8_192 };
  const reaches = (input: Json): ReturnType<FlowTool['reaches']> => {
    const { url, method } = input as { readonly url: string; readonly method?: string };
    return [{ kind: 'host', url, method: method ?? 'GET' }];
  };
  const read: FlowTool = {
    name: 'http_get',
    doc: `Reads a page or an answer of a service; of a long one the beginning, with how many \`characters\` it has. Hosts: ${hosts.join(', ')}.`,
    input: { type: 'object', required: ['url'], additionalProperties: false, properties: { url, method: { enum: reading } } },
    effects: 'read',
    tainted: true,
    reaches,
    flow: { name: HTTP_READ, given: (input) => ({ method: 'GET', ...(input as JsonObject), hosts }) },
  };
  const send: FlowTool = {
    name: 'http_send',
    doc: `Sends something to a service. Hosts: ${hosts.join(', ')}.`,
    input: {
      type: 'object',
      required: ['url', 'method', 'body'],
      additionalProperties: false,
      properties: {
        url,
        method: { enum: sending },
        body: { type: 'string', maxLength: 1_000_000 },
        type: {
          enum: ['application/json', 'text/plain', 'application/x-www-form-urlencoded'],
          description: 'of the body; JSON unless given',
        },
      },
    },
    effects: 'write',
    tainted: true,
    reaches,
    flow: { name: HTTP_SEND, given: (input) => ({ type: 'application/json', ...(input as JsonObject), hosts }) },
  };
  return [...(reading.length > 0 ? [read] : []), ...(sending.length > 0 ? [send] : [])];
}

export function programTool({ programs }: Scope): FlowTool {
  return {
    name: 'program',
    doc: `Runs a program, without a shell; gives what it writes, of much the beginning, with how many \`characters\` it is. Those that begin with: ${programs.map((words) => words.join(' ')).join('; ')}.`,
    input: {
      type: 'object',
      required: ['argv'],
      additionalProperties: false,
      properties: {
        argv: { type: 'array', minItems: 1, maxItems: 100, items: { type: 'string', maxLength: 10_000, pattern: '^[^\\x00]*$' } },
      },
    },
    effects: 'write',
    tainted: true,
    reaches: (input) => [{ kind: 'program', argv: (input as { readonly argv: readonly string[] }).argv }],
    flow: { name: PROGRAM, given: (input) => input },
  };
}
