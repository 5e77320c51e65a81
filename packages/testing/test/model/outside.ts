/** What comes from outside while a flow runs: signals, answers, the clock, crashes, pauses, and results that come too late. */

import { iterationOf, ROOT } from '@scriptorium/core';
import type { Event } from '@scriptorium/core';
import type { ModelHost } from '@scriptorium/core/model-host';
import type { Spot } from './oracle.ts';
import type { Plan, ScopePlan, StepPlan } from './plan.ts';

export const happenings = ['signal', 'repeat', 'answer', 'leave', 'clock', 'engine', 'worker', 'late', 'pause', 'stop'] as const;
export type Happening = (typeof happenings)[number];

/** Signals that nobody asked for, sent because a run stands still; more mean that they do not arrive. */
const MAX_NUDGES = 60;

export class Outside {
  /** The next call that ends is lost with its worker. */
  losing = false;
  readonly #host: ModelHost;
  readonly #spots: readonly Spot[];
  readonly #leaving: readonly string[];
  readonly #sent = new Map<string, number>();
  readonly #late: {
    readonly actor: string;
    readonly iteration: string;
    readonly event: Event & { readonly item: number; readonly node: string };
  }[] = [];
  #paused = false;
  #nudges = 0;
  #ids = 0;

  constructor(host: ModelHost, plan: Plan, spots: readonly Spot[]) {
    this.#host = host;
    this.#spots = spots;
    this.#leaving = leavingIn(plan.body);
  }

  /** Lets one thing happen by itself; false when nothing does any more. Timers fire at their time. */
  turn(chance: number): boolean {
    const host = this.#host;
    while (host.root().status !== 'settled' && [...host.timers.values()].some(({ at }) => at <= host.now)) host.fireTimer();
    if (host.root().status === 'settled') return false;
    if (this.#paused) return this.#turnPaused();
    if (host.waiting.size + host.running.size > 0) return host.turn();
    if (chance % 2 === 0 && this.#offer(chance)) return true;
    return host.turn() || this.#offer(chance) || this.#nudge(chance);
  }

  happen(what: Happening, chance: number): void {
    const host = this.#host;
    if (host.root().status === 'settled') return;
    switch (what) {
      case 'signal':
        return void this.#send(chance);
      case 'repeat':
        return this.#repeat(chance);
      case 'answer':
        return void this.#answer(chance);
      case 'leave':
        return void this.#leave(chance);
      case 'clock':
        return void host.fireTimer();
      case 'engine':
        return this.#crash();
      case 'worker':
        this.losing = true;
        return;
      case 'late':
        return this.#deliverLate();
      case 'pause':
        if (host.root().status !== 'running' || this.#paused) return;
        this.#paused = true;
        return host.record(ROOT, { type: 'run.paused', by: 'test' });
      case 'stop':
        return this.#stop();
    }
  }

  /** What runs goes on to its end, and nothing starts. */
  #turnPaused(): boolean {
    const [key] = this.#host.running.keys();
    if (key === undefined || this.#host.root().status !== 'running') {
      this.#paused = false;
      this.#host.record(ROOT, { type: 'run.resumed', by: 'test' });
    } else this.#host.end(key);
    return true;
  }

  #stop(): void {
    this.#paused = false;
    this.#host.record(ROOT, { type: 'run.interrupted', reason: 'stopped' });
    this.#crash();
    this.#host.record(ROOT, { type: 'run.resumed', by: 'test' });
  }

  /** What ran is lost with the engine; the results may still come, when nobody asks for them any more. */
  #crash(): void {
    for (const { actor, dispatch } of this.#host.running.values()) {
      const { item, node, attempt, iteration } = dispatch;
      const event = { type: 'attempt.succeeded', item, node, attempt, output: { v: 1_000 }, artifacts: [], ms: 1 } as const;
      this.#late.push({ actor, iteration, event });
    }
    this.#host.crash();
  }

  #deliverLate(): void {
    const late = this.#late.shift();
    if (late === undefined) return;
    const { actor, iteration, event } = late;
    const steps = this.#host.actors.get(actor)?.open.get(event.item)?.steps;
    if (iterationOf(steps, event.node) === iteration) this.#host.record(actor, event);
  }

  #offer(chance: number): boolean {
    return chance % 3 === 0 ? this.#answer(chance) || this.#send(chance) : this.#send(chance) || this.#answer(chance);
  }

  /** A signal that has not been sent yet, wanted or not. */
  #send(chance: number): boolean {
    const unsent = this.#spots.filter(({ text }) => !this.#sent.has(text));
    return this.#signal(unsent[chance % unsent.length]);
  }

  #signal(spot: Spot | undefined): boolean {
    if (spot === undefined) return false;
    const { call, text, value } = spot;
    const times = (this.#sent.get(text) ?? 0) + 1;
    this.#sent.set(text, times);
    this.#host.signal(`${text} ${times}`, call, { spot: text, value });
    return true;
  }

  /** Under the id of one that was sent, with something else in it: it is not a signal of its own. */
  #repeat(chance: number): void {
    const sent = this.#spots.filter(({ text }) => this.#sent.has(text));
    const spot = sent[chance % sent.length];
    if (spot !== undefined) this.#host.signal(`${spot.text} 1`, spot.call, { spot: spot.text, value: spot.value + 50 });
  }

  /** Answers a question that is open. */
  #answer(chance: number): boolean {
    const open = this.#open().filter(({ ask }) => ask !== null);
    const question = open[chance % open.length];
    if (question === undefined) return false;
    const spot = this.#spots.find(({ text }) => text === question.ask);
    if (spot === undefined) throw new Error(`nobody was to ask ${question.ask}`);
    const { actor, item, node } = question;
    return this.#host.answer(actor, item, node, { value: spot.value });
  }

  #leave(chance: number): boolean {
    const name = this.#leaving[chance % this.#leaving.length];
    if (name === undefined) return false;
    this.#host.signal(`leave ${(this.#ids += 1)}`, name);
    return true;
  }

  /** The run stands still: a wait that comes again in another visit needs its signal again, and a state the one that leads out. */
  #nudge(chance: number): boolean {
    if ((this.#nudges += 1) > MAX_NUDGES) return false;
    const waiting = this.#open().filter(({ ask }) => ask === null);
    for (const { node } of waiting) for (const spot of this.#spots) if (node.split('/').at(-1) === `${spot.call}w`) this.#signal(spot);
    this.#leaving.forEach((_, index) => this.#leave(chance + index));
    return waiting.length > 0;
  }

  #open(): readonly { readonly actor: string; readonly item: number; readonly node: string; readonly ask: string | null }[] {
    return [...this.#host.actors].flatMap(([actor, { open }]) =>
      [...open].flatMap(([item, { steps }]) =>
        [...steps].flatMap(([node, step]) =>
          step.type === 'waiting' && step.end === null && step.due === null ? [{ actor, item, node, ask: step.ask }] : [],
        ),
      ),
    );
  }
}

function stepsOf(scope: ScopePlan): readonly StepPlan[] {
  return scope.k === 'and' ? scope.steps : scope.states;
}

function leavingIn(scope: ScopePlan): readonly string[] {
  return stepsOf(scope).flatMap(({ name, leaves, body }) => [
    ...(leaves === null ? [] : [name]),
    ...(body.k === 'and' || body.k === 'or' ? leavingIn(body) : []),
  ]);
}
