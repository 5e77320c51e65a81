/**
 * The outside of an engine: everything that it touches beyond its own memory. What an engine does is a function of its
 * options and of what its world answers, in the order in which it answers; a test may put another world in the place of
 * the platform's, whole or in part.
 *
 * 1. An engine has no clock, no timer, no chance, no file and no thread but those of its world.
 * 2. Between two answers of its world an engine ends what it does: it waits for nothing else, so that who owns the world
 *    owns the order of all that happens.
 * 3. What belongs to handlers is behind {@link World.createInvoker}, and what belongs to the terminals of other processes
 *    is not part of the engine.
 */

import type { ArtifactRecord } from '@scriptorium/core';
import type { Invoker, InvokerPorts } from './calls/invoke.ts';
import type { LoopWatch } from './calls/loop-watch.ts';
import type { Space } from './space/ballast.ts';
import type { HomeOptions } from './space/home.ts';
import type { Journal } from './journal/journal.ts';
import type { Ownership } from './journal/ownership.ts';
import type { Clock } from './kernel/clock.ts';
import type { OutputPlace, OutputRoot } from './outputs/output-place.ts';
import type { RemovalLock } from './retention/removal-lock.ts';
import type { Recorder, RecorderPorts } from './reports/recorder.ts';

export interface World {
  readonly clock: Clock;
  readonly chance: Chance;
  /** By which the operating system knows the engine. */
  readonly pid: number;
  /** Takes the store in a directory; null while another engine has it. Raises JournalError where no store can be kept there. */
  readonly acquire: (home: string, options?: HomeOptions) => Ownership | null;
  /** Opens the journal of a store that was acquired, under a new epoch. */
  readonly openJournal: (path: string, options?: HomeOptions) => Journal;
  /** Between the engine, where it removes what is old, and those who read its store in pieces. */
  readonly openRemovalLock: (home: string) => RemovalLock;
  /** The space that the store in a directory has. */
  readonly spaceOf: (home: string) => Space;
  /** The logs and reports of runs: written for people, and never read again by an engine. */
  readonly createRecorder: (ports: RecorderPorts) => Recorder;
  readonly outputs: OutputFiles;
  /** What calls handlers. Each call settles once: with its result, or with the failure that the attempt ends with. */
  readonly createInvoker: (ports: InvokerPorts) => Invoker;
  /** Tells whoever looks at the store in a directory which handler keeps the engine from doing anything else. */
  readonly watchLoop: (home: string) => LoopWatch;
}

/**
 * So many bytes of chance. Each stream is one of its own: where a world draws from seeds, another draw of one stream
 * changes nothing about the others.
 */
export type Chance = (stream: 'runs' | 'signals', bytes: number) => Uint8Array;

/** The files that handlers have written, as far as the engine itself moves them. */
export interface OutputFiles {
  /** Places an earlier run's artifact, which lies below `base`, at a place of this run; null when it is not what it was. */
  readonly link: (base: string, record: ArtifactRecord, place: OutputPlace) => Promise<ArtifactRecord | null>;
  /** Moves a file below the output root into the directory `aside` there; false when it is not there. */
  readonly move: (root: OutputRoot, path: string, aside: string) => Promise<boolean>;
  /** Removes what a killed engine left half written of a run that nobody works on; resolves to how many files. */
  readonly removeLeftovers: (root: OutputRoot, run: string) => Promise<number>;
}
