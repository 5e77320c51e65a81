/** What holds a run as a whole: a pause, an engine that ended, a cancellation. */

import type { Help, Reason, Standing } from './explanation.ts';
import { reason } from './scene.ts';
import type { Scene } from './scene.ts';

export interface Hold {
  readonly standing: Standing;
  readonly reason: Reason;
  readonly help: readonly Help[];
}

/** Null while the run goes on, and once it has ended by itself. */
export function holdOf({ summary, history, words, now }: Scene): Hold | null {
  const last = <T extends string>(type: T) => history.run.findLast(({ event }) => event.type === type);
  const { run, status } = summary;
  const resume: Help = { command: `resume ${run}`, does: 'goes on where it stopped; nothing that was completed runs again' };
  switch (status) {
    case 'paused': {
      const paused = last('run.paused');
      const by = paused?.event.type === 'run.paused' ? ` by ${paused.event.by}` : '';
      const says = `The run was paused${by}${paused === undefined ? '' : ` ${words.duration(now - paused.at)} ago`}: what ran may end, nothing new starts.`;
      return { standing: 'paused', reason: reason(says, paused), help: [resume] };
    }
    case 'parked': {
      const parked = last('run.parked');
      if (parked?.event.type !== 'run.parked') return null;
      const again: Help = { command: `resume ${run}`, does: `goes on once that is mended: ${parked.event.fix}` };
      return { standing: 'parked', reason: reason(`The run is parked: ${parked.event.reason}.`, parked), help: [again] };
    }
    case 'interrupted': {
      const interrupted = history.run.findLast(({ event }) => event.type === 'run.interrupted' || event.type === 'run.rolled_back');
      if (interrupted?.event.type === 'run.rolled_back') {
        const says = `The run was rolled back to event ${interrupted.event.gseq} by ${interrupted.event.by}.`;
        return { standing: 'interrupted', reason: reason(says, interrupted), help: [resume] };
      }
      const cause = interrupted?.event.type === 'run.interrupted' ? causes[interrupted.event.reason] : 'the engine ended';
      return { standing: 'interrupted', reason: reason(`The run is interrupted: ${cause}.`, interrupted), help: [resume] };
    }
    case 'cancelling':
    case 'cancelled': {
      const cancelling = last('run.cancelling');
      const why = cancelling?.event.type === 'run.cancelling' ? ` by ${cancelling.event.by}: ${cancelling.event.reason}` : '';
      const help = { command: `retry ${run}`, does: 'starts what was cancelled anew, in a new run that reuses what succeeded' };
      return {
        standing: 'cancelled',
        reason: reason(`The run was cancelled${why}.`, cancelling),
        help: status === 'cancelled' ? [help] : [],
      };
    }
    case 'running':
    case 'succeeded':
    case 'failed':
      return null;
  }
}

const causes: { readonly [reason in 'drained' | 'stopped' | 'crashed']: string } = {
  drained: 'the engine was asked to end, and let what ran finish',
  stopped: 'the engine was stopped at once, and aborted what ran',
  crashed: 'the engine ended without warning',
};
