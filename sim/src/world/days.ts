/** What a world has beside others that lasts for days, while its engine removes old runs from a real store. */

import type { Ms } from '@scriptorium/core';
import type { Clock, EngineOptions, World } from '@scriptorium/engine';
import type { StoreObservation } from '../history.ts';
import type { Act, Fault, Lasting } from '../setting.ts';
import type { SeededChance } from './chance.ts';
import type { DiskPorts } from './disk.ts';
import { StoredDisk } from './stored-disk.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How long it takes at most to look at the store for a removal. */
const MOST_LOOK_MS = 4;
/** Less than an hour, by which nothing else is due that somebody waits for. */
const REST_MS = 1_800_000;

export interface DaysPorts {
  readonly lasting: Lasting;
  readonly faults: readonly Fault[];
  readonly disk: DiskPorts;
  readonly time: VirtualTime;
  readonly outside: Clock;
  readonly chance: SeededChance;
  readonly observe: (seen: StoreObservation) => void;
  readonly ask: (act: Act) => void;
}

export interface Days {
  readonly disk: StoredDisk;
  readonly options: Pick<EngineOptions, 'retention' | 'removalSteps'>;
  readonly openRemovalLock: World['openRemovalLock'];
  /** Somebody holds removals up, and must find in the end all that there was in the beginning. */
  readonly read: (forMs: Ms) => void;
  /** From here on nothing but what the engine does by itself every hour, and no hour is over soon. */
  readonly areOver: () => boolean;
}

export function createDays({ lasting, faults, disk: ports, time, outside, chance, observe, ask }: DaysPorts): Days {
  const { retention, steps: removalSteps, untilMs, meanwhile } = lasting;
  let readers = 0;
  const disk = new StoredDisk({
    ...ports,
    removals: faults.filter((fault) => 'removal' in fault),
    observe,
    looked: (number) => {
      time.spend(chance.number('removal', MOST_LOOK_MS));
      for (const { look, act } of meanwhile) if (look === number) outside.after(0, () => ask(act));
    },
  });
  return {
    disk,
    options: { retention, removalSteps },
    openRemovalLock: () => ({
      alone: (work) => {
        if (readers > 0) return false;
        work();
        return true;
      },
      close: () => undefined,
    }),
    read: (forMs) => {
      const head = disk.head();
      if (head === 0) return;
      const events = disk.count(head);
      readers += 1;
      observe({ type: 'store.read', isOver: false, lost: 0 });
      outside.after(forMs, () => {
        readers -= 1;
        observe({ type: 'store.read', isOver: true, lost: events - disk.count(head) });
      });
    },
    areOver: () => time.mono() >= untilMs && (time.rest() ?? Infinity) > REST_MS,
  };
}
