/**
 * The guard at every entrance of data: what it lets through comes back from the journal exactly as it went in. JSON
 * parsers accept more than serialisers can write, and SQLite keeps less than JavaScript can hold.
 */

/** Nesting that every parser and serialiser on the way handles with room to spare. */
export const MAX_DEPTH = 64;

/** Values in one document: a list of a million texts has room. More travel as artifacts, or as the results of an `each`. */
export const MAX_NODES = 2_000_000;

/** Characters of all texts in one document, names included: what a message between threads or processes may carry. */
export const MAX_CHARS: number = 64 * 1024 * 1024;

/** A place in a value and what is wrong there. */
export interface Problem {
  /** JSON pointer; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** Whether `value` is JSON that can be journaled and replayed without change; null when it is. */
export function guardJson(value: unknown): Problem | null {
  return guardAt(value, 0, { nodes: MAX_NODES, chars: MAX_CHARS });
}

interface Budget {
  nodes: number;
  chars: number;
}

/** The path of a problem begins here: it is put together on the way out, since there hardly ever is one. */
function guardAt(value: unknown, depth: number, budget: Budget): Problem | null {
  budget.nodes -= 1;
  if (budget.nodes < 0) return here(`the value has more than ${MAX_NODES} parts; pass it as a file`);
  switch (typeof value) {
    case 'boolean':
      return null;
    case 'number':
      return Number.isFinite(value) ? null : here(`${value} is not a JSON number`);
    case 'string':
      budget.chars -= value.length;
      if (budget.chars < 0) return here(tooLong);
      return value.isWellFormed() ? null : here('the text contains half of a surrogate pair; it was cut or decoded wrongly');
    case 'object':
      if (value === null) return null;
      if (depth >= MAX_DEPTH) return here(`the value is nested deeper than ${MAX_DEPTH} levels`);
      return Array.isArray(value) ? guardList(value, depth, budget) : guardObject(value, depth, budget);
    default:
      return here(`${value === undefined ? 'undefined' : `a ${typeof value}`} is not JSON`);
  }
}

function guardList(list: readonly unknown[], depth: number, budget: Budget): Problem | null {
  for (let index = 0; index < list.length; index += 1) {
    const problem = guardAt(list[index], depth + 1, budget);
    if (problem !== null) return below(String(index), problem);
  }
  return null;
}

function guardObject(object: object, depth: number, budget: Budget): Problem | null {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    return here(`a ${object.constructor?.name ?? 'foreign object'} is not JSON; convert it to plain objects, lists, texts and numbers`);
  for (const key of Object.keys(object)) {
    if (key === '__proto__') return below(key, here('the name `__proto__` is not allowed'));
    budget.chars -= key.length;
    if (budget.chars < 0) return below(key, here(tooLong));
    if (!key.isWellFormed()) return here('a name contains half of a surrogate pair');
    const problem = guardAt((object as Record<string, unknown>)[key], depth + 1, budget);
    if (problem !== null) return below(key, problem);
  }
  return null;
}

const tooLong = `the value has more than ${MAX_CHARS} characters; write it as a file`;

function here(message: string): Problem {
  return { path: '', message };
}

function below(key: string, { path, message }: Problem): Problem {
  return { path: `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}${path}`, message };
}
