/** The reference: the same three steps that do nothing on openworkflow, in SQLite, whose commits are as durable as ours. */

import { join } from 'node:path';
import { OpenWorkflow } from 'openworkflow';
import { BackendSqlite } from 'openworkflow/sqlite';

/** How often it is looked whether all have ended: counting takes some milliseconds. */
const POLL_MS = 20;

/** Beside each run that is counted, so much of one is not: it, too, is measured when its code is compiled. */
const WARM_UP = 1 / 5;

/** Runs a second, from before the first is asked for until the last has ended. `directory` is empty. */
export async function openworkflowRate(directory: string, inFlight: number, runs: number): Promise<number> {
  const backend = BackendSqlite.connect(join(directory, 'openworkflow.db'));
  const client = new OpenWorkflow({ backend });
  const three = client.defineWorkflow({ name: 'three' }, async ({ input, step }: { input: { n: number }; step: Step }) => {
    await step.run({ name: 'one' }, () => null);
    await step.run({ name: 'two' }, () => null);
    await step.run({ name: 'three' }, () => null);
    return input.n;
  });
  const worker = client.newWorker({ concurrency: inFlight });
  const complete = async (from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n += 1) await three.run({ n });
    await worker.start();
    for (;;) {
      const counts = await backend.countWorkflowRuns();
      if (counts.completed === to) return;
      if (counts.failed > 0) throw new Error(`${counts.failed} runs of openworkflow failed`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  const first = Math.round(runs * WARM_UP);
  await complete(0, first);
  const from = performance.now();
  await complete(first, first + runs);
  const seconds = (performance.now() - from) / 1000;
  await worker.stop();
  await backend.stop();
  return runs / seconds;
}

interface Step {
  readonly run: <T>(options: { readonly name: string }, work: () => T) => Promise<T>;
}
