/**
 * What a step lets its agent do, as data: `tools` beside its instructions. There is nothing else that an agent may do,
 * and what is granted says how far it goes: which folders, hosts and programs, how much money, how often.
 */

import { parseDuration, StepError } from '@scriptorium/core';
import type { Json, JsonObject, Ms, Schema } from '@scriptorium/core';
import { createContracts } from '@scriptorium/flow';

export interface Scope {
  /** Folders and files, with what is below them, as the step writes them. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** `api.example.org`, `*.example.org` for all below one; each with its port where that is not the usual one. */
  readonly hosts: readonly string[];
  readonly methods: readonly string[];
  /** What the arguments of a program have to begin with, program first. */
  readonly programs: readonly (readonly string[])[];
  /** What all calls in the step may spend together; null where nothing is said of it. */
  readonly usd: number | null;
  /** How many calls the step may make; null for any number. */
  readonly calls: number | null;
}

export type GrantSource =
  | { readonly kind: 'tool'; readonly name: string }
  | { readonly kind: 'mcp'; readonly server: string; readonly tools: readonly string[] }
  /** `name` as it is granted, with its `@range`; doc and input are null where nothing has filled them in. */
  | { readonly kind: 'flow'; readonly name: string; readonly doc: string | null; readonly input: Schema | null }
  | { readonly kind: 'person'; readonly role: string; readonly answer: PersonAnswer };

/** What a person may answer: anything, yes or no, a number, or one of these. */
export type PersonAnswer = 'text' | 'yes-no' | 'number' | readonly string[];

export interface Grant {
  readonly source: GrantSource;
  readonly scope: Scope;
  /** Every call is put to a person first. */
  readonly ask: boolean;
  /** The roles that may approve a call; anybody where there is none. */
  readonly to: readonly string[];
  /** After which an approval or a question counts as refused or not answered. */
  readonly withinMs: Ms;
  /** What it gives is as good as what the step says itself: it taints nothing. */
  readonly trusted: boolean;
  /** Said by the step of tools that cannot say it themselves. */
  readonly effects: 'none' | 'read' | 'write' | null;
}

const DEFAULT_WITHIN_MS = 24 * 3_600_000;
const MAX_GRANTS = 64;

const texts: Schema = { type: 'array', minItems: 1, maxItems: 100, items: { type: 'string', minLength: 1 } };
const shared: JsonObject = {
  ask: { type: 'boolean', description: 'put every call to a person first' },
  to: { ...texts, description: 'the roles that may approve a call; anybody unless given' },
  within: { type: 'string', description: 'how long a person has, as in 2h; a day unless given' },
  calls: { type: 'integer', minimum: 1, description: 'how many calls the step may make' },
};
const trusted: Schema = { type: 'boolean', description: 'what it gives is as good as the instructions' };
const effects: Schema = { enum: ['none', 'read', 'write'], description: 'what a call does to the world; write unless given' };

/** JSON Schema of what steps give as `tools`. */
export const grantsSchema: Schema = {
  type: 'array',
  maxItems: MAX_GRANTS,
  description: 'what the agent may use, and how far; nothing unless given',
  items: {
    anyOf: [
      { type: 'string', minLength: 1 },
      grantOf({
        tool: { type: 'string', minLength: 1 },
        read: texts,
        write: texts,
        hosts: texts,
        methods: { type: 'array', minItems: 1, items: { enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] } },
        programs: { type: 'array', minItems: 1, maxItems: 100, items: texts },
        usd: { type: 'number', minimum: 0 },
        trusted,
      }),
      grantOf({ mcp: { type: 'string', minLength: 1 }, tools: texts, effects, trusted }),
      grantOf({
        flow: { type: 'string', minLength: 1 },
        doc: { type: 'string' },
        input: {},
        effects,
        trusted,
        depth: { type: 'integer', minimum: 1, maximum: 32, description: 'how many runs of it may be in each other; one unless given' },
        raises: { ...texts, description: 'codes of its failures that end the step, too' },
      }),
      grantOf({
        person: { type: 'string', pattern: '^[a-z][a-z0-9_-]*$' },
        answer: { anyOf: [{ enum: ['text', 'yes-no', 'number'] }, { ...texts, minItems: 2 }] },
      }),
    ],
  },
};

function grantOf(own: JsonObject): JsonObject {
  const [first = ''] = Object.keys(own);
  return { type: 'object', required: [first], properties: { ...own, ...shared }, additionalProperties: false };
}

const contracts = createContracts();

/** As one grant is written, all kinds in one. */
interface Written {
  readonly tool?: string;
  readonly mcp?: string;
  readonly flow?: string;
  readonly person?: string;
  readonly tools?: readonly string[];
  readonly doc?: string;
  readonly input?: Schema;
  readonly answer?: PersonAnswer;
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  readonly hosts?: readonly string[];
  readonly methods?: readonly string[];
  readonly programs?: readonly (readonly string[])[];
  readonly usd?: number;
  readonly calls?: number;
  readonly ask?: boolean;
  readonly to?: readonly string[];
  readonly within?: string;
  readonly trusted?: boolean;
  readonly effects?: 'none' | 'read' | 'write';
}

/** Raises `fatal` for what is no grant: an agent does not begin with less than it was meant to have, or with more. */
export function grantsOf(written: Json): readonly Grant[] {
  const [issue] = contracts.compile(grantsSchema)(written);
  if (issue !== undefined) throw unclear(`\`tools${issue.path.replaceAll('/', '.')}\` ${issue.message}`);
  return (written as readonly (string | Written)[]).map((one) => grantFrom(typeof one === 'string' ? { tool: one } : one));
}

function grantFrom(written: Written): Grant {
  const { read = [], write = [], hosts = [], methods = ['GET'], programs = [], usd = null, calls = null } = written;
  const { ask = false, to = [], within, trusted = false, effects = null } = written;
  const withinMs = within === undefined ? DEFAULT_WITHIN_MS : parseDuration(within);
  if (withinMs === undefined || withinMs <= 0) throw unclear(`\`within: ${within}\` is no duration`);
  return { source: sourceOf(written), scope: { read, write, hosts, methods, programs, usd, calls }, ask, to, withinMs, trusted, effects };
}

function sourceOf({ tool, mcp, flow, person, tools = [], doc, input, answer = 'text' }: Written): GrantSource {
  if (tool !== undefined) return { kind: 'tool', name: tool };
  if (mcp !== undefined) return { kind: 'mcp', server: mcp, tools };
  if (flow !== undefined) return { kind: 'flow', name: flow, doc: doc ?? null, input: input ?? null };
  return { kind: 'person', role: person ?? '', answer };
}

export function unclear(message: string): StepError {
  return new StepError('fatal', `the tools of the step are not clear: ${message}`, {
    fix: 'Correct `tools`; docs/agents.md has all forms.',
  });
}
