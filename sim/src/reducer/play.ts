/** Plays a setting over the reducer in the smallest host, with clients. */

import type { History } from '../history.ts';
import type { Setting } from '../setting.ts';
import { applyAct } from './reducer-acts.ts';
import { ReducerWorld } from './reducer-world.ts';

export function playReducer(setting: Setting): History {
  const world = new ReducerWorld(setting, applyAct);
  world.play();
  return world.history();
}
