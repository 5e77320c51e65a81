/** `npm run fix`: generated parts of the manual, what the linter can mend by itself, then the format. Arguments restrict it to files or folders. */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedParts, withPart } from './pages.ts';
import { root } from './sources.ts';

const paths = process.argv.slice(2);

if (paths.length === 0) {
  for (const part of generatedParts()) {
    const file = join(root, part.page);
    writeFileSync(file, withPart(readFileSync(file, 'utf8'), part));
  }
}

const programs = [
  ['node_modules/oxlint/bin/oxlint', '--type-aware', '--fix', ...paths],
  ['node_modules/oxfmt/bin/oxfmt', ...(paths.length === 0 ? ['.'] : paths)],
];

const codes = programs.map((argv) => spawnSync(process.execPath, argv, { cwd: root, stdio: 'inherit' }).status);
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
