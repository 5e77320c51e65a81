/** Chapters as files: kept when their loop has ended, read for the editor, and edited line by line. */

import { artifactSchema, defineHandler, StepError } from '@scriptorium/core';
import type { ArtifactRef, Artifacts, Handler, Json, JsonObject } from '@scriptorium/core';
import { sceneSchema } from './outline.ts';
import { countWords, paragraphsOf, textOf } from './paragraph.ts';
import type { Paragraph } from './paragraph.ts';
import { weighedSchema } from './weigh.ts';
import type { Weighed } from './weigh.ts';

/** What a file of a chapter holds. */
export interface Chapter {
  readonly n: number;
  readonly title: string;
  /** What ended its loop: also `unjudged`, where budget or model gave out before the chapter was judged. */
  readonly ended: string;
  readonly score: number | null;
  readonly passes: Weighed['passes'];
  readonly paragraphs: readonly Paragraph[];
  readonly edits: readonly { readonly before: string; readonly after: string; readonly done: boolean }[];
}

export interface ChapterRef {
  readonly n: number;
  readonly title: string;
  readonly ended: string;
  readonly memory: readonly string[];
  readonly file: ArtifactRef;
}

export const chapterSchema: JsonObject = {
  type: 'object',
  required: ['n', 'title', 'ended', 'memory', 'file'],
  properties: {
    n: { type: 'integer' },
    title: { type: 'string' },
    ended: { type: 'string' },
    memory: { type: 'array', items: { type: 'string' } },
    file: artifactSchema as JsonObject,
  },
};

interface Keeping {
  readonly scene: { readonly n: number; readonly title: string } | null;
  readonly weighed: Weighed | null;
  readonly draft: { readonly text: string; readonly memory: readonly string[]; readonly origin?: Json } | null;
}

export const keepHandler: Handler = defineHandler({
  name: 'story/keep',
  version: '1.0.0',
  doc: 'Writes a chapter down as its loop has left it.',
  input: {
    type: 'object',
    required: ['scene', 'weighed', 'draft'],
    properties: {
      scene: { oneOf: [sceneSchema, { type: 'null' }] },
      weighed: { oneOf: [weighedSchema, { type: 'null' }] },
      draft: { type: ['object', 'null'] },
    },
  },
  output: chapterSchema,
  effects: 'none',
  errors: { 'story.nothing': 'There is no draft of the chapter.' },
  run: async ({ scene, weighed, draft }: Keeping, { outputs }) => {
    if (scene === null || draft === null) throw new StepError('story.nothing', 'there is no draft of the chapter');
    const chapter: Chapter = {
      n: scene.n,
      title: scene.title,
      ended: weighed === null ? 'unjudged' : (weighed.ended ?? 'given_up'),
      score: weighed?.score ?? null,
      passes: weighed?.passes ?? [],
      paragraphs: weighed?.paragraphs ?? paragraphsOf(draft.text, draft.origin, 1, []),
      edits: [],
    };
    const file = await outputs.write(nameOf(scene.n), `${JSON.stringify(chapter, null, 1)}\n`);
    return { n: scene.n, title: scene.title, ended: chapter.ended, memory: draft.memory, file };
  },
});

export const textHandler: Handler = defineHandler({
  name: 'story/text',
  version: '1.0.0',
  doc: 'The text of a chapter.',
  input: { type: 'object', required: ['chapter'], properties: { chapter: chapterSchema } },
  output: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
  effects: 'read',
  run: async ({ chapter }: { readonly chapter: ChapterRef }, { artifacts }) => ({
    text: textOf((await readChapter(artifacts, chapter)).paragraphs),
  }),
});

interface Editing {
  readonly chapter: ChapterRef;
  readonly edits: readonly { readonly before: string; readonly after: string }[];
  readonly origin?: Json;
}

export const editHandler: Handler = defineHandler({
  name: 'story/edit',
  version: '1.0.0',
  doc: "Makes an editor's changes where the words that they name stand once, and says which it made.",
  input: {
    type: 'object',
    required: ['chapter', 'edits'],
    properties: { chapter: chapterSchema, edits: { type: 'array', items: { type: 'object' } }, origin: { type: ['object', 'null'] } },
  },
  output: chapterSchema,
  effects: 'none',
  run: async ({ chapter, edits, origin }: Editing, { outputs, artifacts }) => {
    const read = await readChapter(artifacts, chapter);
    const file = await outputs.write(nameOf(chapter.n), `${JSON.stringify(edited(read, edits, origin), null, 1)}\n`, {
      from: [chapter.file],
    });
    return { n: chapter.n, title: chapter.title, ended: chapter.ended, memory: chapter.memory, file };
  },
});

export function edited(chapter: Chapter, edits: Editing['edits'], origin: Json | undefined): Chapter {
  let paragraphs = chapter.paragraphs;
  const pass = Math.max(chapter.passes.length, 1) + 1;
  const made = edits.map(({ before, after }) => {
    const places = paragraphs.filter(({ text }) => before !== '' && text.includes(before));
    const [place] = places;
    const text = place?.text.replace(before, () => after).replaceAll(/ {2,}/g, ' ') ?? '';
    const done = places.length === 1 && place?.text.split(before).length === 2 && countWords(text) > 0;
    if (done)
      paragraphs = paragraphs.map((paragraph) =>
        paragraph === place ? { text: text.trim(), origin: (origin ?? {}) as JsonObject, pass } : paragraph,
      );
    return { before, after, done };
  });
  return { ...chapter, paragraphs, edits: [...chapter.edits, ...made] };
}

export async function readChapter(artifacts: Artifacts, { file }: ChapterRef): Promise<Chapter> {
  return JSON.parse(await artifacts.readText(file)) as Chapter;
}

function nameOf(n: number): string {
  return `chapter-${String(n).padStart(2, '0')}.json`;
}
