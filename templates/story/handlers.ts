/** The agents of `story.flow.ts`: local, by rules, and the same each time. A real one calls its model here instead. */

import { artifactSchema, defineHandler, type ArtifactRef, type Handler, type ItemCollection, type TypedHandler } from '@scriptorium/core';

export interface Plan {
  readonly name: string;
  readonly beat: string;
}

interface Chapter {
  readonly name: string;
  readonly text: string;
}

const text = { type: 'string' };
const plan = { type: 'object', required: ['name', 'beat'], properties: { name: text, beat: text } };
const chapter = { type: 'object', required: ['name', 'text'], properties: { name: text, text } };
const notes = { type: 'array', items: text };

const beats: readonly string[] = ['nobody believes it', 'somebody looks', 'it answers', 'they agree to be quiet', 'it is wound up again'];

type Outlined = { readonly title: string; readonly plans: readonly Plan[] };

export const outliner: TypedHandler<{ readonly idea: string; readonly chapters: number }, Outlined> = defineHandler({
  name: 'story/outline',
  version: '1.0.0',
  doc: 'A title, and a plan for each chapter.',
  input: { type: 'object', required: ['idea', 'chapters'], properties: { idea: text, chapters: { type: 'integer', minimum: 1 } } },
  output: { type: 'object', required: ['title', 'plans'], properties: { title: text, plans: { type: 'array', items: plan } } },
  effects: 'none',
  run: ({ idea, chapters }: { readonly idea: string; readonly chapters: number }) => ({
    title: idea.replace(/^./, (letter) => letter.toUpperCase()),
    plans: Array.from({ length: chapters }, (_, n) => ({ name: `Chapter ${n + 1}`, beat: beats[n % beats.length] ?? '' })),
  }),
});

type Writing = { readonly plan: Plan; readonly notes: readonly string[] };

export const writer: TypedHandler<Writing, { readonly text: string }> = defineHandler({
  name: 'story/write',
  version: '1.0.0',
  doc: 'A chapter by its plan and the notes of the critic.',
  input: { type: 'object', required: ['plan', 'notes'], properties: { plan, notes } },
  output: { type: 'object', required: ['text'], properties: { text } },
  effects: 'none',
  run: ({ plan, notes }: Writing) => ({
    text: [`In this part, ${plan.beat}.`, ...notes.map((note) => `(${note}: the room is described at length.)`)].join(' '),
  }),
});

export const critic: TypedHandler<{ readonly text: string }, { readonly notes: readonly string[] }> = defineHandler({
  name: 'story/criticise',
  version: '1.0.0',
  doc: 'What a chapter lacks; nothing where it is long enough.',
  input: { type: 'object', required: ['text'], properties: { text } },
  output: { type: 'object', required: ['notes'], properties: { notes } },
  effects: 'none',
  run: ({ text }: { readonly text: string }) => ({ notes: text.length < 40 ? ['longer'] : [] }),
});

type Editing = { readonly title: string; readonly chapters: ItemCollection<Chapter> };

export const editor: TypedHandler<Editing, { readonly story: ArtifactRef }> = defineHandler({
  name: 'story/edit',
  version: '1.0.0',
  doc: 'Writes the story down, chapter after chapter.',
  input: { type: 'object', required: ['title', 'chapters'], properties: { title: text, chapters: { collection: chapter } } },
  output: { type: 'object', required: ['story'], properties: { story: artifactSchema } },
  effects: 'none',
  run: async ({ title, chapters }: Editing, { outputs }) => {
    const parts = [`# ${title}`];
    for await (const { name, text } of chapters) parts.push(`## ${name}`, text);
    return { story: await outputs.write('story.md', `${parts.join('\n\n')}\n`) };
  },
});

export const handlers: readonly Handler[] = [outliner, writer, critic, editor];
