/** `report.html` of any run, however it ended: the books of its report, and what their validation.json say. */

import type { FileReport, ReportPage, ReportedRun } from '@scriptorium/core';
import { qualityOf, type Issue } from '../sanity/issue.ts';
import type { Validation } from '../validate/verdict.ts';
import { pageOf } from './page.ts';
import { gatherBooks, type Gathering } from './summary.ts';

export const booksPage: ReportPage = {
  flow: 'book/batch',
  make: async (run) => {
    const gathered = gatherBooks();
    for await (const file of run.files()) await gather(gathered, file, run);
    return pageOf(gathered.summary(ignoredBy(run)), gathered.books(), run);
  },
};

async function gather(gathered: Gathering, file: FileReport, run: ReportedRun): Promise<void> {
  const { id, status, error } = file;
  if (status === 'CANCELLED' || status === 'INTERRUPTED') {
    gathered.leave({ id, reached: reachedBy(file) });
    return;
  }
  const validation = await validationOf(file, run);
  const path = file.outputs.findLast(({ path: written }) => written.startsWith('toc/'))?.path;
  const document = path === undefined ? null : { path };
  if (status === 'FAILED') {
    gathered.fail({ key: id, error: error ?? { code: 'failed', message: 'nothing was said of it' }, document }, validation);
    return;
  }
  const skipped = status === 'SKIPPED' ? (file.reason ?? 'nothing was said of it') : null;
  const issues = validation?.issues ?? (file.issues as readonly unknown[] as readonly Issue[]);
  const { method = null, quality = qualityOf(issues) } = validation ?? {};
  gathered.add({ id, skipped, method, quality, issues, document }, validation);
}

/** Null where the book did not come so far, or somebody has removed the file since. */
async function validationOf({ outputs }: FileReport, run: ReportedRun): Promise<Validation | null> {
  const written = outputs.findLast(({ path }) => path.startsWith('validate/') && path.endsWith('/validation.json'));
  const text = written === undefined ? null : await run.read(written.path);
  return text === null ? null : (JSON.parse(text) as Validation);
}

function reachedBy({ stages }: FileReport): string | null {
  return Object.entries(stages).findLast(([, { status }]) => status === 'succeeded')?.[0] ?? null;
}

/** Told by runs that got to their end. */
function ignoredBy({ output }: ReportedRun): number {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) return 0;
  const { ignored } = output as { readonly ignored?: unknown };
  return typeof ignored === 'number' ? ignored : 0;
}
