/** Options that several commands have. */

import { Option } from 'commander';
import type { Command } from 'commander';
import { modes } from '../configuration/setting.ts';
import { wholeNumber } from './option-values.ts';
import { progressModes } from '../progress/mode.ts';

export function withSettings(of: Command): Command {
  return of
    .option('-o, --out <dir>', 'where stages and logs/ go; needed unless it is configured')
    .addOption(
      new Option(
        '-m, --mode <mode>',
        'strict: the first failed item fails the run; flexible: up to what steps tolerate; best_effort: go on whatever fails',
      ).choices(modes),
    )
    .option('--limit <n>', 'only the first n items, by key', wholeNumber)
    .option('--profile <name>', 'a profile of the flow');
}

export function withProgress(of: Command): Command {
  return of
    .addOption(new Option('-p, --progress <how>', 'bars on a terminal, plain lines elsewhere, json for programs').choices(progressModes))
    .addOption(new Option('--no-progress', 'the same as --progress none'));
}
