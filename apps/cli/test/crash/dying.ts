/** Does one thing to a run and dies at the moment that is asked for. Arguments: store, run, what, n. */

import { openEngine } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { handlers } from '../engine/handlers.ts';
import { dieAt } from './moments.ts';
import { steered } from './steered.ts';

const [home = '', run = '', what = '', at = '0'] = process.argv.slice(2);
let armed = false;
const moments = dieAt(Number(at), () => armed);

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
process.stdout.write(`${moments()}\n`);
await engine.abandon();
