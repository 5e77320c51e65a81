/**
 * The moments at which a process can die and leave something half done: its commits and renamings, half of them before they
 * are durable and half after. Each thread counts its own.
 */

import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { StatementSync } from 'node:sqlite';

/** Ends the process, as by SIGKILL, at the n-th of the moments at which `isArmed` holds; returns how to ask how many have passed. */
export function dieAt(at: number, isArmed: () => boolean = () => true): () => number {
  let moments = 0;
  const moment = (): void => {
    if (isArmed() && (moments += 1) === at) process.kill(process.pid, 'SIGKILL');
  };
  const runStatement = Object.getOwnPropertyDescriptor(StatementSync.prototype, 'run')?.value as (...values: unknown[]) => unknown;
  Object.defineProperty(StatementSync.prototype, 'run', {
    value(this: StatementSync, ...values: unknown[]) {
      if (this.sourceSQL !== 'COMMIT') return runStatement.apply(this, values);
      moment();
      const result = runStatement.apply(this, values);
      moment();
      return result;
    },
  });
  const { rename } = fs;
  fs.rename = async (...names) => {
    moment();
    await rename(...names);
    moment();
  };
  syncBuiltinESMExports();
  return () => moments;
}
