/**
 * Does one thing to a run and dies, as by SIGKILL, at the moment that is asked for: at the n-th of its commits and
 * renamings, half of the moments before it is durable and half after. Arguments: store, run, what, n.
 */

import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { StatementSync } from 'node:sqlite';
import { openEngine } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { handlers } from '../engine/handlers.ts';
import { steered } from './steered.ts';

const [home = '', run = '', what = '', at = '0'] = process.argv.slice(2);
let armed = false;
let moments = 0;

function moment(): void {
  if (armed && (moments += 1) === Number(at)) process.kill(process.pid, 'SIGKILL');
}

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

const engine: Engine = await openEngine({
  home,
  modules: [{ url: new URL('../engine/handlers.ts', import.meta.url).href, handlers }],
  contracts: createContracts(),
  env: {},
});
armed = true;
if (what === 'migrate') await engine.migrate({ flow: steered(home, '2.0.0').flow, modules: [], dryRun: false, by: 'test' });
else if (what === 'fork') await engine.fork({ run, step: 'below', input: null, outputs: {}, by: 'test' });
else await engine.rollback({ run, to: 'below', by: 'test' });
armed = false;
process.stdout.write(`${moments}\n`);
await engine.abandon();
