/** What the agents of a story answer in tests: by who is asked, told from what its instructions begin with. */

import type { JsonObject } from '@scriptorium/core';

const beginnings = {
  'You invent': 'concept',
  'You plot': 'plot',
  'You know': 'character',
  'You build': 'world',
  'You write': 'writer',
  'You read': 'continuity',
  'You judge': 'critic',
  'You find': 'research',
  'You edit': 'editor',
} as const;

export type Agent = (typeof beginnings)[keyof typeof beginnings];

export const agents: readonly Agent[] = Object.values(beginnings);

/** As a service is asked. */
export interface Question {
  readonly messages: readonly { readonly content: unknown }[];
}

export function agentOf({ messages }: Question): Agent {
  const text = String(messages[0]?.content);
  const found = Object.entries(beginnings).find(([beginning]) => text.startsWith(beginning));
  if (found === undefined) throw new Error(`nobody's instructions: ${text}`);
  return found[1];
}

const dimensions = 'structure coherence genre character pacing theme dialogue setting emotion originality technique'.split(' ');

/** A score of the same for every dimension. */
export function judged(score: number, next: string): { readonly json: JsonObject } {
  return { json: { scores: Object.fromEntries(dimensions.map((name) => [name, score])), notes: ['More salt.'], next } };
}

const concept = { title: 'Salt', premise: 'p', protagonist: 'Ann', conflict: 'c', setting: 's', themes: ['t'], hook: 'h' };

export function chapter(title: string, thread: number = 1): JsonObject {
  return { title, purpose: 'p', conflict: 'c', place: 'the quay', people: ['Ann'], thread };
}

/** What an agent answers where a test says nothing else: a story of one chapter, accepted at once. */
export function usualAnswer(agent: Agent, draft: string): { readonly json: JsonObject } {
  switch (agent) {
    case 'concept':
      return { json: { concepts: [concept, concept, concept], choice: 0 } };
    case 'plot':
      return { json: { framework: 'three_acts', beats: ['b'], cast: ['Ann', 'Bo'], chapters: [chapter('One')] } };
    case 'character':
      return { json: { name: 'Ann', profile: 'p', voice: 'v' } };
    case 'world':
      return { json: { places: ['the quay'], rules: [], history: 'h' } };
    case 'writer':
      return { json: { text: `Ann stood on the quay.\n\nThis is draft ${draft}.`, memory: ['Ann stood.'] } };
    case 'continuity':
      return { json: { contradictions: [] } };
    case 'critic':
      return judged(9, 'keep');
    case 'research':
      return { json: { facts: ['Salt is old.'] } };
    case 'editor':
      return { json: { edits: [{ before: 'stood', after: 'waited' }] } };
  }
}
