/**
 * Tests of pure code share processes: to start one, and to load and compile there what the others have loaded as well,
 * takes longer than most of them.
 */

import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

/** No test below these folders changes its process. */
const pure = ['packages/core/src', 'packages/flow', 'packages/advisor/src', 'pipelines/books/src'];

/** In one process, so that what takes long goes on beside others. */
const FILES = 16;

/** The files, those that share a process replaced by one that imports them, and these first: they take longest. */
export function together(root: string, files: readonly string[]): readonly string[] {
  const folders = pure.map((folder) => join(root, folder, '/'));
  const folderOf = (file: string): string | undefined => folders.find((folder) => file.startsWith(folder));
  const alone = files.filter((file) => folderOf(file) === undefined);
  const shared = Map.groupBy(
    files.filter((file) => folderOf(file) !== undefined),
    folderOf,
  );
  return [...[...shared].flatMap(([folder = '', those]) => entriesOf(root, folder, those)), ...alone];
}

function entriesOf(root: string, folder: string, files: readonly string[]): readonly string[] {
  const place = join(root, 'node_modules/.cache/tests', folder.slice(root.length));
  mkdirSync(place, { recursive: true });
  const processes = Math.ceil(files.length / FILES);
  // The large ones are dealt out first, so that none of the processes has all of them.
  const sorted = files.toSorted((a, b) => statSync(b).size - statSync(a).size);
  return Array.from({ length: processes }, (_, process) => {
    const entry = join(place, `together-${process + 1}.mjs`);
    writeFileSync(
      entry,
      textOf(
        root,
        sorted.filter((_file, index) => index % processes === process),
      ),
    );
    return entry;
  });
}

/** Each file is a group, so that its hooks are its own; one that cannot be loaded fails alone. */
function textOf(root: string, files: readonly string[]): string {
  const urls = Object.fromEntries(files.map((file) => [relative(root, file), pathToFileURL(file).href]));
  return `import { describe } from 'node:test';
for (const [file, url] of Object.entries(${JSON.stringify(urls, null, 2)})) describe(file, () => import(url));
`;
}
