/**
 * An engine that removes what is old and dies, as by SIGKILL, in the midst of that. Arguments: the store, which holds old
 * runs, and before which of the steps that become durable.
 */

import { openEngine, openJournal } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { calendar, retention } from './retention-kit.ts';

const [home = '', at = '0'] = process.argv.slice(2);
const { world, pass } = calendar();
let steps = 0;
pass(31);
await openEngine({
  home,
  modules: [],
  contracts: createContracts(),
  env: {},
  retention,
  world: {
    ...world,
    openJournal: (path, options) => {
      const journal = openJournal(path, options);
      const { upkeep } = journal;
      if (upkeep === null) throw new Error('the store takes nothing but commits');
      return {
        ...journal,
        upkeep: {
          ...upkeep,
          write: (work) => {
            if ((steps += 1) === Number(at)) process.kill(process.pid, 'SIGKILL');
            return upkeep.write(work);
          },
        },
      };
    },
  },
});
