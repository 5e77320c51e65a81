/** Facts about which definition and which code a run goes by, and about runs that are taken back or begun beside another. */

import type { DeadSelection } from '../failures/dead-letter.ts';
import type { Carried } from '../carried.ts';
import type { JsonObject } from '../json.ts';
import type { Settings } from '../settings.ts';
import type { PathMap } from './path-map.ts';

export interface FlowIdentity {
  readonly name: string;
  readonly version: string;
  readonly hash: string;
}

/** Handlers by name, with the version of each. */
export type HandlerVersions = { readonly [handler: string]: string };

/** The output that a step is given without having run. */
export interface AssumedOutput {
  readonly item: number;
  readonly node: string;
  readonly output: Carried;
}

export type VersionEvent =
  /** What the run needs is not there; it goes on when somebody resumes it and it is. */
  | { readonly type: 'run.parked'; readonly reason: string; readonly fix: string }
  /** The run goes on with other versions of its handlers than before; these are all that it calls. */
  | { readonly type: 'run.code_changed'; readonly handlers: HandlerVersions; readonly changed: readonly CodeChange[] }
  | {
      readonly type: 'run.migrated';
      /** The hash of the definition that it went by. */
      readonly before: string;
      /** The definition that it goes by from here on. */
      readonly flow: FlowIdentity;
      readonly map: PathMap;
      readonly assumed: readonly AssumedOutput[];
      readonly handlers: HandlerVersions;
      readonly modules: readonly string[];
      readonly by: string;
    }
  /** What `run.migrated` is to the root, to an actor beside it; both are in one commit. */
  | {
      readonly type: 'actor.migrated';
      readonly before: string;
      readonly hash: string;
      readonly map: PathMap;
      readonly assumed: readonly AssumedOutput[];
    }
  /** All events of the run before this one are those of `parent`, up to its event `gseq`. */
  | {
      readonly type: 'run.forked';
      readonly parent: string;
      readonly gseq: number;
      /** The step that is to run again, whatever there is of it. */
      readonly step: string | null;
      /** The whole input, where it was changed. */
      readonly input: JsonObject | null;
      readonly outputs: readonly AssumedOutput[];
      /** In place of those before; null takes one back. */
      readonly settings?: Settings;
      readonly handlers: HandlerVersions;
      /** Of what failed for good in the parent, only this is tried again. */
      readonly only?: DeadSelection;
      readonly by: string;
    }
  | {
      readonly type: 'run.rolled_back';
      /** The root's events after this one no longer count. */
      readonly to: number;
      /** The same place in the whole journal. */
      readonly gseq: number;
      /** The definition that the run went by then. */
      readonly flow: FlowIdentity;
      /** The folder, below the output root, for files that were written later. */
      readonly aside: string;
      readonly files: readonly string[];
      /** Set where the run was being cancelled by then. */
      readonly cancelling?: true;
      readonly by: string;
    }
  /** What `run.rolled_back` is to the root; with `to` 0 the actor had not begun. */
  | { readonly type: 'actor.rolled_back'; readonly to: number; readonly files: readonly string[] };

export interface CodeChange {
  readonly handler: string;
  readonly before: string;
  readonly after: string;
}
