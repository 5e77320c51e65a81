/** What somebody outside does to the runs of a scenario: planned acts, and what is done when nothing else happens. */

import { planOf, unreachable } from '@scriptorium/core';
import type { Flow, Json, OpenWait } from '@scriptorium/core';
import type { Script, Spot } from '@scriptorium/testing/model/oracle';
import type { ScopePlan } from '@scriptorium/testing/model/plan';
import type { Expected } from './expected.ts';
import { poolName } from './scenario.ts';
import type { ActPlan } from './story.ts';
import type { Act, PlannedAct } from './setting.ts';

export interface About {
  readonly expected: readonly Expected[];
  readonly flows: readonly Flow[];
  readonly script: Script;
  /** The next version of a flow. */
  readonly newer: (flow: Flow) => Flow;
  /** The flow of each run. */
  readonly places: readonly number[];
}

/** What comes from outside without being asked for; a run that needs more does not get on. */
const MAX_NUDGES = 60;

/** Of one play: it remembers which signals were sent, so that each has an id of its own. */
export class Outside {
  readonly #about: About;
  readonly #times = new Map<string, number>();
  #nudges = 0;
  #resumes = 0;

  constructor(about: About) {
    this.#about = about;
  }

  acts(plan: ActPlan): readonly PlannedAct[] {
    const { atMs, pick, more } = plan;
    const { flows, places, newer } = this.#about;
    const run = plan.run % places.length;
    const flow = at(flows, at(places, run));
    const one = (act: Act | null): readonly PlannedAct[] => (act === null ? [] : [{ atMs, act }]);
    switch (plan.do) {
      case 'signal':
      case 'repeat':
        return one(this.#planned(run, plan));
      case 'answer':
        return one(this.#answering(run, pick, pick % 2 === 0 ? `answer ${pick}` : null));
      case 'leave':
        return one(this.#leave(run, pick));
      case 'pause':
        return this.#pause(run, plan);
      case 'stop':
        return one({ do: pick % 2 === 0 ? 'stop' : 'drain' });
      case 'cancel':
        // Too many of them leave too little else to see.
        return one(pick % 3 === 0 ? { do: 'cancel', run } : null);
      case 'limit':
        return one({ do: 'limit', pool: poolName(pick % 2), change: { concurrent: 1 + (more % 4) } });
      case 'close':
        return one({ do: 'close_breaker', pool: poolName(pick % 2) });
      case 'fork': {
        const steps = [...planOf(flow).keys()].filter((id) => id !== '');
        return one({ do: 'fork', run, step: pick % 4 === 0 ? null : (steps[pick % steps.length] ?? null) });
      }
      case 'rollback':
        return held(run, atMs, { do: 'rollback', run, share: more / 100 });
      case 'migrate':
        return held(run, atMs, { do: 'migrate', flow: newer(flow) });
      default:
        return unreachable(plan.do);
    }
  }

  /** Some last so long that what waits times out meanwhile, and in some of them somebody answers twice. */
  #pause(run: number, { atMs, pick, more }: ActPlan): readonly PlannedAct[] {
    const lastsMs = more * (more % 4 === 0 ? 2 * 60_000 : 20);
    const resumed = atMs + 4 + lastsMs;
    const answers =
      pick % 3 === 0 ? [1, 2, 3].map((inMs): PlannedAct => ({ atMs: atMs + inMs, act: this.#answering(run, pick, null) })) : [];
    const signal = pick % 3 === 1 ? this.#planned(run, { do: 'signal', pick: more }) : null;
    const late = signal === null ? [] : [{ atMs: resumed - 1, act: signal }];
    return [{ atMs, act: { do: 'pause', run } }, ...answers, ...late, { atMs: resumed, act: { do: 'resume', run } }];
  }

  nudge(waits: readonly OpenWait[], live: readonly string[]): Act | null {
    if (live.length === 0 || this.#nudges >= MAX_NUDGES) return null;
    this.#nudges += 1;
    const number = this.#nudges;
    const run = number % this.#about.places.length;
    const turn = Math.floor(number / 3);
    const isAsked = waits.some(({ ask }) => ask !== null);
    const spots = this.#ofRun(run).prediction.spots.filter(({ call }) => waits.some(({ event, ask }) => ask === null && event === call));
    const spot = spots[turn % spots.length];
    if (number % 3 === 0 && isAsked) return this.#answering(run, number, null);
    if (number % 3 === 1 && spot !== undefined) return this.#signal(run, spot);
    const leave = this.#leave(run, turn);
    if (leave !== null) return leave;
    if (spot !== undefined) return this.#signal(run, spot);
    if (isAsked) return this.#answering(run, number, null);
    // A run may be held, of which nobody can tell by what waits.
    this.#resumes += 1;
    return this.#resumes > 2 * this.#about.places.length ? null : { do: 'resume', run };
  }

  #ofRun(run: number): Expected {
    return at(this.#about.expected, at(this.#about.places, run));
  }

  /** A signal that somebody may wait for; with `repeat`, one that was sent before, under the same id. */
  #planned(run: number, { do: what, pick }: Pick<ActPlan, 'do' | 'pick'>): Act | null {
    const isFit = ({ text }: Spot): boolean => what === 'signal' || this.#times.has(`${run} ${text}`);
    const spots = this.#ofRun(run).prediction.spots.filter(isFit);
    const spot = spots[pick % spots.length];
    if (what === 'repeat' && (spot === undefined || pick % 3 === 0)) return this.#leave(run, pick, true);
    if (spot === undefined) return null;
    if (what === 'signal') return this.#signal(run, spot);
    return { do: 'signal', run, name: spot.call, payload: { spot: spot.text, value: spot.value }, id: `${spot.text} 1` };
  }

  #signal(run: number, { call, text, value }: Spot): Act {
    const time = (this.#times.get(`${run} ${text}`) ?? 0) + 1;
    this.#times.set(`${run} ${text}`, time);
    return { do: 'signal', run, name: call, payload: { spot: text, value }, id: `${text} ${time}` };
  }

  #answering(run: number, pick: number, id: string | null): Act {
    return { do: 'answer', run, pick, answer: (ask) => answerTo(ask, this.#about.script), id };
  }

  /** A signal that leads out of a state, or the first of its name again. */
  #leave(run: number, pick: number, again = false): Act | null {
    const names = leavingIn(this.#ofRun(run).plan.body);
    const name = names[pick % names.length];
    if (name === undefined) return null;
    const key = `${run} leave ${name}`;
    const time = again ? 1 : (this.#times.get(key) ?? 0) + 1;
    this.#times.set(key, Math.max(time, this.#times.get(key) ?? 0));
    return { do: 'signal', run, name, payload: null, id: `leave ${name} ${time}` };
  }
}

/** What asks for a run that nobody works on. */
function held(run: number, atMs: number, act: Act): readonly PlannedAct[] {
  return [
    { atMs, act: { do: 'pause', run } },
    { atMs: atMs + 1, act },
    { atMs: atMs + 2, act: { do: 'resume', run } },
  ];
}

function answerTo(ask: string, script: Script): Json {
  const { at: items, call, visit } = JSON.parse(ask) as { at: string; call: string; visit: number };
  const value = script(call, JSON.parse(items) as readonly unknown[], visit, 0);
  return { value: typeof value === 'number' ? value : 0 };
}

/** Every state that a signal of its name leads out of. */
function leavingIn(scope: ScopePlan): readonly string[] {
  return (scope.k === 'and' ? scope.steps : scope.states).flatMap(({ name, leaves, body }) => [
    ...(leaves === null ? [] : [name]),
    ...(body.k === 'and' || body.k === 'or' ? leavingIn(body) : []),
  ]);
}

function at<T>(list: readonly T[], index: number): T {
  const one = list[index];
  if (one === undefined) throw new RangeError(`there is no ${index} of ${list.length}`);
  return one;
}
