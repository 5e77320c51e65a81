/** The commands about agents. */

import type { Command } from 'commander';
import { command } from './command.ts';
import type { CompareFlags } from '../commands/compare.ts';
import { collect } from './option-values.ts';
import type { Act, CommonFlags, SettingFlags } from './flags.ts';
import { withProgress } from './setting-options.ts';

export function addAgentCommands(program: Command, act: Act): void {
  const agents = command(
    program,
    'agents [run]',
    'calls, times, tokens, cost, failures and scores of the agents of a run, by agent and model',
  )
    .enablePositionalOptions()
    .action(async (run: string | undefined, flags: CommonFlags) =>
      act(flags, async (context) => (await import('../commands/agents.ts')).showAgents(context, run ?? 'latest')),
    );
  command(
    agents,
    'set <run> <setting...>',
    'how agents work from their next call on: writer.model=opus; nothing after the = takes it back',
  ).action(async (run: string, written: readonly string[], flags: CommonFlags) =>
    act(flags, async (context) => (await import('../commands/agents.ts')).setAgents(context, run, written)),
  );
}

/** Stands with the commands about agents. */
export function addToolsCommand(program: Command, act: Act): void {
  command(program, 'tools [server]', 'the MCP servers of the configuration, or what one of them offers, with its pin').action(
    async (server: string | undefined, flags: CommonFlags) =>
      act(flags, async (context) => (await import('../commands/tools.ts')).showTools(context, server)),
  );
}

/** Stands with the commands that run something. */
export function addCompareCommand(program: Command, act: Act): void {
  withProgress(
    command(
      program,
      'compare <run> [other]',
      'two models, prompts or inputs on the same items, side by side: with another run, or with one that is begun beside it',
    ),
  )
    .option('-s, --set <name=value>', 'agents.<agent>.<setting>=<value>, or input.<name>=<value>; may be repeated', collect, [])
    .action(async (run: string, other: string | undefined, flags: CompareFlags & SettingFlags) =>
      act(flags, async (context) => (await import('../commands/compare.ts')).compare(context, run, other, flags)),
    );
}
