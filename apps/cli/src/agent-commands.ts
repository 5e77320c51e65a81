/** The commands about agents. */

import type { Command } from 'commander';
import { command } from './command.ts';
import type { Act, CommonFlags } from './program.ts';

export function addAgentCommands(program: Command, act: Act): void {
  const agents = command(program, 'agents [run]', 'calls, times, tokens and cost of the agents of a run, by agent and model')
    .enablePositionalOptions()
    .action(async (run: string | undefined, flags: CommonFlags) =>
      act(flags, async (context) => (await import('./commands/agents.ts')).showAgents(context, run ?? 'latest')),
    );
  command(
    agents,
    'set <run> <setting...>',
    'how agents work from their next call on: writer.model=opus; nothing after the = takes it back',
  ).action(async (run: string, written: readonly string[], flags: CommonFlags) =>
    act(flags, async (context) => (await import('./commands/agents.ts')).setAgents(context, run, written)),
  );
}
