/**
 * A dry run that leaves no trace: an engine that is at work on the store is asked; where there is none, the store is
 * read as the file that it is, without locks, and not even created. What a killed engine had not moved from its log into
 * that file is not seen: it is planned as if it were still to do.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { PlannedStep, StartRequest } from '@scriptorium/core';
import { admit, planningPorts } from './admission.ts';
import { requireRequest } from '../door.ts';
import { coreModule } from '../handlers/core-handlers.ts';
import { createInvoker } from '../calls/invoke.ts';
import { journalReads } from '../journal/journal-reads.ts';
import type { EngineOptions } from '../parts.ts';
import { planRun } from './planning.ts';
import { createRegistry } from '../calls/registry.ts';
import { remoteHost } from '../control/remote.ts';

export async function* dryRun(options: EngineOptions, request: StartRequest): AsyncGenerator<PlannedStep> {
  const remote = existsSync(options.home) ? await remoteHost(options.home) : null;
  if (remote !== null) {
    yield* remote.plan(request);
    return remote.drain();
  }
  const registry = createRegistry([...options.modules, coreModule]);
  const { contracts, env } = options;
  requireRequest(contracts, 'plan', [request]);
  const invoker = createInvoker({ modules: registry.modules, contracts, env, pages: () => [] });
  const db = openUnlocked(join(options.home, 'journal.db'));
  try {
    await admit(request, { registry, contracts, env });
    const journal = db === null ? { memo: () => null, value: () => null } : journalReads(db);
    yield* planRun({ ...request, options: { ...request.options, dryRun: true } }, planningPorts({ registry, journal, invoker }));
  } finally {
    db?.close();
    await invoker.close();
  }
}

function openUnlocked(path: string): DatabaseSync | null {
  if (!existsSync(path)) return null;
  const url = pathToFileURL(path);
  url.search = '?immutable=1';
  return new DatabaseSync(url, { readOnly: true });
}
