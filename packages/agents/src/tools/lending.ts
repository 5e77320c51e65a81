/** What the `tools` of a step let its agent do, as far as a definition says it word for word: for who checks it before any run. */

import type { Json, JsonObject, Loan, LoanedFlow } from '@scriptorium/core';
import type { LocalTool } from './tool.ts';

type Effects = Loan['effects'];

/** `own` are the functions that may be granted. What cannot be read is told of where the input is checked. */
export function loanOf({ tools }: JsonObject, own: readonly LocalTool[]): Loan {
  if (tools === undefined) return { effects: 'read', flows: [] };
  // What only a run can tell may be anything.
  if (!Array.isArray(tools)) return { effects: 'write', flows: [] };
  const grants = tools.map((one: Json): JsonObject => (isObject(one) ? one : { tool: one }));
  const writes = grants.some((grant) => !('flow' in grant) && effectsOf(grant, own) === 'write');
  return { effects: writes ? 'write' : 'read', flows: grants.flatMap((grant, index) => loanedFlow(grant, `/tools/${index}`)) };
}

function loanedFlow({ flow, depth, raises }: JsonObject, at: string): readonly LoanedFlow[] {
  if (typeof flow !== 'string') return [];
  const codes = Array.isArray(raises) ? raises.filter((code) => typeof code === 'string') : [];
  return [{ at, uses: flow, depth: typeof depth === 'number' ? depth : 1, raises: codes }];
}

function effectsOf(grant: JsonObject, own: readonly LocalTool[]): Effects {
  const { tool, person, effects, write, methods } = grant;
  if (person !== undefined) return 'none';
  if (effects === 'none' || effects === 'read') return effects;
  if (tool === 'files') return write === undefined ? 'read' : 'write';
  if (tool === 'http') return Array.isArray(methods) && methods.some((one) => one !== 'GET' && one !== 'HEAD') ? 'write' : 'read';
  return own.find(({ name }) => name === tool)?.effects ?? (tool === 'context_read' ? 'read' : 'write');
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
