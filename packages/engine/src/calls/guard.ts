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
  const budget = { nodes: MAX_NODES, chars: MAX_CHARS };
  return guardAt(value, '', 0, budget);
}

interface Budget {
  nodes: number;
  chars: number;
}

function guardAt(value: unknown, path: string, depth: number, budget: Budget): Problem | null {
  budget.nodes -= 1;
  if (budget.nodes < 0) return { path, message: `the value has more than ${MAX_NODES} parts; pass it as a file` };
  switch (typeof value) {
    case 'boolean':
      return null;
    case 'number':
      return Number.isFinite(value) ? null : { path, message: `${value} is not a JSON number` };
    case 'string':
      budget.chars -= value.length;
      if (budget.chars < 0) return tooLong(path);
      return value.isWellFormed() ? null : { path, message: 'the text contains half of a surrogate pair; it was cut or decoded wrongly' };
    case 'object':
      if (value === null) return null;
      if (depth >= MAX_DEPTH) return { path, message: `the value is nested deeper than ${MAX_DEPTH} levels` };
      return Array.isArray(value) ? guardList(value, path, depth, budget) : guardObject(value, path, depth, budget);
    default:
      return { path, message: `${value === undefined ? 'undefined' : `a ${typeof value}`} is not JSON` };
  }
}

function guardList(list: readonly unknown[], path: string, depth: number, budget: Budget): Problem | null {
  for (let index = 0; index < list.length; index += 1) {
    const problem = guardAt(list[index], `${path}/${index}`, depth + 1, budget);
    if (problem !== null) return problem;
  }
  return null;
}

function guardObject(object: object, path: string, depth: number, budget: Budget): Problem | null {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return {
      path,
      message: `a ${object.constructor?.name ?? 'foreign object'} is not JSON; convert it to plain objects, lists, texts and numbers`,
    };
  }
  for (const key of Object.keys(object)) {
    const place = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (key === '__proto__') return { path: place, message: 'the name `__proto__` is not allowed' };
    budget.chars -= key.length;
    if (budget.chars < 0) return tooLong(place);
    if (!key.isWellFormed()) return { path, message: 'a name contains half of a surrogate pair' };
    const problem = guardAt((object as Record<string, unknown>)[key], place, depth + 1, budget);
    if (problem !== null) return problem;
  }
  return null;
}

function tooLong(path: string): Problem {
  return { path, message: `the value has more than ${MAX_CHARS} characters; write it as a file` };
}
