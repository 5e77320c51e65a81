/** `books catalog import`. */

import { resolve } from 'node:path';
import { importCatalog as build } from '@scriptorium/books';
import { putResult } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { plural } from '../showing/quantity.ts';

export async function importCatalog(context: Context, csv: string, flags: { readonly out: string }): Promise<ExitCode> {
  const catalog = resolve(context.cwd, flags.out);
  const counts = await build(resolve(context.cwd, csv), catalog);
  putResult(
    context,
    { catalog, ...counts },
    () =>
      `${plural(counts.rows, 'work')} in ${catalog} (${plural(counts.skipped, 'row')} left out)\nUse it with: scriptorium run books <folder> --out <dir> --set catalog=${flags.out}\n`,
  );
  return exitCodes.ok;
}
