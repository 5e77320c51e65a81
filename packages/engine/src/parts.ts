/** What an embedded engine is made of. */

import type { ActorState, Command, EngineEvent, Flow, HandlerModule, Instant, Recorded } from '@scriptorium/core';
import type { Children } from './runs/children.ts';
import type { Contracts } from './calls/contracts.ts';
import type { Invoker, Isolation } from './calls/invoke.ts';
import type { HomeOptions } from './space/home.ts';
import type { Journal } from './journal/journal.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { LiveRun } from './kernel/live-run.ts';
import type { Ownership } from './journal/ownership.ts';
import type { Post } from './post/post.ts';
import type { PoolBoard } from './pools/pool-board.ts';
import type { Recorder } from './reports/recorder.ts';
import type { Registry } from './calls/registry.ts';
import type { RunViews } from './reports/run-views.ts';
import type { Holds } from './retention/holds.ts';
import type { Retention } from './retention/judging.ts';
import type { KeeperSteps } from './retention/keeper.ts';
import type { StartGate } from './runs/start-gate.ts';
import type { Streams } from './reports/streaming.ts';
import type { Snapshots } from './kernel/snapshots.ts';
import type { Timers } from './kernel/timers.ts';
import type { ValueStore } from './journal/values.ts';
import type { World } from './world.ts';

export interface EngineOptions {
  /** Directory of the store. */
  readonly home: string;
  /** Handlers beside the engine's own. */
  readonly modules: readonly HandlerModule[];
  readonly contracts: Contracts;
  /** What handlers may read as their environment. */
  readonly env: { readonly [name: string]: string | undefined };
  /** Where handlers run that could do with less; `handler` unless given. */
  readonly isolation?: Isolation;
  /** Runs that it may have in memory at once, if not 50,000; a start beyond that is refused. */
  readonly maxRuns?: number;
  /** Told once when the store failed; the process should end with the error's exit code. */
  readonly onHalt?: (error: unknown) => void;
  /** Events of a run after which what resuming needs is kept beside them, if not 20,000. */
  readonly snapshotEvery?: number;
  /** Events of what is interrupted up to which a closing engine writes reports, if not 50,000; the next engine writes the others. */
  readonly reportedAtEnd?: number;
  /** How much it keeps in memory of what is in its store as well. */
  readonly kept?: Kept;
  /** What is not the platform's own of its world. */
  readonly world?: Partial<World>;
  /** Told of all that the reducer asks for, before it is done: what two engines on the same journal have in common. */
  readonly onCommand?: (run: string, actor: string, command: Command) => void;
  /** Told of each commit about a run before anything follows from it, with the states that its actors are in. */
  readonly onCommitted?: (events: readonly Recorded[], stateOf: (actor: string) => ActorState | undefined) => void;
  /** Which runs lose their events, and when, while the engine works; none unless given. */
  readonly retention?: Retention;
  /** How much of them goes in one step, where it is not what fits between the steps of the kernel. */
  readonly removalSteps?: KeeperSteps;
  /** Where the store may lie. */
  readonly store?: HomeOptions;
}

export interface Kept {
  /** What values may take, in bytes, if not 32 MiB. */
  readonly valueBytes?: number;
  /** Ended runs of which the progress is kept, if not 1,000. */
  readonly endedRuns?: number;
}

export interface Parts {
  readonly options: EngineOptions;
  readonly world: World;
  readonly ownership: Ownership;
  readonly journal: Journal;
  readonly values: ValueStore;
  readonly pools: PoolBoard;
  readonly timers: Timers;
  readonly registry: Registry;
  readonly views: RunViews;
  readonly recorder: Recorder;
  readonly kernel: Kernel;
  readonly now: () => Instant;
  /** Records facts about the engine itself, durably. */
  readonly log: (...events: readonly EngineEvent[]) => void;
  /** Reports that are being written, by run. */
  readonly finishes: Map<string, Promise<void>>;
  /** Runs that are about to go on, until they do. */
  readonly resuming: Map<string, Promise<void>>;
  /** Runs that are being taken back: nobody else changes them meanwhile. */
  readonly turning: Set<string>;
  readonly holds: Holds;
  readonly invoker: Invoker;
  readonly children: Children;
  readonly gate: StartGate;
  readonly post: Post;
  readonly streams: Streams;
  readonly snapshots: Snapshots;
  /** A name that no other run has, at the instant at which it begins. */
  readonly newRunId: (at: Instant) => string;
  /** A run in memory, with nothing folded yet. */
  readonly create: (run: string, flow: Flow) => LiveRun;
}
