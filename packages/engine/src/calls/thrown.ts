/** What can be read of a thrown value, whatever it is: getters and proxies may throw, causes may go in circles. */

/** Errors that are shown of one: causes, and what an AggregateError holds. */
const MAX_ERRORS = 20;
/** Longest text of all of them. */
const MAX_TEXT = 10_000;

/** The stack, with those of its causes and of the errors that it gathers; null where there is none. */
export function stackOf(thrown: unknown): string | null {
  const seen = new Set<unknown>();
  const parts: string[] = [];
  const walk = (error: unknown, prefix: string): void => {
    if (!(error instanceof Error) || seen.has(error) || seen.size >= MAX_ERRORS) return;
    seen.add(error);
    parts.push(`${prefix}${error.stack ?? `${error.name}: ${error.message}`}`);
    if (error instanceof AggregateError) for (const one of error.errors.slice(0, MAX_ERRORS)) walk(one, 'one of them: ');
    walk(error.cause, 'caused by: ');
  };
  const text = attempted(() => {
    walk(thrown, '');
    return parts.join('\n');
  }, '');
  return text === '' ? null : text.slice(0, MAX_TEXT).toWellFormed();
}

/** A thrown value as a short text. */
export function textOf(thrown: unknown): string {
  return attempted(() => (thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)), UNREADABLE);
}

export const UNREADABLE = 'something that cannot be looked at';

/** `read()`, or `otherwise` where reading it throws. */
export function attempted<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
