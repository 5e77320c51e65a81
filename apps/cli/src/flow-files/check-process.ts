/** The process in which {@link checkApart} checks one flow. */

import { CommandError } from '../exit-code.ts';
import { compileNamed } from './flow-file.ts';
import type { Checked, CheckRequest } from './rechecking.ts';

process.once('message', (request) => void answer(request as CheckRequest));

/** Handlers may hold the process open; it has done its work. */
async function answer(request: CheckRequest): Promise<void> {
  const checked = await checkOne(request);
  process.send?.(checked, () => process.exit());
}

async function checkOne({ name, cwd, ...profile }: CheckRequest): Promise<Checked> {
  try {
    const { modules: _, ...checked } = await compileNamed(name, cwd, profile);
    return checked;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { error: { message, ...(error instanceof CommandError && error.fix !== undefined ? { fix: error.fix } : {}) } };
  }
}
