/** `limits`: the pools that all runs share, shown and changed while runs go on. */

import { parseRate } from '@scriptorium/core';
import type { Limit, LimitChange } from '@scriptorium/core';
import { hasStore, putResult, withHost } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { adaptedText, breakerText, limitText, rateText } from '../progress/news.ts';
import { table } from '../terminal.ts';

export async function showLimits(context: Context): Promise<ExitCode> {
  const pools = hasStore(context) ? await withHost(context, ({ host }) => host.limits()) : [];
  putResult(context, pools, () => {
    if (pools.length === 0) return 'No pools yet: they are declared by the flows that run.\n';
    const hasBreakers = pools.some(({ breaker }) => breaker !== undefined);
    const countTokens = pools.some(({ tokens }) => tokens !== undefined);
    const adapt = pools.some(({ adapted }) => adapted !== undefined);
    const rows = pools.map(({ pool, limit, used, waiting, breaker, tokens, adapted }) => [
      pool,
      limit.concurrent === undefined ? 'any' : String(limit.concurrent),
      limit.rate === undefined ? 'any' : rateText(limit.rate),
      ...(countTokens ? [limit.tokens === undefined ? 'any' : `${tokens} of ${rateText(limit.tokens)}`] : []),
      String(used),
      String(waiting),
      ...(adapt ? [adapted === undefined ? '' : adaptedText(adapted)] : []),
      ...(hasBreakers ? [breaker === undefined ? '' : breakerText(breaker, context.now())] : []),
    ]);
    return table([
      [
        ...['pool', 'at once', 'rate', ...(countTokens ? ['tokens'] : []), 'used', 'waiting'],
        ...[...(adapt ? ['refused'] : []), ...(hasBreakers ? ['breaker'] : [])],
      ],
      ...rows,
    ]);
  });
  return exitCodes.ok;
}

export interface LimitFlags {
  readonly concurrent?: number;
  readonly rate?: string;
  readonly tokens?: string;
  readonly close?: true;
}

export async function setLimit(context: Context, pool: string, { concurrent, rate, tokens, close }: LimitFlags): Promise<ExitCode> {
  const isChange = concurrent !== undefined || rate !== undefined || tokens !== undefined;
  if (!isChange && close === undefined)
    throw new CommandError(
      exitCodes.usage,
      'nothing to change',
      'Give --concurrent <n>, --rate <n>/s, --tokens <n>/m, --close, or several of them.',
    );
  const change: LimitChange = {
    ...(concurrent === undefined ? {} : { concurrent }),
    ...(rate === undefined ? {} : { rate: rateOf(rate) }),
    ...(tokens === undefined ? {} : { tokens: rateOf(tokens) }),
  };
  const { changed, closed } = await withHost(context, async ({ host }) => ({
    closed: close === undefined ? null : await host.closeBreaker(pool, context.by),
    changed: isChange ? await host.setLimit(pool, change, context.by) : null,
  }));
  putResult(context, { ...changed, ...closed }, () =>
    [
      ...(changed === null ? [] : [`${changed.pool}: ${limitText(changed.from)} → ${limitText(changed.to)}\n`]),
      ...(closed === null ? [] : [`${closed.pool}: the breaker is ${breakerText(closed.breaker, context.now())}\n`]),
    ].join(''),
  );
  return exitCodes.ok;
}

function rateOf(text: string): NonNullable<Limit['rate']> {
  const rate = parseRate(text);
  if (rate === null || rate === undefined)
    throw new CommandError(exitCodes.usage, `'${text}' is no rate`, 'Write a number and a unit of time: 2/s, 60/m, 1000/h.');
  return rate;
}
