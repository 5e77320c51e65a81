/** `tools`: the MCP servers of the configuration, and what one of them offers, to be read before it is pinned. */

import { serverOf } from '@scriptorium/agents';
import type { McpEntry } from '@scriptorium/agents';
import { offeredBy } from '@scriptorium/agents/tools';
import { configName } from '../configuration/config-file.ts';
import { entriesOf } from '../configuration/configuration.ts';
import { putResult } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { oneLine, table } from '../terminal.ts';

export async function showTools(context: Context, name: string | undefined): Promise<ExitCode> {
  const { configuration, env } = context;
  const servers = new Map([...entriesOf(configuration, 'mcp')].map(([key, { value }]) => [key, value as unknown as McpEntry]));
  if (name === undefined) {
    const rows = [...servers].map(([key, entry]) => [key, entry.url ?? (entry.command ?? []).join(' '), entry.pin ?? 'not pinned']);
    putResult(context, { servers: Object.fromEntries(servers) }, () =>
      rows.length === 0 ? `there is no MCP server: name some under \`mcp\` in ${configName}\n` : table([['server', 'at', 'pin'], ...rows]),
    );
    return exitCodes.ok;
  }
  const entry = servers.get(name);
  if (entry === undefined)
    throw new CommandError(
      exitCodes.notFound,
      `there is no MCP server '${name}'`,
      servers.size === 0 ? `Name it under \`mcp\` in ${configName}.` : `Name one of ${[...servers.keys()].join(', ')}.`,
    );
  const { tools, pin } = await offeredBy(name, serverOf(entry, env), env);
  const isPinned = entry.pin === pin;
  putResult(context, { server: name, tools, pin, pinned: isPinned }, () =>
    [
      // What a server says is not to move the cursor of whoever reads it.
      ...tools.map((tool) => `${oneLine(tool.name)}\n  ${oneLine(tool.description)}\n  ${oneLine(JSON.stringify(tool.input))}\n`),
      `pin  ${pin}\n`,
      isPinned
        ? 'It is the pin of the configuration.\n'
        : `Read the descriptions; if they are good, write into ${configName}: mcp.${name}.pin\n`,
    ].join('\n'),
  );
  return isPinned || entry.pin === undefined ? exitCodes.ok : exitCodes.refused;
}
