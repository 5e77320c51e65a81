/**
 * `npm run spending -- [runs] [seed] [killed]`: runs with budgets, pools and runs inside of them, whose engine ends at
 * random moments of virtual time and around random commits; then some whose process is killed by SIGKILL. Says what was
 * charged, and ends with 1 where anything is wrong.
 */

import { killedRun } from './killed.ts';
import { play } from './play.ts';

const [runs = 1_000, first = 1, killed = 5] = process.argv.slice(2).map(Number);
const startedAt = performance.now();
const sum = { calls: 0, cutOff: 0, refused: 0, kills: 0, budget: 0, charged: 0, journaled: 0 };
let [most, wrong] = [0, 0];
for (let seed = first; seed < first + runs; seed += 1) {
  const { faults, ...figures } = await play(seed);
  for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += figures[name];
  most = Math.max(most, figures.charged / figures.budget);
  if (faults.length > 0) wrong += 1;
  for (const fault of faults) console.error(`seed ${seed}: ${fault}`);
}
const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
console.log(`${runs} runs from seed ${first}, ${wrong} of them wrong, in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
console.log(`${sum.kills} ends of the engine; ${sum.calls} calls, ${sum.cutOff} of them cut off; ${sum.refused} refused`);
console.log(`charged by the provider ${percent(sum.charged / sum.budget)} of all budgets, ${percent(most)} of one at most`);
console.log(`used by the journal ${percent(sum.journaled / sum.budget)}: calls that were cut off count in full`);
for (let seed = first; seed < first + killed; seed += 1) {
  const { kills, calls, ok, charged, journaled, budget } = await killedRun(seed, 3);
  const isRight = charged <= journaled + 1e-9 && journaled <= budget;
  if (!isRight) wrong += 1;
  const [bill, book, most] = [charged, journaled, budget].map((usd) => usd.toFixed(3));
  console.log(`killed ${kills} times: ${calls} calls, ${ok} answered; ${bill} USD charged, ${book} in the journal, ${most} the budget`);
}
if (wrong > 0 || runs === 0) process.exitCode = 1;
