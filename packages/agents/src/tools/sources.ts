/** Where tools come from, and which of them a step was granted. */

import type { Flow } from '@scriptorium/core';
import type { Grant, GrantSource } from './granting.ts';
import { unclear } from './granting.ts';
import { fileTools } from './files.ts';
import { connectMcp } from './mcp.ts';
import type { McpConnection, McpServer } from './mcp.ts';
import { httpTools, programTool } from './outside.ts';
import { flowTool, personTool } from './people.ts';
import type { LocalTool, Tool } from './tool.ts';
import { PART_FLOWS } from './tool-flows.ts';

/** What there is beside files, requests, programs, flows and people. */
export interface ToolSources {
  readonly tools: readonly LocalTool[];
  readonly servers: { readonly [name: string]: McpServer };
  /** Those that the agent has of its own, whatever a step lends it. */
  readonly flows: readonly Pick<Flow, 'name' | 'doc' | 'input'>[];
}

export interface GrantedTool {
  readonly tool: Tool;
  readonly grant: Grant;
}

interface Granted {
  readonly tools: readonly GrantedTool[];
  readonly close: () => Promise<void>;
}

/** Raises `fatal` for tools that are not there, or that two grants speak of. */
export async function grantedTools(
  grants: readonly Grant[],
  sources: ToolSources,
  env: { readonly [name: string]: string | undefined },
): Promise<Granted> {
  const connections: McpConnection[] = [];
  const close = async (): Promise<void> => void (await Promise.allSettled(connections.map((one) => one.close())));
  try {
    const tools: GrantedTool[] = [];
    for (const grant of grants) {
      const { source } = grant;
      if (source.kind === 'mcp') {
        const server = Object.hasOwn(sources.servers, source.server) ? sources.servers[source.server] : undefined;
        if (server === undefined) throw unclear(`there is no MCP server '${source.server}'`);
        connections.push(await connectMcp(source.server, server, source.tools, grant, env));
      }
      const found = source.kind === 'mcp' ? (connections.at(-1)?.tools ?? []) : namedTools(source, grant, sources);
      tools.push(...found.map((tool) => ({ tool, grant })));
    }
    const twice = tools.find(({ tool }, index) => tools.findIndex((other) => other.tool.name === tool.name) !== index);
    if (twice !== undefined) throw unclear(`${twice.tool.name} is granted twice`);
    return { tools, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function namedTools(source: Exclude<GrantSource, { kind: 'mcp' }>, grant: Grant, sources: ToolSources): readonly Tool[] {
  if (source.kind === 'flow') return [flowTool(knownFlow(source, sources.flows), grant)];
  if (source.kind === 'person') return [personTool(source, grant)];
  const { scope } = grant;
  if (source.name === 'files') return orUnclear(fileTools(scope), 'files are granted with `read`, `write` or both, as lists of folders');
  if (source.name === 'http') return orUnclear(scope.hosts.length > 0 ? httpTools(scope) : [], 'http is granted with `hosts`');
  if (source.name === 'program')
    return orUnclear(scope.programs.length > 0 ? [programTool(scope)] : [], '`program` is granted with `programs`');
  const own = sources.tools.filter(({ name }) => name === source.name);
  const names = ['files', 'http', 'program', ...sources.tools.map(({ name }) => name)];
  return orUnclear(own, `there is no tool '${source.name}': there is ${names.join(', ')}`);
}

/** What a step lends was found when its definition was checked, and has been filled in since; what it only names in a run was not. */
function knownFlow(source: Extract<GrantSource, { kind: 'flow' }>, flows: ToolSources['flows']): typeof source {
  const own = flows.find(({ name }) => name === source.name);
  const [doc, input] = [source.doc ?? own?.doc ?? null, source.input ?? own?.input ?? null];
  if (input !== null && !PARTS.has(source.name)) return { ...source, doc, input };
  throw unclear(`the flow '${source.name}' cannot be granted here: a definition names it word for word`);
}

/** The flows that do the work of other tools have no bounds of their own. */
const PARTS: ReadonlySet<string> = new Set(PART_FLOWS);

function orUnclear(tools: readonly Tool[], problem: string): readonly Tool[] {
  if (tools.length === 0) throw unclear(problem);
  return tools;
}
