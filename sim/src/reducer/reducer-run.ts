/**
 * One run in the smallest host: its actors in memory, folded from facts, and what they ask for. Facts that are not
 * durable yet are with the world, which commits them.
 */

import { countUndoable, decide, evolve, foldActor, inPages, isWanted, ROOT, unreachable } from '@scriptorium/core';
import type { ActorState, Command, Event, Flow, Recorded } from '@scriptorium/core';
import type { Reply } from '../setting.ts';

export type Dispatch = Extract<Command, { k: 'dispatch' }>;
export type Task = Extract<Command, { k: 'dispatch' | 'cancel' | 'timer' }>;

export interface RunPorts {
  readonly id: string;
  /** Place among the runs of the setting; null for a fork. */
  readonly index: number | null;
  readonly flow: Flow;
  /** Takes a fact into the commit that is being made and gives its time. */
  readonly record: (actor: string, seq: number, event: Event, at: number | null) => Recorded;
  readonly put: (value: unknown) => string;
  readonly read: (ref: string) => unknown;
  readonly note: (actor: string, command: Command) => void;
}

export interface Underway {
  readonly key: string;
  readonly actor: string;
  readonly dispatch: Dispatch;
  /** Of the run, when it was asked for. */
  readonly generation: number;
  started: boolean;
  cancelled: boolean;
  /** What its worker will do, once it has begun. */
  reply: Reply | null;
}

export class ReducerRun {
  readonly id: string;
  readonly index: number | null;
  flow: Flow;
  /** How often it was taken back, or moved to another definition. */
  generation: number = 0;
  readonly actors: Map<string, ActorState> = new Map();
  /** By `<actor>/<attempt key>`. */
  readonly underway: Map<string, Underway> = new Map();
  /** Numbers of the last facts of actors of which nothing counts any more. */
  readonly #ends = new Map<string, number>();
  readonly #changed = new Map<string, Set<number> | null>();
  readonly #ports: RunPorts;

  constructor(ports: RunPorts) {
    this.#ports = ports;
    this.id = ports.id;
    this.index = ports.index;
    this.flow = ports.flow;
  }

  root(): ActorState {
    const state = this.actors.get(ROOT);
    if (state === undefined) throw new Error(`run ${this.id} has no root`);
    return state;
  }

  isSettled(): boolean {
    return this.root().status === 'settled';
  }

  held(): boolean {
    const { kind, status } = this.root();
    return kind.type === 'root' && status === 'running' && kind.held !== null;
  }

  /** `at` of a fact that another run has, too. */
  append(actor: string, event: Event): number {
    const state = this.actors.get(actor) ?? null;
    const recorded = this.#ports.record(actor, (state?.seq ?? this.#ends.get(actor) ?? 0) + 1, event, null);
    this.actors.set(actor, evolve(state, recorded));
    const known = this.#changed.get(actor);
    if (known !== null) this.#changed.set(actor, 'item' in event ? (known ?? new Set()).add(event.item) : null);
    return recorded.seq;
  }

  /** Records a fact of another run, of which nothing is known here until this run is restored. */
  copy({ actor, seq, event, at }: Recorded): void {
    this.#ports.record(actor, seq, event, at);
  }

  /** Everything in memory is gone, and folded anew from what is durable. */
  restore(rows: readonly Recorded[]): void {
    this.actors.clear();
    this.underway.clear();
    this.#changed.clear();
    this.#ends.clear();
    for (const [actor, events] of Map.groupBy(rows, (recorded) => recorded.actor)) {
      const state = foldActor(events);
      if (state === null) this.#ends.set(actor, events.at(-1)?.seq ?? 0);
      else this.actors.set(actor, state);
    }
  }

  reconsider(): void {
    for (const actor of this.actors.keys()) this.#changed.set(actor, null);
  }

  /** Attempts that a state shows as running: nobody runs them after the host has ended. */
  loseRunning(reason: 'engine' | 'rewound' | 'stopped'): void {
    const running = [...this.actors].flatMap(([actor, { open }]) =>
      [...open].flatMap(([item, { steps }]) =>
        [...steps].flatMap(([node, step]) => (step.type === 'running' ? [{ actor, item, node, attempt: step.attempt }] : [])),
      ),
    );
    for (const { actor, ...at } of running) this.append(actor, { ...at, type: 'attempt.lost', reason, among: running.length });
  }

  isWanted({ actor, dispatch }: Underway): boolean {
    const state = this.actors.get(actor);
    return state !== undefined && !this.held() && isWanted(this.flow, state, dispatch);
  }

  /**
   * Asks the reducer about every actor that changed until nothing changes any more. The root comes last, as in the engine,
   * or in its turn: hosts may do so, and then what it gives to others can come too late.
   */
  consult(isRootLast: boolean, carryOut: (actor: string, task: Task) => void): void {
    if (this.#changed.size === 0) return;
    if (this.held()) return this.#changed.clear();
    for (const [actor, focus] of this.#changed) {
      this.#changed.delete(actor);
      if (actor === ROOT && isRootLast && this.#changed.size > 0) {
        this.#changed.set(actor, focus);
        continue;
      }
      const state = this.actors.get(actor);
      if (state === undefined) continue;
      const underway = (key: string): boolean => this.underway.has(`${actor}/${key}`);
      const options = focus === null ? { underway } : { underway, focus: [...focus] };
      for (const command of decide(this.flow, state, { read: this.#ports.read }, options)) {
        this.#ports.note(actor, command);
        this.#obey(actor, command, carryOut);
      }
    }
  }

  #obey(actor: string, command: Command, carryOut: (actor: string, task: Task) => void): void {
    switch (command.k) {
      case 'append':
        this.append(actor, command.event);
        return;
      case 'tell':
        this.#tell(actor, command.own, command.to, command.event);
        return;
      case 'open': {
        const pages = [...inPages<unknown>(command.rows, command.opened.pageSize)].map((page) => this.#ports.put(page));
        this.append(actor, { ...command.opened, pages: this.#ports.put(pages) });
        return;
      }
      case 'settle': {
        const page = this.#ports.put(command.rows);
        const { undo } = command;
        const undone = undo.length === 0 ? {} : { undo: { page: this.#ports.put(undo), count: countUndoable(undo) } };
        this.#tell(actor, { type: 'chunk.settled', page }, command.to, { ...command.report, page, ...undone });
        return;
      }
      case 'dispatch':
      case 'cancel':
      case 'timer':
        carryOut(actor, command);
        return;
      default:
        unreachable(command);
    }
  }

  #tell(actor: string, own: Event, to: string, event: Event): void {
    const seq = this.append(actor, own);
    this.append(to, { ...event, from: { actor, seq } });
  }
}
