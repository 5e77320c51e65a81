/** What to type, and why: each piece of advice with its reasons, what they rest on, and the time that it takes. */

import { unreachable } from '@scriptorium/core';
import type { Range } from './amount.ts';
import type { Binding } from './forecast.ts';
import { usualWorkers } from './defaults.ts';
import type { Option } from './options.ts';
import type { Basis, PlanRequest } from './plan-request.ts';
import { mainKind } from './workload.ts';
import type { Load } from './workload.ts';

export interface Recommendation {
  /** As it is typed, without the name of the program. */
  readonly command: string;
  readonly because: readonly string[];
  readonly evidence: readonly PlanEvidence[];
  /** Of the whole run's time in milliseconds. */
  readonly range: Range;
  /** A page of the manual. */
  readonly see: string;
}

export interface PlanEvidence {
  readonly says: string;
  /** A run, a part of the flow, or a page of the manual. */
  readonly source: string;
}

const SEE = 'docs/planning.md';

export function recommend(
  plan: Readonly<Record<'usd' | 'tokens', Range | null>> & { readonly options: readonly Option[]; readonly basis: Basis },
  request: PlanRequest,
  loads: readonly Load[],
): readonly Recommendation[] {
  const { options, basis } = plan;
  const best = options.find(({ is }) => is === 'advised') ?? options.find(({ is }) => is === 'configured');
  if (best === undefined) return [];
  const main = {
    command: best.command ?? request.command(null),
    because: [
      ...(best.command === null
        ? [`set \`workers: ${best.workers}\` under the \`each\` of ${best.at} first: the flow file says how many`]
        : []),
      sentenceOf(best.binding, best.workers, request),
      `risk ${best.risk.level}: ${best.risk.because}`,
      ...budgetWarning(plan, request),
    ],
    evidence: evidenceOf(basis, request, loads),
    range: best.ms,
    see: SEE,
  };
  return [...tryFirst(request, best), main, ...widen(best, request, loads)];
}

/** What the flow's budget may be too small for. */
function budgetWarning(plan: Readonly<Record<'usd' | 'tokens', Range | null>>, { flow }: PlanRequest): readonly string[] {
  return (['usd', 'tokens'] as const).flatMap((unit) => {
    const [most, range] = [flow.budget?.[unit], plan[unit]];
    return most === undefined || range === null || range.high <= most
      ? []
      : [`its budget of ${most} ${unit} may not do: up to ${Number(range.high.toPrecision(2))} are expected`];
  });
}

/** A version that has not run yet is tried on a few items. */
function tryFirst({ flow, past, trial }: PlanRequest, { ms }: Option): readonly Recommendation[] {
  if (trial === null || past.some(({ version }) => version === flow.version)) return [];
  return [
    {
      command: trial,
      because: [`${flow.name} ${flow.version} has not run here yet: a few items show what goes wrong, and make the next plan narrower`],
      evidence: [{ says: `${past.length} earlier runs, none of this version`, source: SEE }],
      range: ms,
      see: SEE,
    },
  ];
}

/** A pool that holds everything up while no service has complained may be wider. */
function widen({ binding, ms }: Option, { pools }: PlanRequest, loads: readonly Load[]): readonly Recommendation[] {
  if (
    binding.type !== 'concurrency' ||
    loads.some(({ pool, throttled, measured }) => pool === binding.pool && (throttled > 0 || measured === 0))
  )
    return [];
  const { concurrent = 1 } = pools[binding.pool] ?? {};
  return [
    {
      command: `limits set ${binding.pool} --concurrent ${concurrent * 2}`,
      because: [
        `the pool ${binding.pool} holds the run up with ${concurrent} at once, and none of its calls was throttled in earlier runs`,
      ],
      evidence: [{ says: `concurrent: ${concurrent}`, source: `limits of the flow` }],
      range: { low: ms.low / 2, expected: ms.expected / 2, high: ms.high },
      see: 'docs/language.md#limits',
    },
  ];
}

/** What holds a run up, as a sentence. */
export function sentenceOf(binding: Binding, workers: number, { pools, processors }: Pick<PlanRequest, 'pools' | 'processors'>): string {
  switch (binding.type) {
    case 'workers':
      return workers === 1 ? 'one worker binds: more would be faster' : `${workers} workers bind: more would be faster`;
    case 'items':
      return 'there are no more items than workers: the longest item binds';
    case 'concurrency':
      return `the pool ${binding.pool} binds: ${pools[binding.pool]?.concurrent} at once, whatever the workers`;
    case 'rate': {
      const { n = 0, per = 0 } = pools[binding.pool]?.rate ?? {};
      return `the rate of the pool ${binding.pool} binds: ${n} starts in ${per} ms, whatever the workers`;
    }
    case 'tokens': {
      const { n = 0, per = 0 } = pools[binding.pool]?.tokens ?? {};
      return `the tokens of the pool ${binding.pool} bind: ${n} in ${per} ms, whatever the workers`;
    }
    case 'processors':
      return `${processors} processors bind: handlers in threads use them up`;
    case 'engine':
      return 'the steps are so short that the journal binds';
    case 'steps':
      return 'steps outside of any `each` take most of the time: workers change little';
    default:
      return unreachable(binding);
  }
}

function evidenceOf({ runs }: Basis, { past, processors }: PlanRequest, loads: readonly Load[]): readonly PlanEvidence[] {
  if (runs.length === 0) {
    const kind = mainKind(loads);
    const { low, high } = usualWorkers(kind, processors);
    const count = high === 1 ? '1 worker is' : low === high ? `${low} workers are` : `${low} to ${high} workers are`;
    return [{ says: `cold start: default model; ${count} the default for ${kind}`, source: SEE }];
  }
  return past.map(({ run, activeMs, fans }) => ({
    says: [
      ...(activeMs === null ? [] : [`${Math.round(activeMs)} ms`]),
      ...[...fans].map(([fan, { items, workers }]) => `${items} items of ${fan} with ${workers} workers`),
    ].join(', '),
    source: run,
  }));
}
