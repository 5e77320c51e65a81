/**
 * One run whose `each` has many items that do nothing, with its report.
 *
 *   node bench/engine/fan-out.ts [--items 10000] [--workers 256]
 */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEngine } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { numberOf, report } from '../figures.ts';
import type { Figure } from '../figures.ts';
import { benchModule, compileBench, optionsIn } from './noop.ts';
import { faultIn } from './oracle.ts';
import { inScratch } from '../scratch.ts';

const { values: args } = parseArgs({
  options: { items: { type: 'string', default: '10000' }, workers: { type: 'string', default: '256' } },
});
const [items, workers] = [Number(args.items), Number(args.workers)];

report([await inScratch(measure)]);

async function measure(directory: string): Promise<Figure> {
  const home = join(directory, 'store');
  const engine = await openEngine({ home, modules: [benchModule], contracts: createContracts(), env: {} });
  const options = optionsIn(join(directory, 'out'));
  const from = performance.now();
  const run = await engine.start({ flow: compileBench(), input: { count: items, workers }, options, by: 'bench' });
  for await (const summary of engine.watch(run, { everyMs: 3_600_000 })) if (summary.endedAt !== null) break;
  const took = (performance.now() - from) / 1000;
  const { events, commits } = engine.written();
  await engine.drain();
  const fault = faultIn(home, { runs: new Map([[run, items]]), events });
  const beside = `${numberOf(events / took)} events/s, ${numberOf(events / commits)} a commit, with the report`;
  return { what: `an each of ${numberOf(items)} items, ${workers} at once`, value: took, unit: 's', goal: { atMost: 3 }, beside, fault };
}
