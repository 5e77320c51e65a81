/** The handlers of `approval.flow.yaml`. Publishing writes a file here; put the call of your own service in its place. */

import { readFile } from 'node:fs/promises';
import { artifactSchema, defineHandler, type Handler } from '@scriptorium/core';

const text = { type: 'string' };
const notice = { type: 'object', required: ['title', 'text'], properties: { title: text, text } };

const draft: Handler = defineHandler({
  name: 'notice/draft',
  version: '1.0.0',
  doc: 'A notice from what is written down, with the notes of whoever asked for another.',
  input: { type: 'object', required: ['path', 'notes'], properties: { path: text, notes: text } },
  output: notice,
  effects: 'read',
  run: async ({ path, notes }: { path: string; notes: string }) => {
    const [title = '', ...lines] = (await readFile(path, 'utf8')).trim().split('\n');
    return { title, text: [...lines, ...(notes === '' ? [] : [`(${notes})`])].join('\n').trim() };
  },
});

const publish: Handler = defineHandler({
  name: 'notice/publish',
  version: '1.0.0',
  doc: 'Publishes a notice.',
  input: notice,
  output: artifactSchema,
  effects: 'none',
  run: async ({ title, text }: { title: string; text: string }, { outputs }) => ({
    ...(await outputs.write('notice.md', `# ${title}\n\n${text}\n`)),
  }),
});

export const handlers: readonly Handler[] = [draft, publish];
