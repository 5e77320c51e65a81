/**
 * The accounts of all budgets: what was used of each, and what is held for calls under way. A call first holds its cost
 * in every budget around it, then waits for its pool; so no pool is kept busy by what has to wait for money.
 *
 * 1. `used + held` of an account never goes beyond its budget, as long as handlers use no more than they declare.
 * 2. Accounts are a fold of the journal: what is held for calls that have not started yet is in memory only.
 * 3. A call that would fit once others have settled waits for them; those that came later do not take that room.
 * 4. A call that cannot fit any more is refused, whatever the others still give back.
 * 5. What was used stays used when it is taken back, and goes with its step when that has another path.
 */

import { addUsage, budgetFailure, exceededUnit, mapPath, moveBudgetId, noUsage, subtractUsage } from '@scriptorium/core';
import type { AttemptId, BudgetScope, Failure, PathMap, Recorded, Usage } from '@scriptorium/core';

export interface Charge {
  readonly run: string;
  readonly budgets: readonly BudgetScope[];
  readonly cost: Usage;
  /** Called when the cost is held, at most once. */
  readonly grant: () => void;
  /** Called instead when it cannot fit any more. */
  readonly refuse: (failure: Failure) => void;
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
}

interface Accounts {
  /** By actor, then by the budget's id: those of a chunk go when it settles. */
  readonly byActor: Map<string, Map<string, Account>>;
  /** What attempts that have started hold. */
  readonly started: Map<string, Started>;
  /** Definitions that the run was moved to, by the number of the root's event. */
  readonly moves: { readonly seq: number; readonly map: PathMap }[];
  readonly waiting: Set<Entry>;
}

interface Started {
  readonly actor: string;
  readonly at: Attempt;
  readonly budgets: readonly string[];
  readonly reserved: Usage;
}

type Attempt = Pick<AttemptId, 'item' | 'node' | 'attempt'>;

interface Entry {
  readonly charge: Charge;
  state: 'waiting' | 'held' | 'gone';
}

export class Ledger {
  readonly #runs = new Map<string, Accounts>();
  readonly #changed = new Set<string>();

  /** Whether {@link serve} may have something to do. */
  get hasChanged(): boolean {
    return this.#changed.size > 0;
  }

  /** Returns how to leave, at any moment: before the grant, or after it with what is held. */
  enter(charge: Charge): () => void {
    const accounts = this.#accountsOf(charge.run);
    const entry: Entry = { charge, state: 'waiting' };
    accounts.waiting.add(entry);
    this.#changed.add(charge.run);
    return () => {
      if (entry.state === 'gone') return;
      if (entry.state === 'held') for (const { id } of charge.budgets) release(accountOf(accounts, id), charge.cost);
      pass(accounts, entry, 'gone');
      this.#changed.add(charge.run);
    };
  }

  /** Grants and refuses what can be granted or must be refused, in the order in which they came. */
  serve(): void {
    for (const run of [...this.#changed]) {
      this.#changed.delete(run);
      const accounts = this.#runs.get(run);
      if (accounts !== undefined) serveRun(accounts);
    }
  }

  /** Folds a fact of the run: what was reserved, used or settled by it. */
  fold({ run, actor, seq, event }: Omit<Recorded, 'gseq' | 'at'>): void {
    switch (event.type) {
      case 'attempt.started': {
        const { budgets, reserved } = event;
        if (budgets === undefined || reserved === undefined) return;
        const accounts = this.#accountsOf(run);
        const { item, node, attempt } = event;
        accounts.started.set(attemptOf(actor, event), { actor, at: { item, node, attempt }, budgets, reserved });
        for (const id of budgets) hold(accountOf(accounts, id), reserved);
        return;
      }
      case 'attempt.succeeded':
      case 'attempt.failed':
      case 'attempt.lost':
      case 'attempt.continued': {
        const accounts = this.#runs.get(run);
        if (accounts === undefined) return;
        endAttempt(accounts, attemptOf(actor, event), event.used);
        this.#changed.add(run);
        return;
      }
      case 'run.migrated':
        if (Object.keys(event.map).length > 0) move(this.#accountsOf(run), seq, event.map);
        return;
      case 'run.rolled_back':
        moveBack(this.#accountsOf(run), event.to);
        endAttempts(this.#accountsOf(run), actor);
        return;
      case 'actor.rolled_back':
        endAttempts(this.#accountsOf(run), actor);
        return;
      case 'chunk.settled':
        this.#runs.get(run)?.byActor.delete(actor);
        return;
      default:
    }
  }

  save(run: string): SavedAccounts {
    const { byActor, started, moves } = this.#runs.get(run) ?? { byActor: [], started: [], moves: [] };
    const used = [...byActor].map(([actor, own]) => [actor, [...own].map(([id, account]) => [id, account.used] as const)] as const);
    return { used, started: [...started], moves: [...moves] };
  }

  /** The accounts of a run that is not live yet; events after those that were saved are to be folded. */
  restore(run: string, saved: SavedAccounts): void {
    const accounts = this.#accountsOf(run);
    accounts.moves.push(...saved.moves);
    for (const [actor, own] of saved.used) accounts.byActor.set(actor, new Map(own.map(([id, used]) => [id, { used, held: noUsage }])));
    for (const [key, started] of saved.started) {
      accounts.started.set(key, started);
      for (const id of started.budgets) hold(accountOf(accounts, id), started.reserved);
    }
  }

  /** The run is no longer live here. */
  forget(run: string): void {
    this.#runs.delete(run);
    this.#changed.delete(run);
  }

  #accountsOf(run: string): Accounts {
    const known = this.#runs.get(run) ?? { byActor: new Map(), started: new Map(), moves: [], waiting: new Set() };
    this.#runs.set(run, known);
    return known;
  }
}

function serveRun(accounts: Accounts): void {
  const scarce = new Set<string>();
  for (const entry of accounts.waiting) {
    const { charge } = entry;
    const { budgets, cost } = charge;
    const failure = refusal(accounts, charge);
    if (failure !== null) {
      pass(accounts, entry, 'gone');
      charge.refuse(failure);
      continue;
    }
    const lacking = budgets.filter(({ id, budget }) => !hasRoom(accountOf(accounts, id), budget, cost));
    if (lacking.length === 0 && !budgets.some(({ id }) => scarce.has(id))) {
      pass(accounts, entry, 'held');
      for (const { id } of budgets) hold(accountOf(accounts, id), cost);
      charge.grant();
    }
    for (const { id } of lacking) scarce.add(id);
  }
}

function pass(accounts: Accounts, entry: Entry, state: 'held' | 'gone'): void {
  accounts.waiting.delete(entry);
  entry.state = state;
}

function refusal(accounts: Accounts, { budgets, cost }: Charge): Failure | null {
  for (const scope of budgets) {
    const { used } = accountOf(accounts, scope.id);
    const unit = exceededUnit(scope.budget, addUsage(used, cost));
    if (unit !== null) return budgetFailure(scope, unit, used, cost);
  }
  return null;
}

function hasRoom({ used, held }: Account, budget: BudgetScope['budget'], cost: Usage): boolean {
  return exceededUnit(budget, addUsage(addUsage(used, held), cost)) === null;
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

function endAttempt(accounts: Accounts, key: string, used?: Usage): void {
  const started = accounts.started.get(key);
  if (started === undefined) return;
  accounts.started.delete(key);
  for (const id of started.budgets) settle(accountOf(accounts, id), started.reserved, used ?? started.reserved);
}

/** What an actor's attempts held when they were taken back: nothing else tells what became of them. */
function endAttempts(accounts: Accounts, actor: string): void {
  for (const [key, started] of [...accounts.started]) if (started.actor === actor) endAttempt(accounts, key);
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

function rename({ byActor, started }: Accounts, map: PathMap): void {
  for (const own of byActor.values()) {
    const moved = [...own].map(([id, account]) => [moveBudgetId(id, map), account] as const);
    own.clear();
    for (const [id, account] of moved) own.set(id, account);
  }
  const attempts = [...started.values()];
  started.clear();
  for (const { actor, at, budgets, reserved } of attempts) {
    const moved = { ...at, node: mapPath(map, at.node) ?? at.node };
    started.set(attemptOf(actor, moved), { actor, at: moved, budgets: budgets.map((id) => moveBudgetId(id, map)), reserved });
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
