/** A mistake that is put into a definition that has none, and what must be told of it: one thing, at its place. */

export interface Mistake {
  /** What stands in the definition, exactly once. */
  readonly from: string;
  /** What stands there instead. `⟦…⟧` is around what the message is about, unless that is elsewhere. */
  readonly to: string;
  /** Where the message is about something elsewhere: the line that it is on, and in it what it is about. */
  readonly at?: string;
  readonly code: string;
  readonly severity?: 'warning';
  /** Part of the message. */
  readonly says: string;
  /** The profile in which it is one. */
  readonly profile?: string;
}

export interface Damaged {
  readonly source: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly col: number;
  /** Just past the place; undefined when it goes on in another line. */
  readonly endCol: number | undefined;
}

/** Throws where the table does not fit the definition any more. */
export function damage(source: string, { from, to, at }: Mistake): Damaged {
  if (source.split(from).length !== 2) {
    throw new Error(`the definition has '${from}' ${source.split(from).length - 1} times; the table wants it once: change the table`);
  }
  const changed = source.replace(from, () => (at === undefined ? to : withoutMarks(to)));
  return placed(at === undefined ? changed : changed.replace(withoutMarks(at), () => at));
}

function placed(marked: string): Damaged {
  const start = marked.indexOf('⟦');
  const end = marked.indexOf('⟧') - 1;
  if (start < 0 || end < start) {
    throw new Error('the mistake has no ⟦place⟧');
  }
  const source = withoutMarks(marked);
  const before = source.slice(0, start).split('\n');
  const within = source.slice(start, end);
  const col = (before.at(-1) ?? '').length + 1;
  return { source, line: before.length, col, endCol: within.includes('\n') ? undefined : col + Math.max(1, within.length) };
}

function withoutMarks(text: string): string {
  return text.replaceAll(/[⟦⟧]/g, '');
}
