/** `check`: everything that is wrong with a definition, with its place; once, or again whenever its files change. */

import { putResult } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { profileOf } from '../configuration/configuration.ts';
import { compileNamed } from '../flow-files/flow-file.ts';
import type { CompiledFlow } from '../flow-files/flow-file.ts';
import { formatClock, plural } from '../showing/quantity.ts';
import { checkApart, followFiles } from '../flow-files/rechecking.ts';
import type { Checked } from '../flow-files/rechecking.ts';

export interface CheckFlags {
  readonly watch?: boolean;
}

export async function check(context: Context, name: string, flags: CheckFlags): Promise<ExitCode> {
  if (flags.watch === true) return watch(context, name);
  const compiled = await compileNamed(name, context.cwd, profileOf(context.configuration));
  putResult(context, checkJson(compiled), () => `${diagnosticsText(compiled)}${verdict(compiled)}\n`);
  return compiled.flow === null ? exitCodes.usage : exitCodes.ok;
}

/** Checks again at each change until it is interrupted. With `--json` each check is one line. */
async function watch(context: Context, name: string): Promise<ExitCode> {
  const { terminal, cwd, now, configuration } = context;
  // A name that leads nowhere is refused at once; what is wrong in the files may be mended while it watches.
  const profile = profileOf(configuration);
  const first = await compileNamed(name, cwd, profile);
  const started = now();
  const put = (checked: Checked): void => {
    if ('error' in checked) {
      const { message, fix } = checked.error;
      if (context.json) terminal.out(`${JSON.stringify({ version: 1, file: first.file, error: checked.error })}\n`);
      else
        terminal.out(
          `${formatClock(now() - started)} ${first.file} cannot be checked: ${message}${fix === undefined ? '' : ` (${fix})`}\n`,
        );
    } else if (context.json) terminal.out(`${JSON.stringify(checkJson(checked))}\n`);
    else terminal.out(`${diagnosticsText(checked)}${formatClock(now() - started)} ${verdict(checked)}\n`);
  };
  const followed = followFiles(first.paths, async () => {
    const checked = await checkApart({ name, cwd, ...profile });
    put(checked);
    if ('paths' in checked) followed.follow(checked.paths);
  });
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  put(first);
  terminal.err(`Watching ${first.path} and the code beside it; Ctrl-C ends it.\n`);
  await stopped;
  followed.close();
  return exitCodes.ok;
}

type Result = Pick<CompiledFlow, 'file' | 'flow' | 'diagnostics'>;

function checkJson({ file, flow, diagnostics }: Result): object {
  const identity = flow === null ? null : { name: flow.name, version: flow.version, hash: flow.hash };
  const { errors, warnings } = countsOf({ diagnostics });
  return { version: 1, file, flow: identity, errors, warnings, diagnostics };
}

function diagnosticsText({ texts }: Pick<CompiledFlow, 'texts'>): string {
  return texts.map((text) => `${text}\n\n`).join('');
}

function verdict({ file, flow, diagnostics }: Result): string {
  const { errors, warnings } = countsOf({ diagnostics });
  const counts = `${plural(errors, 'error')}, ${plural(warnings, 'warning')}`;
  return flow === null ? `${file}: ${counts}` : `${flow.name} ${flow.version} is fine: ${counts} (${flow.hash.slice(0, 19)}…)`;
}

function countsOf({ diagnostics }: Pick<Result, 'diagnostics'>): { readonly errors: number; readonly warnings: number } {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  return { errors, warnings: diagnostics.length - errors };
}
