/** The commands, their arguments and options. What they do is loaded when they are called, so that help is quick. */

import { Command, Option } from 'commander';

import { addAgentCommands, addCompareCommand, addToolsCommand } from './agent-commands.ts';
import { addPostCommands } from './post-commands.ts';
import { command } from './command.ts';
import { collect, collectWorkers, priority, wholeNumber } from './option-values.ts';
import type { RunStatus } from '@scriptorium/core';
import type { Act, CommonFlags, SettingFlags } from './flags.ts';
import type { AuditFlags } from '../commands/audit.ts';
import type { BackupFlags } from '../commands/backup.ts';
import type { AnswerFlags } from '../commands/answer.ts';
import type { CheckFlags } from '../commands/check.ts';
import type { FmtFlags } from '../commands/fmt.ts';
import type { DeadLetterFlags } from '../commands/dead-letters.ts';
import type { ForkFlags } from '../commands/fork.ts';
import type { GcFlags } from '../commands/gc.ts';
import type { GraphFlags } from '../commands/graph.ts';
import type { RunFlags } from '../commands/run.ts';
import type { LimitFlags } from '../commands/limits.ts';
import type { ListFlags } from '../commands/list.ts';
import type { NewFlags } from '../commands/new.ts';
import type { LogFlags } from '../commands/logs.ts';
import type { MigrateFlags } from '../commands/migrate.ts';
import type { ResumeFlags } from '../commands/resume.ts';
import type { RetryFlags } from '../commands/retry.ts';
import type { StoryFlags } from '../commands/story.ts';
import type { SchemaFlags } from '../commands/schema.ts';
import { withProgress, withSettings } from './setting-options.ts';
import { exitCodeHelp } from '../exit-code.ts';

const statuses: readonly RunStatus[] = ['running', 'paused', 'interrupted', 'parked', 'cancelling', 'succeeded', 'failed', 'cancelled'];

const examples = `
Examples:
  scriptorium demo                                      make sample books, run them, score the result
  scriptorium run books ./books --out ./out             six stages over a folder of books
  scriptorium run books ./books --out ./out --test      five books, strict, below ./out_test
  scriptorium run books ./books --out ./out --dry-run   what would run, and why
  scriptorium limits set disk --concurrent 8            from another terminal, while the run goes on
  scriptorium status                                    the latest run

A run is named by its id, an unambiguous beginning of it, or \`latest\`.
`;

export function createProgram(act: Act, version: string): Command {
  const program = new Command('scriptorium')
    .enablePositionalOptions()
    .description('Runs batches and agents as durable flows.')
    .version(version, '-V, --version')
    .helpOption('-h, --help')
    .showHelpAfterError('(see `scriptorium --help`)')
    .addHelpText('after', `${examples}\n${exitCodeHelp}`);
  addRunCommands(program, act);
  addViewCommands(program, act);
  addControlCommands(program, act);
  addDefinitionCommands(program, act);
  addOtherCommands(program, act);
  return program;
}

function addRunCommands(program: Command, act: Act): void {
  program.commandsGroup('Run:');
  withSettings(
    withProgress(
      command(
        program,
        'run <flow> [inputs...]',
        'run a flow: a registered name (books) or a flow file; inputs in the order of their declaration',
      ),
    ),
  )
    .option('--test', 'the profile `test`, strict, and outputs below <dir>_test only')
    .option('--dry-run', 'list every item × step with the reason; write nothing')
    .option('--fresh', 'do not reuse results of earlier runs')
    .option('--priority <1-10>', 'its share where runs share something: each step above 5 doubles it, each below halves it', priority)
    .option('-s, --set <name=value>', 'an input by its name; may be repeated', collect, [])
    .option('-w, --workers <n|stage=n>', "items in flight, or the concurrency of a stage's pool; may be repeated", collectWorkers, [])
    .addHelpText('after', '\nThe first Ctrl-C lets what runs end and says how to resume; the second stops at once.')
    .action(async (flow: string, inputs: string[], flags: RunFlags & SettingFlags) =>
      act(flags, async (context) => (await import('../commands/run.ts')).run(context, flow, inputs, flags)),
    );
  withSettings(command(program, 'plan <flow> [inputs...]', 'what a run would do, take and cost, with several numbers of workers'))
    .option('--test', 'of a test run')
    .option('--fresh', 'of a run that does not reuse results')
    .option('-s, --set <name=value>', 'an input by its name; may be repeated', collect, [])
    .option('-w, --workers <n|stage=n>', "items in flight, or the concurrency of a stage's pool; may be repeated", collectWorkers, [])
    .action(async (flow: string, inputs: string[], flags: RunFlags & SettingFlags) =>
      act(flags, async (context) => (await import('../commands/plan.ts')).plan(context, flow, inputs, flags)),
    );
  withProgress(command(program, 'resume [run]', 'go on with an interrupted or paused run; nothing that was completed runs again'))
    .option('--all', 'with all that are interrupted or parked, the oldest first')
    .option('--flow <name>', 'of all, only those of this flow')
    .action(async (run: string | undefined, flags: ResumeFlags & SettingFlags) =>
      act(flags, async (context) => (await import('../commands/resume.ts')).resume(context, run, flags)),
    );
  withProgress(command(program, 'retry <run>', 'a new run of an ended one, reusing what succeeded'))
    .option('--failed', 'only if something failed or was cancelled')
    .option('--fresh', 'do not reuse results')
    .option('--step <step>', 'of what failed for good, only what failed at this step')
    .option('--item <key>', 'only what failed for this item')
    .option('--error <code>', 'only what failed with this code, or family of codes: http.*')
    .action(async (run: string, flags: RetryFlags & SettingFlags) =>
      act(flags, async (context) => (await import('../commands/retry.ts')).retry(context, run, flags)),
    );
  withProgress(
    command(program, 'fork <run>', 'a run beside another that shares what came before a step; only what depends on the change runs again'),
  )
    .option('--from <step>', 'the step that runs again, with what follows from it (default: from the beginning)')
    .option('-s, --set <name=value>', 'input.<name>=<value>, or <step>=<output as JSON> in its place; may be repeated', collect, [])
    .action(async (run: string, flags: ForkFlags & CommonFlags) =>
      act(flags, async (context) => (await import('../commands/fork.ts')).fork(context, run, flags)),
    );
  addCompareCommand(program, act);
  addStoryCommand(program, act);
  withProgress(command(program, 'demo', 'make 100 sample books, run the pipeline on them, score the result'))
    .option('--dir <dir>', 'where the samples and outputs go', 'scriptorium-demo')
    .option('--count <n>', 'how many books', wholeNumber, 100)
    .option('--seed <n>', 'what makes the samples repeatable', wholeNumber, 1)
    .action(async (flags: SettingFlags & { dir: string; count: number; seed: number }) =>
      act(flags, async (context) => (await import('../commands/demo.ts')).demo(context, flags)),
    );
}

function addStoryCommand(program: Command, act: Act): void {
  withProgress(
    command(program, 'story <premise>', 'a story by many agents: with the models that there are keys for, else by the offline one'),
  )
    .addOption(
      new Option('--length <length>', 'up to 1,000 words, up to 7,500, or chapters')
        .choices(['flash', 'short', 'chapters'])
        .default('flash'),
    )
    .option('--chapters <n>', 'how many', wholeNumber)
    .option('--model <name>', 'a model, as openai/gpt-5-mini; more of them are for when those before cannot answer', collect, [])
    .option('--seed <n>', 'of the offline model, and of others that take one', wholeNumber, 1)
    .option('-o, --out <dir>', 'where it goes (default: scriptorium-stories)')
    .option('-y, --yes', 'nobody is asked to approve the outline and the text')
    .option('--approve', 'people are asked, also where the offline model writes')
    .action(async (premise: string, flags: StoryFlags & SettingFlags) =>
      act(flags, async (context) => (await import('../commands/story.ts')).story(context, premise, flags)),
    );
}

function addViewCommands(program: Command, act: Act): void {
  program.commandsGroup('See:');
  command(program, 'status [run]', 'one run as it is now').action(async (run: string | undefined, flags: CommonFlags) =>
    act(flags, async (context) => (await import('../commands/status.ts')).status(context, run ?? 'latest')),
  );
  withProgress(command(program, 'watch [run]', 'live progress, from any terminal')).action(
    async (run: string | undefined, flags: SettingFlags) =>
      act(flags, async (context) => (await import('../commands/watch.ts')).watch(context, run ?? 'latest')),
  );
  command(program, 'list', 'runs, the newest first')
    .addOption(new Option('--status <status>', 'only runs in this state').choices(statuses))
    .option('--flow <name>', 'only runs of this flow')
    .option('-a, --all', 'also the runs that work for steps of other runs')
    .option('-n, --limit <n>', 'at most so many', wholeNumber, 20)
    .action(async ({ limit, ...flags }: ListFlags & CommonFlags) =>
      act(flags, async (context) => (await import('../commands/list.ts')).list(context, { ...flags, limit })),
    );
  command(program, 'logs [run]', 'the readable log of a run')
    .option('-n, --lines <n>', 'only the last so many lines', wholeNumber)
    .option('-f, --follow', 'go on while the run is live')
    .option('-e, --errors', 'only warnings and errors')
    .action(async (run: string | undefined, flags: LogFlags & CommonFlags) =>
      act(flags, async (context) => (await import('../commands/logs.ts')).logs(context, run ?? 'latest', flags)),
    );
  command(program, 'report [run]', 'the report of a run; with --json, all of it').action(
    async (run: string | undefined, flags: CommonFlags) =>
      act(flags, async (context) => (await import('../commands/report.ts')).report(context, run ?? 'latest')),
  );
  command(program, 'dead-letters [run]', 'what failed for good, what was tried, and what would try it again; with --json a line each')
    .option('--step <step>', 'only at this step')
    .option('--item <key>', 'only of this item')
    .option('--error <code>', 'only with this code, or family of codes: http.*')
    .option('--show', 'with what each call was given')
    .option('-n, --limit <n>', 'at most so many', wholeNumber, 100)
    .action(async (run: string | undefined, flags: DeadLetterFlags & CommonFlags) =>
      act(flags, async (context) => (await import('../commands/dead-letters.ts')).deadLetters(context, run, flags)),
    );
  command(
    program,
    'why <run> [step] [item]',
    'why a run, a step or an item waits, was tried again, skipped, caught, reused, or failed',
  ).action(async (run: string, step: string | undefined, item: string | undefined, flags: CommonFlags) =>
    act(flags, async (context) => (await import('../commands/why.ts')).why(context, run, step, item)),
  );
  command(
    program,
    'diff <run-or-flow> <other>',
    'what is different between two runs: definition, input, items, times, files; or between two definitions, and what that asks of the version',
  ).action(async (name: string, other: string, flags: CommonFlags) =>
    act(flags, async (context) => (await import('../commands/diff.ts')).diff(context, name, other)),
  );
  command(
    program,
    'trace <file> [place]',
    'where an output file came from, back to the inputs; of a book also a chapter or paragraph',
  ).action(async (file: string, place: string | undefined, flags: CommonFlags) =>
    act(flags, async (context) =>
      place === undefined
        ? (await import('../commands/trace.ts')).trace(context, file)
        : (await import('../commands/trace-place.ts')).tracePlace(context, file, place),
    ),
  );
}

function addControlCommands(program: Command, act: Act): void {
  program.commandsGroup('Control:');
  command(program, 'pause <run>', 'let what runs end, start nothing new').action(async (run: string, flags: CommonFlags) =>
    act(flags, async (context) => (await import('../commands/control.ts')).pause(context, run)),
  );
  command(program, 'checkpoints <run>', 'where a run can be taken back to').action(async (run: string, flags: CommonFlags) =>
    act(flags, async (context) => (await import('../commands/rollback.ts')).checkpoints(context, run)),
  );
  command(program, 'rollback <run>', 'takes a run back; what came after stays in the journal, and its files are moved aside')
    .requiredOption('--to <checkpoint>', 'a step, for before it began, or the number of an event')
    .action(async (run: string, flags: CommonFlags & { to: string }) =>
      act(flags, async (context) => (await import('../commands/rollback.ts')).rollback(context, run, flags)),
    );
  command(program, 'cancel <run>', 'end a run; what was completed stays')
    .option('--reason <text>', 'why, for the journal', 'asked for on the command line')
    .action(async (run: string, flags: CommonFlags & { reason: string }) =>
      act(flags, async (context) => (await import('../commands/control.ts')).cancel(context, run, flags)),
    );
  addWaitCommands(program, act);
  addAgentCommands(program, act);
  addToolsCommand(program, act);
  addPostCommands(program, act);
  const limits = command(program, 'limits', 'the pools that all runs share')
    .enablePositionalOptions()
    .action(async (flags: CommonFlags) => act(flags, async (context) => (await import('../commands/limits.ts')).showLimits(context)));
  command(limits, 'show', 'all pools (the default)').action(async (flags: CommonFlags) =>
    act(flags, async (context) => (await import('../commands/limits.ts')).showLimits(context)),
  );
  command(limits, 'set <pool>', 'change a pool while runs go on; lowering lets what runs end')
    .option('-c, --concurrent <n>', 'at once', wholeNumber)
    .option('-r, --rate <n/unit>', 'starts in a time: 2/s, 60/m, 1000/h')
    .option('--tokens <n/unit>', 'tokens of models in a time: 90000/m')
    .option('--close', "end the cool-down of the pool's breaker, as when the service is known to be back")
    .action(async (pool: string, flags: LimitFlags & CommonFlags) =>
      act(flags, async (context) => (await import('../commands/limits.ts')).setLimit(context, pool, flags)),
    );
}

function addWaitCommands(program: Command, act: Act): void {
  command(program, 'waits [run]', 'what runs wait for, and the command that answers it').action(
    async (run: string | undefined, flags: CommonFlags) =>
      act(flags, async (context) => (await import('../commands/answer.ts')).waits(context, run)),
  );
  answering(program, 'answer <run> [step] [answer...]', 'answer a step that waits: with JSON, text, or key=value for each field').action(
    async (run: string, step: string | undefined, words: string[], flags: CommonFlags & AnswerFlags) =>
      act(flags, async (context) =>
        (await import('../commands/answer.ts')).answer(context, run, step === undefined ? words : [step, ...words], flags),
      ),
  );
  answering(program, 'approve <run> [step]', 'answer with the first choice of what is asked, or with `--reject` the last')
    .option('--reject', 'the last choice')
    .action(async (run: string, step: string | undefined, flags: CommonFlags & AnswerFlags & { reject?: true }) =>
      act(flags, async (context) => (await import('../commands/answer.ts')).approve(context, run, step, flags)),
    );
  command(program, 'signal <run> <event> [payload...]', 'send a run an event, with JSON, text, or key=value for each field')
    .option('--id <id>', 'sent again under the same id, it is still one signal')
    .action(async (run: string, event: string, words: string[], flags: CommonFlags & { id?: string }) =>
      act(flags, async (context) => (await import('../commands/answer.ts')).signal(context, run, event, words, flags)),
    );
}

function answering(program: Command, usage: string, description: string): Command {
  return command(program, usage, description)
    .option('--item <key>', 'of which item, where several wait')
    .option('--as <role>', 'as whom, where it is put to several')
    .option('--id <id>', 'given again under the same id, it is still one answer');
}

function addDefinitionCommands(program: Command, act: Act): void {
  program.commandsGroup('Flows:');
  command(program, 'check <flow>', 'everything that is wrong with a definition, with its place')
    .option('--profile <name>', 'with this profile merged in')
    .option('-w, --watch', 'again whenever the flow file or the code beside it changes, until Ctrl-C; with --json a line each time')
    .action(async (flow: string, flags: SettingFlags & CheckFlags) =>
      act(flags, async (context) => (await import('../commands/check.ts')).check(context, flow, flags)),
    );
  command(program, 'new [template] [dir]', 'a project from a template: a flow, its handlers, sample input and a test')
    .option('-s, --set <parameter=value>', 'a parameter of the template; may be repeated', collect, [])
    .option('--list', 'the templates, with their parameters (the default without a template)')
    .action(async (template: string | undefined, dir: string | undefined, flags: CommonFlags & NewFlags) =>
      act(flags, async (context) => (await import('../commands/new.ts')).create(context, template, dir, flags)),
    );
  command(program, 'fmt <file>', 'a definition with its keys in order, indented and quoted alike; comments stay, and so does the hash')
    .option('--yaml', 'as YAML: what a .flow.ts or JSON file says')
    .option('--check', 'only say whether the file is formatted, by exit code 0 or 1')
    .option('--write', 'into the file itself')
    .action(async (file: string, flags: CommonFlags & FmtFlags) =>
      act(flags, async (context) => (await import('../commands/fmt.ts')).fmt(context, file, flags)),
    );
  command(program, 'schema', 'the JSON Schema that editors check and complete flow files with')
    .option('--project <dir>', 'where your flow files are, whose handlers it knows', '.')
    .action(async (flags: CommonFlags & SchemaFlags) =>
      act(flags, async (context) => (await import('../commands/schema.ts')).schema(context, flags)),
    );
  command(program, 'migrate <flow>', 'moves live runs of a flow to this definition of it, each as a whole or not at all')
    .option('--dry-run', 'say of every run what would happen; change nothing')
    .option('--run <run>', 'only this one')
    .option('--profile <name>', 'with this profile merged in')
    .action(async (flow: string, flags: CommonFlags & MigrateFlags) =>
      act(flags, async (context) => (await import('../commands/migrate.ts')).migrate(context, flow, flags)),
    );
  command(program, 'graph <flow-or-run>', 'a flow, or a run with the state of every step, as a picture')
    .addOption(
      new Option('-f, --format <format>', 'for Markdown, for Graphviz, or an image').choices(['mermaid', 'dot', 'svg']).default('mermaid'),
    )
    .option('--profile <name>', 'of a flow: with this profile merged in')
    .action(async (name: string, flags: SettingFlags & GraphFlags) =>
      act(flags, async (context) => (await import('../commands/graph.ts')).graph(context, name, flags)),
    );
}

function addOtherCommands(program: Command, act: Act): void {
  program.commandsGroup('Other:');
  command(program, 'doctor', 'whether everything needed is there').action(async (flags: CommonFlags) =>
    act(flags, async (context) => (await import('../commands/doctor.ts')).doctor(context)),
  );
  command(program, 'backup <dir>', 'copy the store into a new directory, also while an engine works on it; read again, and verified')
    .option('--with-outputs', 'also the files that runs have written')
    .action(async (directory: string, flags: CommonFlags & BackupFlags) =>
      act(flags, async (context) => (await import('../commands/backup.ts')).backup(context, directory, flags)),
    );
  command(program, 'restore <dir>', 'make a store of a backup, where there is none')
    .option('--with-outputs', 'also put the files that runs had written back, where there are none')
    .action(async (directory: string, flags: CommonFlags & BackupFlags) =>
      act(flags, async (context) => (await import('../commands/backup.ts')).restore(context, directory, flags)),
    );
  const audit = program.command('audit').description('whether a store is what was written');
  command(audit, 'verify', 'read everything of the store, and say what is wrong with it, and where')
    .option('--outputs', 'also the files that runs have written')
    .action(async (flags: CommonFlags & AuditFlags) =>
      act(flags, async (context) => (await import('../commands/audit.ts')).verifyStore(context, flags)),
    );
  command(audit, 'rebuild', 'compute what follows from the events anew: lists, states of runs, records of outputs').action(
    async (flags: CommonFlags) => act(flags, async (context) => (await import('../commands/audit.ts')).rebuild(context)),
  );
  command(audit, 'accept-loss', 'go on from what a store has, although later events had been acknowledged').action(
    async (flags: CommonFlags) => act(flags, async (context) => (await import('../commands/audit.ts')).acceptLoss(context)),
  );
  command(program, 'gc', 'remove the events of runs that ended long ago; the files that they wrote stay')
    .option('--older-than <duration>', 'runs that ended so long ago: 30d, 12h (setting gc_older_than)')
    .option('--keep <n>', 'the newest so many keep their events, however old they are (setting gc_keep)', wholeNumber)
    .option('--forget <duration>', 'after so long a run is not even listed any more (setting gc_forget)')
    .option('--dry-run', 'say what would go, and change nothing')
    .option('--explain', 'say of every run that has ended why its events are still there, by `retention` where that is configured')
    .option('--purge', 'overwrite what goes, so that it is found in no file of the store')
    .action(async (flags: GcFlags & CommonFlags) => act(flags, async (context) => (await import('../commands/gc.ts')).gc(context, flags)));
  const config = program.command('config').description('the settings of scriptorium.config.yaml, and where each value comes from');
  withSettings(
    withProgress(command(config, 'explain [key]', 'every value that a setting is given, the one that counts, and where each is written')),
  ).action(async (key: string | undefined, flags: SettingFlags) =>
    act(flags, async (context) => (await import('../commands/config.ts')).explainConfig(context, key)),
  );
  command(config, 'diff <environment> <other>', 'what is different between two environments').action(
    async (one: string, other: string, flags: SettingFlags) =>
      act(flags, async (context) => (await import('../commands/config.ts')).diffConfig(context, one, other)),
  );
  const books = program.command('books').description('what belongs to the book pipeline');
  const catalog = books.command('catalog').description('the catalog that stage 2 looks works up in');
  command(catalog, 'import <csv>', 'build the catalog from a Project Gutenberg CSV')
    .option('-o, --out <file>', 'the catalog to build', 'catalog.db')
    .action(async (csv: string, { out, ...flags }: CommonFlags & { out: string }) =>
      act(flags, async (context) => (await import('../commands/catalog.ts')).importCatalog(context, csv, { out })),
    );
}

/** The settings that a run is given. */
