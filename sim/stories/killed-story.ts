/**
 * A story that is written by one process after the other: each but the last is killed by SIGKILL at a moment of its own,
 * or in the midst of a call of a service over HTTP that keeps its own ledger, and the next one goes on.
 */

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startModelServer } from '@scriptorium/agents/model-server';
import type { Act, Asked } from '@scriptorium/agents/model-server';
import type { ArtifactRef } from '@scriptorium/core';
import { agentOf, chapter, judged, usualAnswer } from '@scriptorium/stories/scripted-agents';
import type { Ended, Told } from './author.ts';
import { HELD } from './held.ts';
import { BUDGET, CHARGE, USAGE } from './prices.ts';

/** For an author that comes to none of its moments, and to no end. */
const NEVER_MS = 180_000;

export interface KilledStory {
  /** What a reader has, and where each paragraph comes from but for the number of the attempt, which a kill raises. */
  readonly words: string;
  readonly lineage: string;
  /** SHA-256 of the EPUB. */
  readonly epub: string;
  /** Each thing that the service was asked, once, and how often it was asked in all. */
  readonly questions: readonly string[];
  readonly asked: number;
  readonly lost: number;
  readonly kills: number;
  /** In dollars: by the service's ledger, by the journal, and what was allowed. */
  readonly charged: number;
  readonly journaled: number;
  readonly budget: number;
  /** The moments that there were, each once, in the order in which they first came. */
  readonly moments: readonly string[];
}

/**
 * Kills at each of the moments, in their order; one that does not come is left out where `isSure` is false, and one that
 * cannot come because all that could go on waits at later ones.
 *
 * @throws where a moment did not come, or the story did not end.
 */
export async function tellKilled(deaths: readonly string[], isSure = true): Promise<KilledStory> {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-story-'));
  const questions: string[] = [];
  const moments = new Set<string>();
  let left = deaths;
  let kill: () => void = () => undefined;
  /** As in an author: who comes to a moment that is to come waits for it. */
  const come = (moment: string): 'dies' | 'waits' | 'goes on' => {
    moments.add(moment);
    if (left[0] !== moment) return left.includes(moment) ? 'waits' : 'goes on';
    kill();
    return 'dies';
  };
  const server = await startModelServer(async (asked): Promise<Act> => {
    const agent = agentOf(asked);
    questions.push(digestOf(asked));
    if (come(`${agent} is called`) !== 'goes on') return new Promise(() => undefined);
    // Half of an answer is what came before the kill.
    if (come(`${agent} answers`) !== 'goes on') return { stalls: true };
    return { ...answerTo(asked), usage: USAGE };
  });
  try {
    for (let kills = 0; ;) {
      const author = authorOf(folder, server.url, left);
      let ended: Ended | null = null;
      kill = () => void author.kill('SIGKILL');
      author.on('message', (told: Told) => {
        if ('at' in told) moments.add(told.at);
        else ended = told;
      });
      // What it told last may come after its end.
      const over = { signal: AbortSignal.timeout(NEVER_MS) };
      const [[code, signal]] = (await Promise.all([once(author, 'exit', over), once(author, 'disconnect', over)])) as [
        [number | null, string | null],
        unknown,
      ];
      if (signal === 'SIGKILL') kills += 1;
      if (code === HELD) {
        left = left.slice(1);
        continue;
      }
      if (signal !== 'SIGKILL' && (ended === null || code !== 0)) throw new Error(`an author ended with ${code ?? signal}`);
      if (left.length === 0 || (signal === null && !isSure))
        return { ...storyIn(folder, ended), kills, ...ledgerOf(questions), moments: [...moments] };
      if (signal !== 'SIGKILL') throw new Error(`nobody came to this moment: ${left[0]}`);
      left = left.slice(1);
    }
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

/** Compiled code is kept for those that follow. */
function authorOf(folder: string, url: string, deaths: readonly string[]): ChildProcess {
  const env = { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), ...process.env };
  return fork(join(import.meta.dirname, 'author.ts'), [folder, url, JSON.stringify(deaths)], { env });
}

/** Told from what is asked alone, so that the same question has the same answer, whoever asks it and when. */
function answerTo(asked: Asked): Act {
  const agent = agentOf(asked);
  const text = JSON.stringify(asked.messages);
  if (agent === 'plot') {
    const usual = usualAnswer('plot', '').json;
    return { json: { ...usual, chapters: [chapter('One', 1), chapter('Two', 2)] } };
  }
  if (agent === 'research' && asked.messages.every(({ role }) => role !== 'tool'))
    return { calls: [{ tool: 'archive_search', input: { about: 'salt' } }] };
  if (agent !== 'critic') return usualAnswer(agent, digestOf(asked).slice(0, 8));
  const pass = Number(/## pass\\n\\n(\d)/.exec(text)?.[1]);
  return pass === 1 ? judged(6, 'research') : judged(pass === 2 ? 7 : 9, 'draft');
}

/** But for the names of calls of tools, which go by how often the service was asked. */
function digestOf({ messages }: Asked): string {
  const text = JSON.stringify(messages).replaceAll(/"c\d+-\d+"/g, '"call"');
  return createHash('sha256').update(text).digest('hex');
}

function ledgerOf(questions: readonly string[]): Pick<KilledStory, 'questions' | 'asked' | 'charged' | 'budget'> {
  return { questions: [...new Set(questions)].toSorted(), asked: questions.length, charged: questions.length * CHARGE, budget: BUDGET };
}

function storyIn(folder: string, ended: Ended | null): Pick<KilledStory, 'words' | 'lineage' | 'epub' | 'lost' | 'journaled'> {
  if (ended?.status !== 'succeeded') throw new Error(`the story ended as ${JSON.stringify(ended)}`);
  const { markdown, lineage, epub } = ended.output as unknown as { readonly [file in 'markdown' | 'lineage' | 'epub']: ArtifactRef };
  const read = (file: ArtifactRef): Buffer => readFileSync(join(folder, 'out', file.path));
  return {
    words: read(markdown).toString('utf8'),
    lineage: read(lineage)
      .toString('utf8')
      .replaceAll(/"attempt": \d+/g, '"attempt": 0'),
    epub: createHash('sha256').update(read(epub)).digest('hex'),
    lost: ended.lost,
    journaled: ended.usd,
  };
}

/** What is not as it must be of a story, beside the one that nobody disturbed. */
export function faultsOf(killed: KilledStory, calm: KilledStory): readonly string[] {
  const { asked, questions, lost, charged, journaled, budget } = killed;
  const faults: string[] = [];
  for (const part of ['words', 'lineage', 'epub'] as const) if (killed[part] !== calm[part]) faults.push(`${part} are others`);
  if (questions.join() !== calm.questions.join()) faults.push('other things were asked');
  if (asked - questions.length > lost) faults.push(`${asked - questions.length} calls were made again, and only ${lost} were cut off`);
  // Sums of dollars in another order differ in their last digits.
  if (charged > journaled + 1e-9) faults.push(`${charged} USD were charged, and the journal has ${journaled}`);
  if (journaled > budget) faults.push(`${journaled} USD were used of ${budget}`);
  return faults;
}
