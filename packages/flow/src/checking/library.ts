/**
 * The definitions that steps may call: found by name and version, and compiled when the first step calls them. A flow
 * that is called while it is being compiled itself, as by recursion, is known by its input alone: it may fail with any code.
 */

import { compareVersions } from '@scriptorium/core';
import type { CalledFlows, Flow, JsonObject, Schema } from '@scriptorium/core';
import { unknownDeeds } from './callable.ts';
import type { Callable, Deeds } from './callable.ts';
import type { UnguardedCall } from './unguarded.ts';
import type { Word } from '../reading/shape.ts';

export interface FlowFile {
  /** As messages name it: the same file always by the same name. */
  readonly file: string;
  readonly source: string | JsonObject;
  /** The handlers of this flow. */
  readonly callables: ReadonlyMap<string, Callable>;
}

export interface Candidate {
  readonly name: string;
  readonly version: string;
  readonly doc?: string;
  readonly file: string;
}

/** A flow that a step lends, where it says so. */
export interface LentCall {
  readonly uses: Word;
  readonly path: string;
  readonly depth: number;
}

/** What a step accepts as a message. */
export interface Accepting {
  readonly mailbox: string;
  readonly schema: Schema;
  /** `flows/writer.flow.yaml:9:16` of another definition; null in the own one. */
  readonly place: string | null;
}

/** What became of a definition. */
export interface Finished {
  readonly flow: Flow | null;
  /** Its errors in words, where it has some. */
  readonly problem: string | null;
  /** The files of the flows that it calls, by how it calls them. */
  readonly calls: ReadonlyMap<string, string>;
  readonly unguarded: readonly UnguardedCall[];
  readonly lent: readonly LentCall[];
  readonly deeds: Deeds;
}

export interface Library {
  readonly names: () => readonly string[];
  /** Of one flow, the highest first; where two are equal, `own` goes first. */
  readonly versions: (name: string, own: string) => readonly Candidate[];
  /** What steps of all others accept as messages, of each flow in its highest version. */
  readonly accepted: (own: string) => readonly Accepting[];
  /** What a step may know of it, or what is wrong with it. */
  readonly interfaceOf: (candidate: Candidate) => Callable | { readonly problem: string };
  /** Undefined while it is being compiled. */
  readonly finished: (file: string) => Finished | undefined;
  /** From here until {@link Library.end} the definition is known by its input. */
  readonly begin: (candidate: Candidate, input: Schema) => void;
  readonly end: (file: string, finished: Finished) => void;
}

export function createLibrary(
  files: readonly FlowFile[],
  headOf: (file: FlowFile) => Candidate | null,
  acceptedAt: (file: FlowFile) => readonly Accepting[],
  compile: (file: FlowFile) => void,
): Library {
  const begun = new Map<string, Callable>();
  const done = new Map<string, Finished>();
  const others = new Map<string, Candidate>();
  const accepting = new Map<string, readonly Accepting[]>();
  let heads: readonly Candidate[] | null = null;
  const all = (): readonly Candidate[] => {
    heads ??= files.flatMap((file) => headOf(file) ?? []);
    return [...heads, ...[...others.values()].filter(({ file }) => heads?.every((head) => head.file !== file))];
  };
  return {
    names: () => [...new Set(all().map(({ name }) => name))],
    versions: (wanted, own) =>
      all()
        .filter(({ name }) => name === wanted)
        .toSorted((a, b) => compareVersions(b.version, a.version) || Number(b.file === own) - Number(a.file === own)),
    accepted(own) {
      const latest = [...Map.groupBy(all(), ({ name }) => name).values()].flatMap((some) =>
        some.toSorted((a, b) => compareVersions(b.version, a.version)).slice(0, 1),
      );
      const self = all().find(({ file }) => file === own)?.name;
      const others = latest.filter(({ name, file }) => file !== own && name !== self);
      return others.flatMap(({ file }) => {
        const source = files.find((one) => one.file === file);
        const known = accepting.get(file) ?? (source === undefined ? [] : acceptedAt(source));
        accepting.set(file, known);
        return known;
      });
    },
    interfaceOf(candidate) {
      const known = begun.get(candidate.file);
      if (known !== undefined) return known;
      const file = files.find((one) => one.file === candidate.file);
      if (!done.has(candidate.file) && file !== undefined) compile(file);
      const { flow = null, problem = null, deeds = unknownDeeds } = done.get(candidate.file) ?? {};
      return flow === null ? { problem: problem ?? 'it cannot be read' } : callableOf(flow, deeds);
    },
    finished: (file) => done.get(file),
    begin(candidate, input) {
      others.set(candidate.file, candidate);
      begun.set(candidate.file, { ...candidate, input, output: true, ...unknownDeeds });
    },
    end(file, finished) {
      begun.delete(file);
      done.set(file, finished);
    },
  };
}

function callableOf({ name, version, doc, input, output }: Flow, deeds: Deeds): Callable {
  return { name, version, ...(doc === undefined ? {} : { doc }), input, output, ...deeds };
}

/** All flows that the one in `file` calls, and those that they call, with their files. */
export function calledFrom(file: string, library: Library): { readonly flows: CalledFlows; readonly files: readonly string[] } {
  const flows = new Map<string, Flow>();
  const seen = new Set<string>();
  const waiting = [file];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const [called, target] of library.finished(next)?.calls ?? []) {
      const flow = library.finished(target)?.flow ?? null;
      if (flow !== null) flows.set(called, flow);
      waiting.push(target);
    }
  }
  return { flows: Object.fromEntries([...flows].toSorted(([a], [b]) => (a < b ? -1 : 1))), files: [...seen] };
}
