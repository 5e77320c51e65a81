/** The commands about messages. */

import { Option } from 'commander';
import type { Command } from 'commander';
import { command } from './command.ts';
import type { ListMessagesFlags, MessageFlags, SendFlags } from '../commands/post.ts';
import { priority, wholeNumber } from './option-values.ts';
import type { Act, CommonFlags } from './flags.ts';

const statuses = ['queued', 'taken', 'dead', 'answered', 'refused', 'returned', 'expired', 'discarded'];

export function addPostCommands(program: Command, act: Act): void {
  command(program, 'mailboxes', 'where agents and runs get their messages, with how many are there').action(async (flags: CommonFlags) =>
    act(flags, async (context) => (await import('../commands/post.ts')).mailboxes(context)),
  );
  command(program, 'messages [mailbox]', 'what was sent, and what became of it; dead letters with the command that sends them again')
    .addOption(new Option('--status <status>', 'only those').choices(statuses))
    .option('-n, --limit <n>', 'at most so many', wholeNumber, 100)
    .action(async (mailbox: string | undefined, flags: ListMessagesFlags & CommonFlags) =>
      act(flags, async (context) => (await import('../commands/post.ts')).messages(context, mailbox, flags)),
    );
  command(program, 'message <id>', 'a whole message: what it says, its context, and the answer')
    .option('--mailbox <name>', 'the copy there, of one that was published')
    .action(async (id: string, flags: MessageFlags & CommonFlags) =>
      act(flags, async (context) => (await import('../commands/post.ts')).message(context, id, flags)),
    );
  command(program, 'value <ref>', 'what stands behind a reference, such as the context of a handoff before it was shortened').action(
    async (ref: string, flags: CommonFlags) => act(flags, async (context) => (await import('../commands/post.ts')).value(context, ref)),
  );
  command(program, 'send <to> [payload...]', 'put a message into a mailbox: with JSON, text, or key=value for each field')
    .option('--topic', 'what is named is a topic: all its subscribers get it')
    .option('--key <key>', 'worked on after those that were sent with the same key before')
    .option('--priority <1-10>', 'the most urgent is 10', priority, 5)
    .option('--id <id>', 'sent again under the same id, it is still one message')
    .action(async (to: string, words: string[], flags: SendFlags & CommonFlags) =>
      act(flags, async (context) => (await import('../commands/post.ts')).send(context, to, words, flags)),
    );
  command(program, 'redeliver <mailbox> [ids...]', 'give out dead letters again: those that are named, or all').action(
    async (mailbox: string, ids: string[], flags: CommonFlags) =>
      act(flags, async (context) => (await import('../commands/post.ts')).redeliver(context, mailbox, ids)),
  );
}
