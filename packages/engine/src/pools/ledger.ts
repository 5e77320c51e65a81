/**
 * The accounts of all budgets: what was used of each, and what is held for calls under way. A call first holds its cost
 * in every budget around it, then waits for its pool; so no pool is kept busy by what has to wait for money.
 *
 * 1. `used + held` of an account never goes beyond its budget, as long as handlers use no more than they declare.
 * 2. Accounts are a fold of the journal: what is held for calls that have not started yet is in memory only.
 * 3. A call that would fit once others have settled waits for them; those that come after it do not take that room. The
 *    runs of a family take turns, so that a large one does not use up what they share; within a run the first comes first.
 * 4. A call that cannot fit any more is refused, whatever the others still give back.
 * 5. What was used stays used when it is taken back, and goes with its step when that has another path.
 * 6. The calls of a run that another one waits for fit into the budgets around that attempt as well, as far as the run's
 *    own budget does not bound them: that is held for the attempt as a whole. What they use counts there at once, and
 *    once: when the attempt ends with the sum of them.
 */

import { addUsage, budgetFailure, exceededUnit, mapPath, moveBudgetId, noUsage, subtractUsage } from '@scriptorium/core';
import type { AttemptId, BudgetScope, Failure, PathMap, Recorded, Usage } from '@scriptorium/core';

export interface Charge {
  readonly run: string;
  /** Those around it, also in the runs that wait for its own. */
  readonly budgets: readonly ChargedBudget[];
  /** The outermost run that waits for its own, or that itself: those of one family take turns. */
  readonly family: string;
  readonly cost: Usage;
  /** Called when the cost is held, at most once. */
  readonly grant: () => void;
  /** Called instead when it cannot fit any more. */
  readonly refuse: (failure: Failure) => void;
}

export interface ChargedBudget extends BudgetScope {
  /** Whose account it is. */
  readonly run: string;
}

interface Account {
  used: Usage;
  held: Usage;
}

/** The accounts of a run without what is held for calls that have not started; plain data. */
export interface SavedAccounts {
  readonly used: readonly (readonly [actor: string, budgets: readonly (readonly [id: string, used: Usage])[]])[];
  readonly started: readonly (readonly [key: string, started: Started])[];
  readonly moves: readonly { readonly seq: number; readonly map: PathMap }[];
  /** Of all calls that have ended. */
  readonly total: Usage;
}

interface Accounts {
  /** By actor, then by the budget's id: those of a chunk go when it settles. */
  readonly byActor: Map<string, Map<string, Account>>;
  /** What attempts that have started hold. */
  readonly started: Map<string, Started>;
  /** Those of them for which another run works. */
  readonly waitedFor: Map<string, Started>;
  /** Of all calls, whatever budgets are around them. */
  readonly total: Account;
  /** Definitions that the run was moved to, by the number of the root's event. */
  readonly moves: { readonly seq: number; readonly map: PathMap }[];
}

interface Started {
  readonly actor: string;
  readonly at: Attempt;
  readonly budgets: readonly string[];
  readonly reserved: Usage;
  readonly child?: string;
}

type Attempt = Pick<AttemptId, 'item' | 'node' | 'attempt'>;

interface Entry {
  readonly charge: Charge;
  state: 'waiting' | 'held' | 'gone';
}

export class Ledger {
  readonly #runs = new Map<string, Accounts>();
  /** By family and run, in the order in which they came; a run that is granted something goes behind the others. */
  readonly #waiting = new Map<string, Map<string, Set<Entry>>>();
  readonly #families = new Map<string, string>();
  /** Runs that attempts wait for, by whose attempts; their accounts stay until those have ended. */
  readonly #callers = new Map<string, string>();
  readonly #gone = new Set<string>();
  /** Families. */
  readonly #changed = new Set<string>();

  /** Whether {@link serve} may have something to do. */
  get hasChanged(): boolean {
    return this.#changed.size > 0;
  }

  /** Returns how to leave, at any moment: before the grant, or after it with what is held. */
  enter(charge: Charge): () => void {
    const { family, run, budgets, cost } = charge;
    const entry: Entry = { charge, state: 'waiting' };
    const runs = this.#waiting.get(family) ?? new Map<string, Set<Entry>>();
    this.#waiting.set(family, runs.set(run, (runs.get(run) ?? new Set()).add(entry)));
    for (const one of [run, ...budgets.map((scope) => scope.run)]) this.#families.set(one, family);
    this.#changed.add(family);
    return () => {
      if (entry.state === 'gone') return;
      if (entry.state === 'held') for (const { run: of, id } of budgets) release(accountOf(this.#accountsOf(of), id), cost);
      this.#pass(entry, 'gone');
      this.#changed.add(family);
    };
  }

  /** Grants and refuses what can be granted or must be refused. */
  serve(): void {
    for (const family of [...this.#changed]) {
      this.#changed.delete(family);
      this.#serveFamily([...inTurns(this.#waiting.get(family)?.values() ?? [])]);
    }
  }

  /** Folds a fact of the run: what was reserved, used or settled by it. */
  fold({ run, actor, seq, event }: Omit<Recorded, 'gseq' | 'at'>): void {
    switch (event.type) {
      case 'attempt.started': {
        const { item, node, attempt, budgets = [], reserved = noUsage, child } = event;
        if (event.reserved === undefined && child === undefined) return;
        const at = { actor, at: { item, node, attempt }, budgets, reserved };
        this.#begin(run, attemptOf(actor, event), child === undefined ? at : { ...at, child });
        return;
      }
      case 'attempt.succeeded':
      case 'attempt.failed':
      case 'attempt.lost':
      case 'attempt.continued': {
        const accounts = this.#runs.get(run);
        if (accounts === undefined) return;
        this.#end(accounts, attemptOf(actor, event), event.used);
        this.#changed.add(this.#families.get(run) ?? run);
        return;
      }
      case 'run.migrated':
        if (Object.keys(event.map).length > 0) move(this.#accountsOf(run), seq, event.map);
        return;
      case 'run.rolled_back':
        moveBack(this.#accountsOf(run), event.to);
        this.#endAll(this.#accountsOf(run), actor);
        return;
      case 'actor.rolled_back':
        this.#endAll(this.#accountsOf(run), actor);
        return;
      case 'chunk.settled':
        this.#runs.get(run)?.byActor.delete(actor);
        return;
      default:
    }
  }

  save(run: string): SavedAccounts {
    const { byActor, started, moves, total } = this.#runs.get(run) ?? { byActor: [], started: [], moves: [], total: { used: noUsage } };
    const used = [...byActor].map(([actor, own]) => [actor, [...own].map(([id, account]) => [id, account.used] as const)] as const);
    return { used, started: [...started], moves: [...moves], total: total.used };
  }

  /** The accounts of a run that is not live yet; events after those that were saved are to be folded. */
  restore(run: string, saved: SavedAccounts): void {
    const accounts = this.#accountsOf(run);
    accounts.moves.push(...saved.moves);
    for (const [actor, own] of saved.used) accounts.byActor.set(actor, new Map(own.map(([id, used]) => [id, { used, held: noUsage }])));
    accounts.total.used = saved.total;
    for (const [key, started] of saved.started) this.#begin(run, key, started);
  }

  /** The run is no longer live here; what it has used counts as long as an attempt waits for it. */
  forget(run: string): void {
    for (const entry of [...(this.#waiting.get(this.#families.get(run) ?? run)?.get(run) ?? [])]) this.#pass(entry, 'gone');
    this.#families.delete(run);
    if (this.#callers.has(run)) this.#gone.add(run);
    else this.clear(run);
  }

  /** Nothing is known of the run, and may be folded anew. */
  clear(run: string): void {
    for (const { child } of this.#runs.get(run)?.waitedFor.values() ?? []) this.#leave(child);
    this.#runs.delete(run);
    this.#gone.delete(run);
  }

  #begin(run: string, key: string, started: Started): void {
    const accounts = this.#accountsOf(run);
    accounts.started.set(key, started);
    hold(accounts.total, started.reserved);
    for (const id of started.budgets) hold(accountOf(accounts, id), started.reserved);
    if (started.child === undefined) return;
    accounts.waitedFor.set(key, started);
    this.#callers.set(started.child, run);
  }

  #end(accounts: Accounts, key: string, used?: Usage): void {
    const started = accounts.started.get(key);
    if (started === undefined) {
      accounts.total.used = addUsage(accounts.total.used, used ?? noUsage);
      return;
    }
    accounts.started.delete(key);
    accounts.waitedFor.delete(key);
    for (const account of [accounts.total, ...started.budgets.map((id) => accountOf(accounts, id))])
      settle(account, started.reserved, used ?? started.reserved);
    this.#leave(started.child);
  }

  /** What an actor's attempts held when they were taken back: nothing else tells what became of them. */
  #endAll(accounts: Accounts, actor: string): void {
    for (const [key, started] of [...accounts.started]) if (started.actor === actor) this.#end(accounts, key);
  }

  #leave(child: string | undefined): void {
    if (child === undefined) return;
    this.#callers.delete(child);
    if (this.#gone.has(child)) this.clear(child);
  }

  #serveFamily(entries: readonly Entry[]): void {
    const scarce = new Set<string>();
    for (const entry of entries) {
      if (entry.state !== 'waiting') continue;
      const { budgets, cost, grant, refuse } = entry.charge;
      const failure = this.#refusal(entry.charge);
      if (failure !== null) {
        this.#pass(entry, 'gone');
        refuse(failure);
        continue;
      }
      const names = budgets.map(({ run, id }) => `${run} ${id}`);
      const lacking = names.filter((_, index) => !this.#hasRoom(budgets[index], cost));
      if (lacking.length === 0 && !names.some((name) => scarce.has(name))) {
        this.#pass(entry, 'held');
        for (const { run, id } of budgets) hold(accountOf(this.#accountsOf(run), id), cost);
        grant();
      }
      for (const name of lacking) scarce.add(name);
    }
  }

  #pass(entry: Entry, state: 'held' | 'gone'): void {
    const { family, run } = entry.charge;
    entry.state = state;
    const runs = this.#waiting.get(family);
    const own = runs?.get(run);
    if (runs === undefined || own?.delete(entry) !== true) return;
    if (own.size === 0 || state === 'held') runs.delete(run);
    if (own.size > 0) runs.set(run, own);
    if (runs.size === 0) this.#waiting.delete(family);
  }

  #refusal({ budgets, cost }: Charge): Failure | null {
    for (const scope of budgets) {
      const { used } = this.#standing(scope);
      const unit = exceededUnit(scope.budget, addUsage(used, cost));
      if (unit !== null) return budgetFailure(scope, unit, used, cost);
    }
    return null;
  }

  #hasRoom(scope: ChargedBudget | undefined, cost: Usage): boolean {
    if (scope === undefined) return true;
    const { used, held } = this.#standing(scope);
    return exceededUnit(scope.budget, addUsage(addUsage(used, held), cost)) === null;
  }

  /** An account with what the runs have used so far that attempts around it wait for. */
  #standing({ run, id }: ChargedBudget): Account {
    const accounts = this.#accountsOf(run);
    const inside = [...accounts.waitedFor.values()].filter(({ budgets }) => budgets.includes(id));
    return this.#withChildren(accountOf(accounts, id), inside);
  }

  #withChildren(account: Account, inside: Iterable<Started>): Account {
    let { used, held } = account;
    for (const { child, reserved } of inside) {
      const accounts = child === undefined ? undefined : this.#runs.get(child);
      if (accounts === undefined) continue;
      const total = this.#withChildren(accounts.total, accounts.waitedFor.values());
      used = addUsage(used, notReserved(total.used, reserved));
      held = addUsage(held, notReserved(total.held, reserved));
    }
    return { used, held };
  }

  #accountsOf(run: string): Accounts {
    const known = this.#runs.get(run) ?? {
      byActor: new Map(),
      started: new Map(),
      waitedFor: new Map(),
      total: { used: noUsage, held: noUsage },
      moves: [],
    };
    this.#runs.set(run, known);
    return known;
  }
}

/** The first of each run, then the second of each, and so on. */
function* inTurns(runs: Iterable<ReadonlySet<Entry>>): Generator<Entry> {
  let queues = Array.from(runs, (own) => own.values());
  while (queues.length > 0) {
    const left: typeof queues = [];
    for (const queue of queues) {
      const next = queue.next();
      if (next.done === true) continue;
      left.push(queue);
      yield next.value;
    }
    queues = left;
  }
}

/** What a run uses of units that are not held for it as a whole. */
function notReserved(used: Usage, { usd, tokens, calls }: Usage): Usage {
  return { usd: usd > 0 ? 0 : used.usd, tokens: tokens > 0 ? 0 : used.tokens, calls: calls > 0 ? 0 : used.calls };
}

function hold(account: Account, cost: Usage): void {
  account.held = addUsage(account.held, cost);
}

function release(account: Account, cost: Usage): void {
  account.held = subtractUsage(account.held, cost);
}

function settle(account: Account, reserved: Usage, used: Usage): void {
  release(account, reserved);
  account.used = addUsage(account.used, used);
}

function move(accounts: Accounts, seq: number, map: PathMap): void {
  accounts.moves.push({ seq, map });
  rename(accounts, map);
}

/** The run goes by the definition again that it had after the event `to` of its root. */
function moveBack(accounts: Accounts, to: number): void {
  for (let last = accounts.moves.at(-1); last !== undefined && last.seq > to; last = accounts.moves.at(-1)) {
    accounts.moves.pop();
    rename(accounts, Object.fromEntries(Object.entries(last.map).flatMap(([from, path]) => (path === null ? [] : [[path, from]]))));
  }
}

function rename({ byActor, started, waitedFor }: Accounts, map: PathMap): void {
  for (const own of byActor.values()) {
    const moved = [...own].map(([id, account]) => [moveBudgetId(id, map), account] as const);
    own.clear();
    for (const [id, account] of moved) own.set(id, account);
  }
  const attempts = [...started.values()];
  started.clear();
  waitedFor.clear();
  for (const attempt of attempts) {
    const at = { ...attempt.at, node: mapPath(map, attempt.at.node) ?? attempt.at.node };
    const moved = { ...attempt, at, budgets: attempt.budgets.map((id) => moveBudgetId(id, map)) };
    const key = attemptOf(attempt.actor, at);
    started.set(key, moved);
    if (moved.child !== undefined) waitedFor.set(key, moved);
  }
}

function accountOf(accounts: Accounts, id: string): Account {
  const actor = id.slice(0, id.lastIndexOf('/'));
  const own = accounts.byActor.get(actor) ?? new Map<string, Account>();
  accounts.byActor.set(actor, own);
  const account = own.get(id) ?? { used: noUsage, held: noUsage };
  own.set(id, account);
  return account;
}

function attemptOf(actor: string, { item, node, attempt }: Attempt): string {
  return `${actor}/${item}:${node}:${attempt}`;
}
