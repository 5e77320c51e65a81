/** `npm run fix`: what the linter can mend by itself, then the format. Arguments restrict it to files or folders. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root: string = fileURLToPath(new URL('..', import.meta.url));
const paths = process.argv.slice(2);

const programs = [
  ['node_modules/oxlint/bin/oxlint', '--type-aware', '--fix', ...paths],
  ['node_modules/oxfmt/bin/oxfmt', ...(paths.length === 0 ? ['.'] : paths)],
];

const codes = programs.map((argv) => spawnSync(process.execPath, argv, { cwd: root, stdio: 'inherit' }).status);
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
