/** The deterministic stages one after the other, timed by the processor, which other work on the machine does not slow. */

import { alignBook, cleanBook, jsonBytes, measureTopology, readSource, restructureToc, type Book } from '@scriptorium/books/structure';

export const stageNames = ['read', 'topology', 'clean', 'align', 'toc', 'write'] as const;

/** Milliseconds of processor by stage, those that collect garbage on other threads with them. */
export type Times = Record<(typeof stageNames)[number], number>;

/** The finished document, or why there is none; what each stage took is added to `times`. */
export async function runStages(id: string, path: string, times: Times): Promise<Book | string> {
  let since = process.cpuUsage();
  const lap = <T>(stage: keyof Times, value: T): T => {
    const { user, system } = process.cpuUsage(since);
    times[stage] += (user + system) / 1000;
    since = process.cpuUsage();
    return value;
  };
  const source = lap('read', await readSource(path));
  const topology = lap('topology', measureTopology(id, source));
  if (topology.skip !== null) return `skipped: ${topology.skip.message}`;
  const cleaned = lap('clean', cleanBook(source, topology, {}));
  const aligned = lap('align', alignBook(cleaned));
  const book = lap('toc', restructureToc(aligned));
  lap('write', jsonBytes(book).length);
  return book;
}
