/** The flows of those who read and send messages in a scenario, and what they and other people do. */

import { unreachable } from '@scriptorium/core';
import type { Flow, Handler, JsonObject, RunOptions } from '@scriptorium/core';
import { coreHandlers } from '@scriptorium/engine';
import { compileFlow, formatDiagnostic } from '@scriptorium/flow';
import { planHandlers } from '@scriptorium/testing/model/definition';
import { ACCEPTED, TOPIC } from './letters.ts';
import type { Letter, PostPlan } from './letters.ts';
import { START } from './setting.ts';
import type { Act, PlannedAct, PlannedRun } from './setting.ts';

/** The runs that read and send. */
export function runsOf({ boxes, parties }: PostPlan): readonly PlannedRun[] {
  return parties.map((party): PlannedRun => {
    const place = party.box % boxes.length;
    const { atMs } = party;
    const run = { atMs, called: {}, options };
    if (party.does !== 'read') {
      const { does, workers } = party;
      const flow = compile(`${does} ${workers}`, () => senderOf(does, workers));
      const letters = party.letters.map((letter) => sayingOf(letter, atMs));
      return { ...run, flow, input: { box: does === 'publish' ? TOPIC : boxName(place), letters } };
    }
    const { patienceMs, isFragile, readers, rounds } = party;
    const flow = compile(`read ${patienceMs === null} ${isFragile}`, () => readerOf(patienceMs === null, isFragile));
    const { capacity, deliveries, isPicky, isSubscribed } = at(boxes, place);
    const settings = { capacity, deliveries, accepts: isPicky ? picky : true, topics: isSubscribed ? [TOPIC] : [] };
    const input = { mailbox: boxName(place), ...settings, within: `${patienceMs ?? 0}ms`, rounds, readers: [...Array(readers).keys()] };
    return { ...run, flow, input };
  });
}

function boxName(place: number): string {
  return `box${place}`;
}

function sayingOf({ n, key, priority, withinMs }: Letter, atMs: number): JsonObject {
  const deadline = withinMs === null ? null : new Date(START + atMs + withinMs).toISOString();
  return { n, text: textOf(n), key: key === 0 ? null : `k${key}`, priority, deadline };
}

/** So long in one letter of ten that it is kept beside the event. */
function textOf(n: number): string {
  return n === 9 ? 'at length '.repeat(1_000) : 'in short';
}

/** What people do; `runs`: how many there are. */
export function actsOf({ boxes, acts }: PostPlan, runs: number): readonly PlannedAct[] {
  const sent: Act[] = [];
  return acts.flatMap(({ do: what, atMs, pick, more }, index): readonly PlannedAct[] => {
    const one = (act: Act | undefined): readonly PlannedAct[] => (act === undefined ? [] : [{ atMs, act }]);
    const run = pick % runs;
    const box = boxName(pick % boxes.length);
    switch (what) {
      case 'send':
      case 'publish': {
        const key = more % 3 === 0 ? null : `k${more % 3}`;
        const act: Act = {
          do: 'send',
          topic: what === 'publish',
          to: what === 'publish' ? TOPIC : box,
          n: more % 10,
          key,
          id: `letter ${index}`,
        };
        sent.push(act);
        return one(act);
      }
      case 'again':
        return one(sent[pick % Math.max(1, sent.length)]);
      case 'redeliver':
        return [{ atMs: atMs + (more % 2) * LATER_MS, act: { do: 'redeliver', box } }];
      case 'pause':
        return [
          { atMs, act: { do: 'pause', run } },
          { atMs: atMs + 10 * more, act: { do: 'resume', run } },
        ];
      case 'cancel':
        return one({ do: 'cancel', run });
      case 'drain':
      case 'stop':
        return one({ do: what });
      case 'rollback':
        return [
          { atMs, act: { do: 'pause', run } },
          { atMs: atMs + 1, act: { do: 'rollback', run, share: more / 100 } },
          { atMs: atMs + 2, act: { do: 'resume', run } },
        ];
      case 'fork':
        return one({ do: 'fork', run, step: null });
      default:
        return unreachable(what);
    }
  });
}

const picky = { type: 'object', required: ['n'], properties: { n: { type: 'integer', maximum: ACCEPTED } } } as const;

const callables: ReadonlyMap<string, Handler> = new Map([...coreHandlers, ...planHandlers].map((one) => [one.name, one]));
const options: RunOptions = { mode: 'flexible', test: false, dryRun: false, limit: null, out: '/out', fresh: false, modules: [] };

/** By then some letters may be dead. */
const LATER_MS = 40_000;
/** Visits of a state, more than any reader makes. */
const MAX_VISITS = 100;

const said: JsonObject = {
  type: 'object',
  required: ['n', 'text', 'key', 'priority', 'deadline'],
  properties: {
    n: { type: 'integer' },
    text: { type: 'string' },
    key: { type: ['string', 'null'] },
    priority: { type: 'integer' },
    deadline: { type: ['string', 'null'] },
  },
};

const uses = { send: 'core/send', ask: 'core/request', publish: 'core/publish' } as const;

function senderOf(does: keyof typeof uses, workers: number): JsonObject {
  return {
    flow: `sim/${does}`,
    version: '1.0.0',
    input: { box: { type: 'string' }, letters: { type: 'array', items: said } },
    steps: {
      all: {
        each: { in: '${ input.letters }', as: 'letter', workers, tolerate: '100%' },
        uses: uses[does],
        with: {
          [does === 'publish' ? 'topic' : 'to']: '${ input.box }',
          payload: { n: '${ letter.n }', text: '${ letter.text }' },
          key: '${ letter.key }',
          priority: '${ letter.priority }',
          deadline: '${ letter.deadline }',
        },
        retry: { max: 3, delay: '20s', errors: ['overloaded'] },
      },
    },
  };
}

/** Takes a letter, works on it, and says what the work gives: an answer, a refusal, what was done, or nothing. The last one it only takes. */
function readerOf(isPatient: boolean, isFragile: boolean): JsonObject {
  const settings = Object.fromEntries(
    ['mailbox', 'capacity', 'deliveries', 'accepts', 'topics', ...(isPatient ? [] : ['within'])].map((name) => [
      name,
      `\${ input.${name} }`,
    ]),
  );
  return {
    flow: 'sim/read',
    version: '1.0.0',
    input: {
      mailbox: { type: 'string' },
      capacity: { type: 'integer' },
      deliveries: { type: 'integer' },
      accepts: { type: ['object', 'boolean'] },
      topics: { type: 'array', items: { type: 'string' } },
      within: { type: 'string' },
      readers: { type: 'array', items: { type: 'integer' } },
      rounds: { type: 'integer' },
    },
    steps: {
      all: {
        each: { in: '${ input.readers }', as: 'reader', workers: 3, ...(isFragile ? {} : { tolerate: '100%' }) },
        states: {
          next: {
            max: MAX_VISITS,
            uses: 'core/receive',
            with: settings,
            next: [{ if: '${ visits > input.rounds }', to: 'end' }, { to: 'work' }],
            catch: [{ errors: ['timeout'], to: 'end' }],
          },
          work: {
            uses: 'model/work',
            with: { call: 'letter', at: ['${ next.id }', '${ reader }'], visit: 0, add: 0 },
            retry: { max: 1, delay: '1s', errors: ['io'] },
            next: [{ if: '${ work < 3 }', to: 'next' }, { to: 'say' }],
          },
          say: {
            uses: 'core/reply',
            with: {
              message: '${ next }',
              outcome: "${ work == 3 ? 'refused' : work == 4 ? 'returned' : 'answered' }",
              payload: { n: '${ work }' },
            },
            next: 'next',
          },
          end: { value: true },
        },
      },
    },
  };
}

const compiled = new Map<string, Flow>();

function compile(key: string, definition: () => JsonObject): Flow {
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const source = definition();
  const { flow, diagnostics } = compileFlow(source, { file: 'letters.flow.yaml', callables });
  if (flow === null) throw new Error(diagnostics.map((one) => formatDiagnostic(one, JSON.stringify(source, null, 2))).join('\n'));
  compiled.set(key, flow);
  return flow;
}

function at<T>(list: readonly T[], index: number): T {
  const one = list[index];
  if (one === undefined) throw new RangeError(`there is no ${index} of ${list.length}`);
  return one;
}
