/** `limits`: the pools that all runs share, shown and changed while runs go on. */

import type { Limit } from '@scriptorium/core';
import { parseRate } from '@scriptorium/flow';
import { putResult, withHost } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { limitText, rateText } from '../progress/news.ts';
import { table } from '../terminal.ts';

export async function showLimits(context: Context): Promise<ExitCode> {
  const pools = await withHost(context, ({ host }) => host.limits());
  putResult(context, pools, () => {
    if (pools.length === 0) return 'No pools yet: they are declared by the flows that run.\n';
    const rows = pools.map(({ pool, limit, used, waiting }) => [
      pool,
      limit.concurrent === undefined ? 'any' : String(limit.concurrent),
      rateText(limit),
      String(used),
      String(waiting),
    ]);
    return table([['pool', 'at once', 'rate', 'used', 'waiting'], ...rows]);
  });
  return exitCodes.ok;
}

export interface LimitFlags {
  readonly concurrent?: number;
  readonly rate?: string;
}

export async function setLimit(context: Context, pool: string, { concurrent, rate }: LimitFlags): Promise<ExitCode> {
  if (concurrent === undefined && rate === undefined)
    throw new CommandError(exitCodes.usage, 'nothing to change', 'Give --concurrent <n>, --rate <n>/s, or both.');
  const change: Limit = { ...(concurrent === undefined ? {} : { concurrent }), ...(rate === undefined ? {} : { rate: rateOf(rate) }) };
  const changed = await withHost(context, ({ host }) => host.setLimit(pool, change, context.by));
  putResult(context, changed, () => `${changed.pool}: ${limitText(changed.from)} → ${limitText(changed.to)}\n`);
  return exitCodes.ok;
}

function rateOf(text: string): NonNullable<Limit['rate']> {
  const rate = parseRate(text);
  if (rate === null || rate === undefined)
    throw new CommandError(exitCodes.usage, `'${text}' is no rate`, 'Write a number and a unit of time: 2/s, 60/m, 1000/h.');
  return rate;
}
