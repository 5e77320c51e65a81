/**
 * Files below the folders that were granted: listed, read, searched, and written so that no half of a file is ever seen.
 *
 * What was decided about a path is looked at again when the file is opened, and no link is followed there: somebody else
 * may have put one in its place meanwhile.
 */

import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StepError } from '@scriptorium/core';
import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import type { Scope } from './granting.ts';
import { beyond } from './reaching.ts';
import { realPath, realScope } from './real-path.ts';
import type { LocalTool } from './tool.ts';

const MAX_READ_BYTES = 1_000_000;
const MAX_WRITTEN = 1_000_000;
const MAX_ENTRIES = 1_000;
const MAX_SEARCHED_FILES = 2_000;
const MAX_MATCHES = 100;
const MAX_LINE = 300;

const path = z
  .string()
  .min(1)
  .max(4_096)
  .refine((text) => !text.includes('\0'), 'has a character that no path may have');

/** One tool for each thing that the scope lets an agent do. */
export function fileTools(scope: Scope): readonly LocalTool[] {
  const readable = scope.read.length > 0 ? [listTool(scope), readTool(scope), searchTool(scope)] : [];
  return scope.write.length > 0 ? [...readable, writeTool(scope)] : readable;
}

function listTool(scope: Scope): LocalTool {
  return defineTool({
    name: 'files_list',
    doc: `Lists a folder: names, those of folders with a / at their end. Folders: ${scope.read.join(', ')}.`,
    input: z.strictObject({ path }),
    effects: 'read',
    reaches: ({ path }) => [{ kind: 'file', path, access: 'read' }],
    run: async ({ path }) => {
      const entries = await reading(path, async () => readdir(await granted(path, 'read', scope), { withFileTypes: true }));
      const names = entries
        .filter(({ name }) => !name.startsWith('.'))
        .map((entry) => `${entry.name}${entry.isDirectory() ? '/' : ''}`)
        .toSorted();
      return { names: names.slice(0, MAX_ENTRIES), more: Math.max(0, names.length - MAX_ENTRIES) };
    },
  });
}

function readTool(scope: Scope): LocalTool {
  return defineTool({
    name: 'files_read',
    doc: `Reads a text file. Folders: ${scope.read.join(', ')}.`,
    input: z.strictObject({ path }),
    effects: 'read',
    reaches: ({ path }) => [{ kind: 'file', path, access: 'read' }],
    run: ({ path }) => reading(path, async () => ({ text: await textOf(await granted(path, 'read', scope)) })),
  });
}

function searchTool(scope: Scope): LocalTool {
  return defineTool({
    name: 'files_search',
    doc: `Finds lines with a text, whatever its case, in the files of a folder and below. Folders: ${scope.read.join(', ')}.`,
    input: z.strictObject({ path, text: z.string().min(1).max(200) }),
    effects: 'read',
    reaches: ({ path }) => [{ kind: 'file', path, access: 'read' }],
    run: ({ path, text }, { signal }) =>
      reading(path, async () => {
        const root = await granted(path, 'read', scope);
        const matches: { file: string; line: number; text: string }[] = [];
        let files = 0;
        const entries = await readdir(root, { recursive: true, withFileTypes: true });
        for (const entry of entries.toSorted((a, b) => (join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1))) {
          signal.throwIfAborted();
          const file = join(entry.parentPath, entry.name);
          if (!entry.isFile() || beyond({ kind: 'file', path: file, access: 'read' }, { ...scope, read: [root] }) !== null) continue;
          files += 1;
          if (files > MAX_SEARCHED_FILES || matches.length >= MAX_MATCHES) break;
          matches.push(...linesWith(text, await textOf(file).catch(() => ''), file.slice(root.length + 1)));
        }
        return { matches: matches.slice(0, MAX_MATCHES), complete: files <= MAX_SEARCHED_FILES && matches.length <= MAX_MATCHES };
      }),
  });
}

function writeTool(scope: Scope): LocalTool {
  return defineTool({
    name: 'files_write',
    doc: `Writes a text file, in place of what was there. Folders: ${scope.write.join(', ')}.`,
    input: z.strictObject({ path, text: z.string().max(MAX_WRITTEN) }),
    effects: 'write',
    tainted: false,
    idempotent: true,
    reaches: ({ path }) => [{ kind: 'file', path, access: 'write' }],
    run: ({ path, text }) =>
      reading(path, async () => {
        await replace(await granted(path, 'write', scope), text);
        return { written: Buffer.byteLength(text) };
      }),
  });
}

/** The real path, when it is still within the scope. */
async function granted(path: string, access: 'read' | 'write', scope: Scope): Promise<string> {
  const real = await realPath(path);
  const reason = beyond({ kind: 'file', path: real, access }, await realScope(scope));
  if (reason !== null) throw new StepError('agent.refused', reason);
  return real;
}

async function textOf(file: string): Promise<string> {
  // A pipe that nobody writes to would be waited for without NONBLOCK.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw new StepError('io', 'it is no file');
    if (facts.size > MAX_READ_BYTES) throw new StepError('io', `it has ${facts.size} bytes, and ${MAX_READ_BYTES} are read`);
    return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile());
  } catch (error) {
    if (error instanceof TypeError) throw new StepError('io', 'it is no text', { cause: error });
    throw error;
  } finally {
    await handle.close();
  }
}

async function replace(file: string, text: string): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  if ((await realpath(folder)) !== folder) throw new StepError('agent.refused', `${folder} leads elsewhere now`);
  const beside = join(folder, `.${randomUUID()}.part`);
  const handle = await open(beside, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
    await rename(beside, file);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(beside, { force: true });
    throw error;
  }
}

function linesWith(text: string, content: string, file: string): readonly { file: string; line: number; text: string }[] {
  const wanted = text.toLowerCase();
  return content
    .split('\n')
    .flatMap((line, index) => (line.toLowerCase().includes(wanted) ? [{ file, line: index + 1, text: line.slice(0, MAX_LINE) }] : []));
}

/** What the system says of a path is told to the model as it named it. */
async function reading<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof StepError || code === undefined) throw error;
    throw new StepError('tool.failed', `${path}: ${problems[code] ?? code}`, { cause: error });
  }
}

const problems: { readonly [code: string]: string } = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'it is no folder',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a link',
  EACCES: 'it may not be opened',
};
