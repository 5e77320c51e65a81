/** `audit`: whether a store is what was written, fault by fault; and what can be mended without a backup. */

import { acceptLoss as acceptLossOf, auditStore, journalExitCodes, rebuildFolds } from '@scriptorium/engine';
import type { AuditReport, StoreFault, StoreFinding } from '@scriptorium/engine';
import { hashFlow } from '@scriptorium/flow';
import { putResult } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { asTyped } from '../explanation.ts';

export interface AuditFlags {
  readonly outputs?: boolean;
}

export function auditOf({ home, now }: Context, { outputs = false }: AuditFlags): Promise<AuditReport> {
  return auditStore(home, { now: now(), hashFlow, outputs });
}

export async function verifyStore(context: Context, flags: AuditFlags): Promise<ExitCode> {
  const report = await auditOf(context, flags);
  const exitCode = exitCodeOf(report.findings);
  putResult(context, { version: 1, ok: exitCode === exitCodes.ok, ...report }, () => {
    const { paint } = context.terminal;
    const problems = report.findings.filter(({ level }) => level === 'problem').length;
    const verdict =
      problems === 0
        ? paint('green', '✔ whole')
        : paint('red', `✗ ${problems}${report.cut ? ' or more' : ''} ${problems === 1 ? 'fault' : 'faults'}`);
    return `${report.findings.map((finding) => findingText(context, finding)).join('')}${verdict}: ${auditedText(report)}\n`;
  });
  return exitCode;
}

export function rebuild(context: Context): ExitCode {
  const events = rebuildFolds(context.home);
  putResult(context, { version: 1, events }, () => `The tables of ${context.home} were computed anew from ${events} events.\n`);
  return exitCodes.ok;
}

export function acceptLoss(context: Context): ExitCode {
  const lost = acceptLossOf(context.home);
  putResult(context, { version: 1, lost }, () =>
    lost === 0 ? `Nothing is lost in ${context.home}.\n` : `${lost} events of ${context.home} are lost; it goes on from what is there.\n`,
  );
  return exitCodes.ok;
}

/** What was read, as the end of a sentence. */
export function auditedText({ home, events, values, definitions, outputs, working }: AuditReport): string {
  const files = outputs === null ? '' : `, ${outputs} output files`;
  const left = working ? '; an engine works on it, so its structure and computed tables were left out' : '';
  return `${home} with ${events} events, ${values} values, ${definitions} definitions${files}${left}`;
}

export function findingText(context: Context, { fault, level, message, fix }: StoreFinding): string {
  const { paint } = context.terminal;
  const mark = level === 'problem' ? paint('red', '✗') : paint('yellow', '!');
  return `${mark} ${fault}: ${message}\n  fix: ${asTyped(fix, context.command)}\n`;
}

/** Of several faults the gravest counts; notes are no faults. */
const byGravity: readonly (readonly [ExitCode, readonly StoreFault[]])[] = [
  [journalExitCodes.lost as ExitCode, ['events_lost', 'log_lost']],
  [journalExitCodes.damaged as ExitCode, ['structure']],
  [
    journalExitCodes.altered as ExitCode,
    [
      'event_changed',
      'event_missing',
      'chain_broken',
      'epoch_back',
      'sequence_gap',
      'value_missing',
      'value_changed',
      'definition_missing',
      'definition_changed',
      'fold_differs',
      'snapshot_wrong',
    ],
  ],
  [exitCodes.failed, ['output_missing', 'output_changed']],
];

export function exitCodeOf(findings: readonly StoreFinding[]): ExitCode {
  const problems = new Set(findings.filter(({ level }) => level === 'problem').map(({ fault }) => fault));
  if (problems.size === 0) return exitCodes.ok;
  return byGravity.find(([, faults]) => faults.some((fault) => problems.has(fault)))?.[0] ?? exitCodes.refused;
}
