/**
 * Plays a setting over real engines: each is opened on the disk of this world, dies or is replaced as the setting says,
 * and everything that it touches outside is virtual. The same setting gives the same history, byte for byte.
 *
 * 1. Between two happenings every promise that can settle has settled: nothing runs beside what this world lets happen.
 * 2. A dead engine is seen by nobody: not its commits, nor its acknowledgements, nor its calls.
 * 3. Whenever no engine has the store, a new one opens it and goes on with what was interrupted.
 */

import type { Handler, Ms } from '@scriptorium/core';
import { openEngine, unwatched } from '@scriptorium/engine';
import type { Engine, Journal, World } from '@scriptorium/engine';
import type { ActName, Commit, History, Moment, Observation } from '../history.ts';
import { OLDEST, START } from '../setting.ts';
import type { Act, Fault, Setting } from '../setting.ts';
import { createChance } from './chance.ts';
import { perform, startedBy, startRun } from './client.ts';
import type { ClientPorts, Told } from './client.ts';
import { contracts } from './contracts.ts';
import { createDays } from './days.ts';
import type { Days } from './days.ts';
import { createDisk } from './disk.ts';
import type { Disk, DiskPorts, Lie } from './disk.ts';
import { silentRecorder } from './silent-recorder.ts';
import { codeOf, createReader, isUnreadable, viewsOf } from './views.ts';
import { createVirtualTime } from './virtual-time.ts';
import type { Owner } from './virtual-time.ts';
import { workersOf } from './workers.ts';

export interface PlayOptions {
  /** A control: what a disk does that nobody may trust. */
  readonly lie?: Lie;
  /** Comes between each engine and its journal. */
  readonly wrap?: (journal: Journal) => Journal;
}

/** A history that is longer than this does not end by itself. */
const MAX_HAPPENINGS = 200_000;
const MAX_ENGINES = 100;
/** Runs of one history that can be interrupted at once. */
const MAX_RUNS = 1_000;
/** An engine that is held up goes on within so much time. */
const MAX_HOLD_MS = 120_000;
/** So long somebody may leave interrupted runs as they are. */
const MAX_PATIENCE_MS = 1_500;
/** States are kept after so many events at most; a real engine's runs are hardly ever so long here. */
const MAX_SNAPSHOT_EVENTS = 40;

type Unplaced = Observation extends infer One ? (One extends Observation ? Omit<One, keyof Moment> : never) : never;

interface Member extends Owner {
  engine: Engine | null;
  epoch: number;
  /** How it ended; of one that crashed nobody is told anything. */
  end: 'crashed' | 'halted' | 'closed' | null;
}

export function playEngine(setting: Setting, options: PlayOptions = {}): Promise<History> {
  return new Play(setting, options).play();
}

class Play {
  readonly #setting: Setting;
  readonly #options: PlayOptions;
  readonly #chance;
  readonly #time;
  readonly #outside;
  readonly #disk: Disk;
  /** Where old runs are removed. */
  readonly #days: Days | null;
  /** In the order in which they began. */
  readonly #forks: string[] = [];
  readonly #readOn = createReader();
  readonly #commits: (Commit & { readonly live: Commit['live'][number][] })[] = [];
  readonly #observations: Observation[] = [];
  readonly #commands: string[] = [];
  /** Ids of the setting's runs, once somebody has been told, or has looked. */
  readonly #runs: (string | null)[];
  /** Acts that wait for an engine. */
  #waiting: (() => void)[] = [];
  #members: Member[] = [];
  #current: Member | null = null;
  #engines = 0;
  /** The last one that ended an engine. */
  #fault: unknown = null;
  /** The store cannot be opened any more. */
  #isLost = false;

  constructor(setting: Setting, options: PlayOptions) {
    this.#setting = setting;
    this.#options = options;
    this.#runs = setting.runs.map(() => null);
    this.#chance = createChance(setting.seed);
    this.#time = createVirtualTime(START, (below) => this.#chance.number('order', below));
    this.#outside = this.#time.clockOf({ state: 'live' });
    const ports: DiskPorts = {
      now: this.#time.now,
      mono: this.#time.mono,
      faults: setting.faults.filter((fault) => 'commit' in fault),
      lie: options.lie,
      crash: (epoch, why) => this.#crash(this.#memberOf(epoch), why),
      takeover: (epoch) => this.#hold(this.#memberOf(epoch)),
      committed: (commit) => this.#commits.push({ ...commit, live: [] }),
    };
    const { lasting, faults } = setting;
    const about = { faults, disk: ports, time: this.#time, outside: this.#outside, chance: this.#chance };
    const [observe, ask] = [(seen: Unplaced): void => this.#observe(seen), (act: Act): void => this.#ask(act)];
    this.#days = lasting === undefined ? null : createDays({ ...about, lasting, observe, ask });
    this.#disk = this.#days?.disk ?? createDisk(ports);
  }

  async play(): Promise<History> {
    const { after } = this.#outside;
    for (const [index, run] of this.#setting.runs.entries()) after(run.atMs, () => this.#start(index));
    for (const { atMs, act } of this.#setting.acts) after(atMs, () => this.#ask(act));
    for (const fault of this.#setting.faults) if ('atMs' in fault) after(fault.atMs, () => this.#strike(fault));
    for (let happenings = 0; ; happenings += 1) {
      if (happenings > MAX_HAPPENINGS) throw new Error(`the history does not end: ${MAX_HAPPENINGS} things have happened`);
      await settled();
      if (this.#isLost) break;
      if (this.#current === null) this.#open();
      else if ((this.#days?.areOver() === true || !this.#time.step()) && !(await this.#nudge())) break;
    }
    await this.#look();
    for (const member of this.#members) this.#bury(member, 'closed');
    await settled();
    await this.#days?.disk.close();
    const store = this.#disk.store();
    return {
      level: 'engine',
      rows: this.#disk.rows(),
      commits: this.#commits,
      observations: this.#observations,
      commands: this.#commands,
      flows: new Map(store.flows),
      read: (ref) => store.read(ref),
    };
  }

  #observe(observation: Unplaced): void {
    const moment: Moment = { at: this.#time.now(), mono: this.#time.mono(), head: this.#disk.head() };
    this.#observations.push({ ...moment, ...observation });
  }

  #memberOf(epoch: number): Member {
    const member = this.#members.find((one) => one.epoch === epoch);
    if (member === undefined) throw new Error(`there is no engine ${epoch}`);
    return member;
  }

  #open(): void {
    this.#engines += 1;
    if (this.#engines > MAX_ENGINES) throw new Error(`${MAX_ENGINES} engines have ended`, { cause: this.#fault });
    const member: Member = { state: 'live', engine: null, epoch: 0, end: null };
    this.#current = member;
    this.#members = [...this.#members.filter(({ state }) => state !== 'dead'), member];
    openEngine({
      home: '/simulated',
      modules: [{ url: 'simulated:handlers', handlers: this.#workersOf(member) }],
      contracts,
      env: {},
      snapshotEvery: 1 + this.#chance.number('snapshots', MAX_SNAPSHOT_EVENTS),
      ...this.#days?.options,
      world: this.#worldOf(member),
      onHalt: (error) => this.#halt(member, error),
      onCommand: (run, actor, command) => this.#commands.push(`${run} ${actor} ${JSON.stringify(command)}`),
      onCommitted: (events, stateOf) => {
        const live = this.#commits.at(-1)?.live;
        for (const actor of new Set(events.map((one) => one.actor))) {
          const state = stateOf(actor);
          if (state !== undefined) live?.push({ run: events[0]?.run ?? '', actor, state });
        }
      },
    }).then(
      (engine) => this.#goOn(member, engine),
      (error: unknown) => this.#halt(member, error),
    );
  }

  /** All but the calling of handlers, which is the engine's own: its workers are ours. */
  #worldOf(member: Member): Omit<World, 'createInvoker'> {
    const clock = this.#time.clockOf(member);
    const { wrap = (journal: Journal) => journal } = this.#options;
    return {
      clock,
      chance: this.#chance.bytes,
      pid: 1,
      acquire: (dir) => ({ dir, release: () => undefined }),
      openJournal: (path) => {
        const journal = wrap(this.#disk.openJournal(path));
        member.epoch = journal.epoch;
        return {
          ...journal,
          commit: (batch) => {
            if (member.state === 'dead') throw new Error('a dead engine writes nothing');
            return journal.commit(batch);
          },
        };
      },
      openRemovalLock:
        this.#days?.openRemovalLock ??
        (() => {
          throw new Error('nothing is removed from a store here');
        }),
      spaceOf: () => {
        throw new Error('no store here has a reserve to watch');
      },
      createRecorder: () => silentRecorder(clock),
      outputs: { link: async () => null, move: async () => true, removeLeftovers: async () => 0 },
      watchLoop: () => unwatched,
    };
  }

  #workersOf(member: Member): readonly Handler[] {
    const unlessDead = (observe: () => void): void => {
      if (member.state !== 'dead') observe();
    };
    return workersOf({
      setting: this.#setting,
      epoch: () => member.epoch,
      indexOf: (run) => this.#indexOf(run),
      clock: this.#time.clockOf(member),
      begun: (site, input) => unlessDead(() => this.#observe({ type: 'call.begun', ...site, input })),
      ended: (site, result) => unlessDead(() => this.#observe({ type: 'call.ended', ...site, result })),
    });
  }

  /** Place of a run among those of the setting. */
  #indexOf(run: string): number | null {
    const row = this.#disk.store().runs.get(run);
    const index = this.#setting.runs.findIndex((_, place) => row?.startedBy === startedBy(place));
    return index === -1 ? null : index;
  }

  async #goOn(member: Member, engine: Engine): Promise<void> {
    if (member.state === 'dead') return engine.abandon();
    member.engine = engine;
    this.#observe({ type: 'engine.opened', epoch: member.epoch });
    // Others may ask for something of a run before anybody goes on with it.
    const isEarly = this.#chance.number('early', 2) === 1;
    if (isEarly) {
      this.#askWaiting();
      await new Promise<void>((resolve) => void this.#outside.after(this.#chance.number('early', MAX_PATIENCE_MS), resolve));
      if (member.end !== null) return;
    }
    for (const { run } of await engine.list({ status: 'interrupted', children: true, limit: MAX_RUNS }))
      await this.#tell(member, { act: 'resume', run, id: null }, () =>
        perform({ ...this.#places, host: engine, runAt: () => run }, { do: 'resume', run: 0 }),
      );
    this.#askWaiting();
  }

  #askWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const ask of waiting) ask();
  }

  /** The engine ends by itself: the disk failed, another one has its store, or it is broken. */
  #halt(member: Member, error: unknown): void {
    if (member.state === 'dead') return;
    this.#observe({ type: 'engine.halted', epoch: member.epoch, code: codeOf(error) });
    this.#fault = error;
    if (isUnreadable(error)) this.#isLost = true;
    this.#bury(member, 'halted');
  }

  #crash(member: Member, why: string): void {
    if (member.state === 'dead') return;
    this.#observe({ type: 'engine.crashed', epoch: member.epoch, why });
    this.#disk.cutPower();
    this.#bury(member, 'crashed');
  }

  #bury(member: Member, end: NonNullable<Member['end']>): void {
    member.state = 'dead';
    member.end = end;
    if (this.#current === member) this.#current = null;
    // Not within the commit that it may be at.
    void Promise.resolve()
      .then(() => member.engine?.abandon())
      .catch(() => undefined);
  }

  /** It notices nothing until it goes on, and by then another one has the store. */
  #hold(member: Member): void {
    member.state = 'held';
    if (this.#current === member) this.#current = null;
    this.#outside.after(1 + this.#chance.number('hold', MAX_HOLD_MS), () => {
      if (member.state === 'held') member.state = 'live';
    });
  }

  #strike(fault: Extract<Fault, { readonly atMs: Ms }>): void {
    if (fault.what === 'clock') {
      this.#time.jump(fault.byMs);
      this.#observe({ type: 'clock.jumped', byMs: fault.byMs });
    } else if (this.#current !== null) this.#crash(this.#current, 'between two commits');
  }

  /** As soon as an engine has the store. */
  #whenOpen(ask: (member: Member, engine: Engine) => void): void {
    const member = this.#current;
    if (member?.engine != null) ask(member, member.engine);
    else this.#waiting.push(() => this.#whenOpen(ask));
  }

  /** Whoever was told nothing looks whether the run is there, and starts it again if it is not. */
  #start(index: number): void {
    const planned = this.#setting.runs[index];
    if (planned === undefined) return;
    this.#whenOpen((member, engine) => {
      const known = [...this.#disk.store().runs.values()].find((row) => row.startedBy === startedBy(index));
      this.#runs[index] = known?.run ?? null;
      if (known !== undefined) return;
      const ask = async (): Promise<Told> => {
        const told = await startRun(engine, planned, index);
        this.#runs[index] = told.run;
        return told;
      };
      void this.#tell(member, { act: 'start', run: '', id: null }, ask, () => this.#start(index));
    });
  }

  #ask(act: Act): void {
    if (act.do === 'read') return this.#days?.read(act.forMs);
    this.#whenOpen((member, host) => {
      const run = 'run' in act ? (this.#runAt(act.run) ?? '') : '';
      const id = 'id' in act ? act.id : null;
      const ask = (): Promise<Told | null> => perform({ host, ...this.#places }, act);
      // What carries an id can be said again.
      const again = id === null ? undefined : () => this.#ask(act);
      void this.#tell(member, { act: act.do, run, id }, ask, again).then(() => {
        if ((act.do === 'drain' || act.do === 'stop') && member.state !== 'dead') this.#bury(member, 'closed');
      });
    });
  }

  /** Asks, and observes what the client is told; who hears nothing may ask again. */
  async #tell(
    member: Member,
    about: { readonly act: ActName; readonly run: string; readonly id: string | null },
    ask: () => Promise<Told | null>,
    again?: () => void,
  ): Promise<void> {
    try {
      const told = await ask();
      if (member.end === 'crashed') again?.();
      else if (told !== null) {
        this.#observe({ type: 'client.acked', act: about.act, ...told });
        if (about.act === 'fork') this.#forks.push(told.run);
        await this.#lookAt(member, told.run);
      }
    } catch (error) {
      if (member.end !== 'crashed') this.#observe({ type: 'client.refused', ...about, code: codeOf(error) });
      if (member.end !== null) again?.();
    }
  }

  /** Whether somebody outside has done something. */
  async #nudge(): Promise<boolean> {
    const engine = this.#current?.engine;
    if (engine == null) throw new Error('the engine does not open, and nothing else happens', { cause: this.#fault });
    const waits = (await engine.waits()).filter(({ event }) => event !== null);
    const act = this.#setting.nudge(
      waits,
      this.#runs.flatMap((run) => (run !== null && this.#disk.store().runs.get(run)?.endedAt === null ? [run] : [])),
    );
    if (act !== null) this.#ask(act);
    return act !== null;
  }

  /** What somebody sees of a run that they have just asked something of. */
  async #lookAt({ state, engine }: Member, run: string): Promise<void> {
    if (state !== 'live' || engine === null || run === '') return;
    for (const seen of await this.#readOn(engine, run)) this.#observe(seen);
  }

  readonly #places: Omit<ClientPorts, 'host'> = {
    runAt: (index) => this.#runAt(index),
    plannedAt: (index) => this.#setting.runs[index] ?? null,
  };

  #runAt(index: number): string | null {
    if (index === OLDEST) return this.#days?.disk.oldest() ?? null;
    return this.#runs[index] ?? this.#forks[index - this.#runs.length] ?? null;
  }

  /** What clients see in the end. */
  async #look(): Promise<void> {
    const engine = this.#current?.engine;
    if (engine == null) return;
    for (const seen of await viewsOf(engine, this.#disk.store().runs.keys())) this.#observe(seen);
    this.#days?.disk.look();
    this.#observe({ type: 'quiet', timers: this.#time.timers() });
  }
}

/** Until every promise has settled that can. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
