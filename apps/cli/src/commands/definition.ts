/** `check` and `graph`: what can be said of a flow without running it. */

import { flowGraph, formatDiagnostic } from '@scriptorium/flow';
import { putResult } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { compileNamed, requireFlow } from '../flow-file.ts';
import { plural } from '../quantity.ts';

export async function check(context: Context, name: string, flags: { readonly profile?: string }): Promise<ExitCode> {
  const { flow, diagnostics, source, file } = await compileNamed(name, context.cwd, flags);
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  const identity = flow === null ? null : { name: flow.name, version: flow.version, hash: flow.hash };
  putResult(context, { file, flow: identity, errors, diagnostics }, () => {
    const texts = diagnostics.map((diagnostic) => `${formatDiagnostic(diagnostic, source)}\n\n`).join('');
    const counts = `${plural(errors, 'error')}, ${plural(diagnostics.length - errors, 'warning')}`;
    return flow === null
      ? `${texts}${file}: ${counts}\n`
      : `${texts}${flow.name} ${flow.version} is fine: ${counts} (${flow.hash.slice(0, 19)}…)\n`;
  });
  return flow === null ? exitCodes.usage : exitCodes.ok;
}

export async function graph(context: Context, name: string, flags: { readonly profile?: string }): Promise<ExitCode> {
  const { terminal } = context;
  terminal.out(`${flowGraph(requireFlow(await compileNamed(name, context.cwd, flags), terminal.err)).trimEnd()}\n`);
  return exitCodes.ok;
}
