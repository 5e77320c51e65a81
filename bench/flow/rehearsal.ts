/**
 * How long a rehearsal of three days takes: retries of hours, waits of a day, two approvals, and an engine that ends.
 *
 *     node bench/flow/rehearsal.ts
 */

import { fails, rehearse, takes } from '@scriptorium/testing';

const flow = `
flow: bench/three-days
version: "1.0.0"
states:
  draft:
    uses: bench/draft
    timeout: 2h
    retry: { max: 5, delay: 2h, factor: 2, cap: 1d, errors: [overloaded, timeout] }
    next: rest
  rest: { wait: 1d, max: 2, next: approve, catch: [{ errors: [loop.exceeded], to: publish }] }
  approve:
    wait: { event: approval, ask: Is it good?, to: [editor], answer: { enum: [publish, rest] } }
    timeout: 7d
    next: \${ approve }
  publish: { uses: bench/publish, with: { text: "\${ draft }" }, retry: { max: 3, delay: 1h, errors: [io] } }
`;

const rounds = 20;
const script = {
  'bench/draft': [fails('overloaded'), takes('3h'), takes('1h', 'text')],
  'bench/publish': [fails('io'), 'out'],
};

const took: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  const start = performance.now();
  await using run = await rehearse(flow, { script });
  for (const answer of ['rest', 'publish']) {
    await run.untilWaiting();
    await run.advance('8h');
    await run.kill();
    await run.answer('approve', answer);
  }
  const { status } = await run.outcome();
  took.push(performance.now() - start);
  if (round === 0)
    console.log(`${status} after ${(run.elapsedMs() / 3_600_000).toFixed(1)} h of virtual time, with ${run.engines()} engines`);
}
const sorted = took.toSorted((a, b) => a - b);
console.log(
  `${rounds} rehearsals: ${ms(sorted[Math.floor(rounds / 2)])} in the median, ${ms(sorted.at(-1))} at most, the first ${ms(took[0])}`,
);

function ms(value = 0): string {
  return `${value.toFixed(0)} ms`;
}
