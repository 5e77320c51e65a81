/** The deterministic stages one after the other, timed. */

import { alignBook, cleanBook, measureTopology, readSource, restructureToc, type Book } from '@scriptorium/books/structure';

export const stageNames = ['read', 'topology', 'clean', 'align', 'toc', 'write'] as const;

/** Milliseconds by stage. */
export type Times = Record<(typeof stageNames)[number], number>;

/** The finished document, or why there is none; what each stage took is added to `times`. */
export async function runStages(id: string, path: string, times: Times): Promise<Book | string> {
  let since = performance.now();
  const lap = <T>(stage: keyof Times, value: T): T => {
    const now = performance.now();
    times[stage] += now - since;
    since = now;
    return value;
  };
  const source = lap('read', await readSource(path));
  const topology = lap('topology', measureTopology(id, source));
  if (topology.skip !== null) return `skipped: ${topology.skip.message}`;
  const cleaned = lap('clean', cleanBook(source, topology, {}));
  const aligned = lap('align', alignBook(cleaned));
  const book = lap('toc', restructureToc(aligned));
  lap('write', JSON.stringify(book).length);
  return book;
}
