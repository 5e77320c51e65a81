/** `backup` and `restore`: a copy of the store, and a store of a copy. */

import { resolve } from 'node:path';
import { backUp, restore as restoreStore } from '@scriptorium/engine';
import { hashFlow } from '@scriptorium/flow';
import { storeOptions } from '../compose.ts';
import { putResult } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { asTyped } from '../explanation.ts';
import { formatBytes } from '../showing/quantity.ts';
import { exitCodeOf, findingText } from './audit.ts';

export interface BackupFlags {
  readonly withOutputs?: boolean;
}

export async function backup(context: Context, directory: string, { withOutputs: outputs = false }: BackupFlags): Promise<ExitCode> {
  const { cwd, home, now, command } = context;
  const report = await backUp(home, resolve(cwd, directory), { now: now(), hashFlow, outputs });
  const problems = report.audit.findings.filter(({ level }) => level === 'problem');
  putResult(context, { version: 1, ...report }, () => {
    const files =
      report.outputs === null
        ? 'The files that runs have written are not in it; `--with-outputs` takes them along.'
        : `${report.outputs.files} files of runs are in it${leftText(report.outputs.left, 'are gone or were changed, and are not')}.`;
    const verdict = problems.length === 0 ? 'It was read again, and is whole.' : 'It has the faults of the store that it is a copy of.';
    return `${problems.map((finding) => findingText(context, finding)).join('')}${report.directory}: ${report.events} events, ${formatBytes(report.bytes)}. ${verdict}\n${files}\n${asTyped(`To go back to it: \`scriptorium restore ${directory} --home <dir>\`, where there is no store yet.`, command)}\n`;
  });
  return exitCodeOf(problems);
}

export async function restore(context: Context, directory: string, { withOutputs: outputs = false }: BackupFlags): Promise<ExitCode> {
  const { cwd, home, now, command } = context;
  const options = { now: now(), hashFlow, outputs, home: storeOptions(context) };
  const report = await restoreStore(resolve(cwd, directory), home, options);
  putResult(context, { version: 1, ...report }, () => {
    const files =
      report.outputs === null
        ? ''
        : `${report.outputs.files} files of runs were put back${leftText(report.outputs.left, 'were left as they are')}.\n`;
    return `${report.home} has ${report.events} events.\n${files}${asTyped('Runs that were live are interrupted: see `scriptorium list`, and go on with `scriptorium resume <run>`.', command)}\n`;
  });
  return exitCodes.ok;
}

function leftText(left: readonly string[], what: string): string {
  return left.length === 0 ? '' : `; ${left.length} ${what}: ${left.slice(0, 3).join(', ')}${left.length > 3 ? ', …' : ''}`;
}
