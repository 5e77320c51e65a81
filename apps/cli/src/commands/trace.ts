/** `trace`: where an output file came from, back to the input files. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ArtifactInfo, Host } from '@scriptorium/core';
import { putResult, withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { formatBytes, formatTime } from '../showing/quantity.ts';

/** Ancestors beyond this many are left out, and that is said. */
const MAX_ANCESTORS = 1_000;

interface Ancestry {
  readonly artifact: ArtifactInfo | null;
  /** What `from` named: a hash, or the path of an input. */
  readonly source: string;
  readonly from: readonly Ancestry[];
}

export async function trace(context: Context, file: string): Promise<ExitCode> {
  const path = resolve(context.cwd, file);
  const ancestry = await withStore(context, async ({ host }) => ancestryOf(host, await writtenFile(context, host, path)));
  putResult(context, ancestry, () => treeText(ancestry));
  return exitCodes.ok;
}

/** Raises `not_found` for a file that no run wrote. */
export async function writtenFile({ home }: Context, host: Host, path: string): Promise<ArtifactInfo> {
  const artifact = await host.artifact(path);
  if (artifact !== null) return artifact;
  throw new CommandError(
    exitCodes.notFound,
    `${path} ${existsSync(path) ? `was not written by a run of the store in ${home}` : 'does not exist'}`,
    'Name a file below the output directory of a run; `--home` chooses the store.',
  );
}

async function ancestryOf(host: Host, artifact: ArtifactInfo): Promise<Ancestry> {
  const byHash = new Map<string, ArtifactInfo>();
  for await (const one of host.artifacts(artifact.run)) if (!byHash.has(one.hash)) byHash.set(one.hash, one);
  let left = MAX_ANCESTORS;
  const follow = (source: string, known: ArtifactInfo | null, seen: readonly string[]): Ancestry => {
    const found = known ?? byHash.get(source) ?? null;
    left -= 1;
    if (found === null || seen.includes(found.hash) || left <= 0) return { source, artifact: found, from: [] };
    return { source, artifact: found, from: found.from.map((parent) => follow(parent, null, [...seen, found.hash])) };
  };
  return follow(artifact.hash, artifact, []);
}

function treeText(ancestry: Ancestry, depth = 0): string {
  const { artifact, source, from } = ancestry;
  const indent = '  '.repeat(depth);
  const mark = depth === 0 ? '' : '← ';
  if (artifact === null) return `${indent}${mark}${source.startsWith('file:') ? source.slice('file:'.length) : source} (input)\n`;
  const reused = artifact.reusedFrom === null ? '' : ` · taken over from run ${artifact.reusedFrom}`;
  const detail = `${artifact.stage}${artifact.key === null ? '' : ` of ${artifact.key}`} by ${artifact.handler} · run ${artifact.run} · ${formatTime(artifact.at)} · ${formatBytes(artifact.bytes)} · ${artifact.hash.slice(0, 19)}…${reused}`;
  return `${indent}${mark}${artifact.path}\n${indent}    ${detail}\n${from.map((parent) => treeText(parent, depth + 1)).join('')}`;
}
