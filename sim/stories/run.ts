/**
 * `npm run story-kills -- [stories] [seed]`: the process of a story is killed by SIGKILL at each moment that a story has,
 * so many of them in one story as make six in all; then so many stories each at eight random commits, before or after
 * they are durable. Says what was killed and charged, and ends with 1 where a story is not the one that nobody disturbed.
 */

import { diceOf } from '../src/chance.ts';
import { faultsOf, tellKilled } from './killed-story.ts';
import type { KilledStory } from './killed-story.ts';

const EVERY = 6;
const COMMITS = 8;
/** A story has about twice as many moments of commits, so that most of these come. */
const LATEST_COMMIT = 60;

const [stories = 10, seed = 1] = process.argv.slice(2).map(Number);
const startedAt = performance.now();
const calm = await tellKilled([]);
const told: KilledStory[] = [];
let wrong = 0;

function judge(what: string, story: KilledStory): void {
  told.push(story);
  const faults = faultsOf(story, calm);
  if (faults.length > 0) wrong += 1;
  for (const fault of faults) console.error(`${what}: ${fault}`);
}

for (let first = 0; first < EVERY; first += 1) {
  const deaths = calm.moments.filter((_, index) => index % EVERY === first);
  judge(`killed at ${deaths.join(', ')}`, await tellKilled(deaths));
}
for (let number = seed; number < seed + stories; number += 1) {
  const dice = diceOf(number);
  const deaths = Array.from({ length: COMMITS }, () => `commit ${1 + dice(LATEST_COMMIT)}`);
  judge(`seed ${number}, killed at ${deaths.join(', ')}`, await tellKilled(deaths, false));
}

const sum = (of: (story: KilledStory) => number): number => told.reduce((total, story) => total + of(story), 0);
const again = sum(({ asked, questions }) => asked - questions.length);
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
console.log(
  `${told.length} stories, ${wrong} of them wrong, in ${seconds} s: ${calm.moments.length} moments of a story, then random commits`,
);
console.log(`${sum(({ kills }) => kills)} kills; ${sum(({ asked }) => asked)} calls, ${again} of them again because they were cut off`);
const [bill, book, most] = [sum(({ charged }) => charged), sum(({ journaled }) => journaled), sum(({ budget }) => budget)];
console.log(`charged by the provider ${bill.toFixed(3)} USD, ${book.toFixed(3)} in the journals, ${most.toFixed(3)} the budgets`);
if (wrong > 0) process.exitCode = 1;
