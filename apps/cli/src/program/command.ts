/** A command with the options that every command has. */

import type { Command } from 'commander';

export function command(parent: Command, usage: string, description: string): Command {
  return parent
    .command(usage)
    .description(description)
    .option('--home <dir>', 'directory of the store (default: .scriptorium here)')
    .option('--env <name>', 'an environment of scriptorium.config.yaml')
    .option('--json', 'results as JSON')
    .option('-v, --verbose', 'more detail, and stacks of errors');
}
