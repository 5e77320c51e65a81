/** Mistakes in the engine around the reducer: commits, pools, breakers, and what clients are told. */

import type { Mutant } from './mutant.ts';

type Planted = Omit<Mutant, 'level'>;

const planted: readonly Planted[] = [
  {
    name: 'effects come before the commit',
    file: 'kernel/kernel.ts',
    from: 'const effects = this.#effects;',
    to: 'const effects = this.#effects.splice(0); for (const effect of effects) effect();',
  },
  {
    name: 'clients are told before the commit',
    file: 'kernel/incoming.ts',
    from: '    return ack.resolve;',
    to: '    ack.resolve();\n    return ack.resolve;',
  },
  {
    name: 'a permit is lost with an attempt that is not wanted',
    file: 'kernel/kernel.ts',
    from: 'if (!this.#leave(live, underway)) return permit.release();',
    to: 'if (!this.#leave(live, underway)) return;',
  },
  { name: 'permits are not given back', file: 'attempts/attempts.ts', from: '  underway.permit?.release();', to: '' },
  { name: 'a pool lets one too many in', file: 'pools/pool.ts', from: 'if (this.#used >= (', to: 'if (this.#used > (' },
  {
    name: 'rates are not kept',
    file: 'pools/pool.ts',
    from: 'if (spacing > 0 && nowMs < this.#nextStartAt)',
    to: 'if (spacing < 0 && nowMs < this.#nextStartAt)',
  },
  {
    name: 'a half-open breaker lets several try',
    file: 'pools/breaker.ts',
    from: `    case 'half_open':\n      return 1;`,
    to: `    case 'half_open':\n      return 3;`,
  },
  {
    name: 'an open breaker lets one through',
    file: 'pools/breaker.ts',
    from: `    case 'open':\n      return 0;`,
    to: `    case 'open':\n      return 1;`,
  },
  {
    name: 'a cool-down is over at once',
    file: 'pools/breaker.ts',
    from: `return breaker.type === 'open' && nowMs >= breaker.until`,
    to: `return breaker.type === 'open' && nowMs >= 0`,
  },
  {
    name: 'a breaker counts failures that are not in a row',
    file: 'pools/breaker.ts',
    from: 'return { ...closedBreaker, ramp: breaker.ramp === null',
    to: 'return { ...breaker, ramp: breaker.ramp === null',
  },
  { name: 'the next engine forgets breakers', file: 'assembly.ts', from: 'for (const row of journal.pools()) pools.restore(row);', to: '' },
  { name: 'an engine goes on after its disk failed', file: 'assembly.ts', from: 'if (error instanceof JournalError) halt(error);', to: '' },
  {
    name: 'what waited starts in a paused run',
    file: 'kernel/kernel.ts',
    from: 'return isOurs && !live.held() &&',
    to: 'return isOurs &&',
  },
  { name: 'what is not wanted any more starts', file: 'kernel/kernel.ts', from: ' && isWanted(live.flow, state, dispatch);', to: ';' },
  {
    name: 'a retry starts after its time',
    file: 'kernel/kernel.ts',
    from: 'if (dispatch.startBy !== null && this.#ports.now() > dispatch.startBy) {',
    to: 'if (dispatch.startBy === -1) {',
  },
  {
    name: 'attempts are not lost with their engine',
    file: 'runs/runs.ts',
    from: 'const lost = known === undefined ?',
    to: 'const lost = known !== undefined ?',
  },
  {
    name: 'a result is taken over again',
    file: 'attempts/attempts.ts',
    from: '  const extras = extrasOf(ports, live, underway, output, records, earlier.run);',
    to: '  live.underway.delete(key);\n  const extras = extrasOf(ports, live, underway, output, records, earlier.run);',
  },
  {
    name: 'a run that was resumed meanwhile is not gone on with',
    file: 'runs/migrating.ts',
    from: 'parts.kernel.reconsider(loadRun(parts, parts.journal.run(run) ?? row))',
    to: 'loadRun(parts, parts.journal.run(run) ?? row)',
  },
  {
    name: 'the cancelling of an interrupted run is not written',
    file: 'runs/runs.ts',
    from: `if (row.status === 'interrupted') await resumeRun(parts, row.run, by);`,
    to: '',
  },
  { name: 'a timer that is not due rings', file: 'kernel/kernel.ts', from: 'if (at <= this.#ports.now()) live', to: 'if (at > 0) live' },
];

export const engineMutants: readonly Mutant[] = planted.map((mutant) => ({
  ...mutant,
  file: `engine/src/${mutant.file}`,
  level: 'engine',
}));
