/**
 * Recursion needs a bound: a flow may call itself, directly or through others, only where something decides in each run
 * whether it does. That is an `if` or an `each` on the step or on one around it, a `catch`, or a state that not every
 * run reaches. How deep runs may then be in each other, the engine bounds. A flow that is lent to a handler is called
 * when that likes, and given what it likes, so that no condition is a bound: the step has to say how deep it may go.
 */

import type { Findings } from '../diagnostic.ts';
import type { Candidate, Finished, Library } from './library.ts';
import type { UnguardedCall } from './unguarded.ts';
import { calledBy } from './uses.ts';

/** Tells of each call of a definition that leads back to it without anything on the way that could end it. */
export function checkRecursion(
  own: Candidate,
  finished: Pick<Finished, 'calls' | 'unguarded' | 'lent'>,
  library: Library,
  findings: Findings,
): void {
  const tell = ({ uses, path }: UnguardedCall, message: string, fix: string): void =>
    findings.add({ code: 'unbounded_recursion', message: `recursion needs a bound: ${message}`, span: uses.span, path, fix });
  for (const call of finished.unguarded) {
    const way = wayBack(own, finished.calls.get(calledBy(call.uses.text)), library, ({ unguarded, calls }) =>
      unguarded.flatMap(({ uses }) => calls.get(calledBy(uses.text)) ?? []),
    );
    if (way !== null) {
      tell(
        call,
        `every run of ${own.name} would start another one (${way.join(' → ')})`,
        'put an `if` on the step that says when it goes on, or call the flow for each element of a list',
      );
    }
  }
  for (const call of finished.lent.filter(({ depth }) => depth < 2)) {
    const way = wayBack(own, finished.calls.get(calledBy(call.uses.text)), library, ({ calls }) => [...calls.values()]);
    if (way !== null) {
      const text = `what is lent here leads back to ${own.name} (${way.join(' → ')}), as often as it is called`;
      tell(call, text, 'say beside the flow how many of its runs may be in each other, as in `depth: 3`');
    }
  }
}

/** The names of the definitions from this one by way of `target` back to it; null where none leads there. */
function wayBack(
  own: Candidate,
  target: string | undefined,
  library: Library,
  targetsOf: (finished: Finished) => readonly string[],
): readonly string[] | null {
  const seen = new Set<string>();
  const visit = (file: string, way: readonly string[]): readonly string[] | null => {
    if (file === own.file) return [...way, own.name];
    const finished = library.finished(file);
    if (seen.has(file) || finished === undefined) return null;
    seen.add(file);
    for (const next of targetsOf(finished)) {
      const found = visit(next, [...way, finished.flow?.name ?? file]);
      if (found !== null) return found;
    }
    return null;
  };
  return target === undefined ? null : visit(target, [own.name]);
}
