/** Calls one of the engine's own handlers as an engine does, without a run around it. */

import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { NORMAL_PRIORITY } from '@scriptorium/core';
import type { Cost, Json, JsonObject } from '@scriptorium/core';
import { handlers } from '../src/handlers/core-handlers.ts';
import { AttemptError } from '../src/calls/failures.ts';
import type { LogLine } from '../src/calls/handler-call.ts';
import { createInvoker } from '../src/calls/invoke.ts';
import { stopAt } from './stop-at.ts';
import { noSecrets } from '../src/calls/secrets.ts';

/** A folder of the test file's own; what is written lies below `out/s/b` in it. */
export const scratch: string = realpathSync(mkdtempSync(join(tmpdir(), 'core-call-')));
const url = new URL('../src/handlers/core-handlers.ts', import.meta.url).href;
/** What the handlers see of the environment. */
export const env: { readonly [name: string]: string | undefined } = {
  PATH: process.env['PATH'],
  HOME: '/somewhere',
  SECRET: 'canary',
  SERVICE_TOKEN: 'key-of-a-service',
  WANTED: 'given',
};
const invoker = createInvoker({ modules: () => [{ url, handlers }], contracts: { compile: () => () => [] }, env, pages: () => [] });
after(async () => {
  await invoker.close();
  rmSync(scratch, { recursive: true });
});

export interface Tried {
  readonly output?: Json;
  readonly code?: string;
  readonly message?: string;
  readonly details?: JsonObject | undefined;
  readonly fix?: string | undefined;
  readonly logs: readonly LogLine[];
  readonly spent?: readonly Cost[];
}

export async function call(uses: string, input: JsonObject, signal: AbortSignal = new AbortController().signal): Promise<Tried> {
  const logs: LogLine[] = [];
  const step = { path: 's', attempt: 1, idempotencyKey: 'i' };
  const place = { out: join(scratch, 'out'), test: false, stage: 's', batch: 'b' };
  const onLog = (line: LogLine): number => logs.push(line);
  const spent: Cost[] = [];
  const onSpend = (used: Cost): number => spent.push(used);
  try {
    const { output } = await invoker.invoke(
      {
        uses,
        input,
        run: { id: 'r', batch: 'b', mode: 'strict', test: false },
        step: { ...step, returns: true, outside: [] },
        notes: {},
        settings: {},
        place,
        secrets: noSecrets,
        timeoutMs: null,
        priority: NORMAL_PRIORITY,
        onLog,
        onSpend,
      },
      stopAt(signal),
    );
    return { output, logs, spent };
  } catch (error) {
    assert.ok(error instanceof AttemptError, String(error));
    const { code, message, details, fix } = error.failure;
    return { code, message, details, fix, logs };
  }
}
