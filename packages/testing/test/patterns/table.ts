/**
 * The 43 control-flow patterns of Russell, ter Hofstede, van der Aalst and Mulyar, Workflow Control-Flow Patterns: A
 * Revised View (2006), and what the language makes of each. docs/patterns.md is written from this table.
 */

export interface Pattern {
  readonly number: number;
  readonly name: string;
  readonly claim: 'yes' | 'partly' | 'no';
  /** How it is written; where it is not or not wholly there, what is missing or why it was left out. */
  readonly how: string;
}

export const patterns: readonly Pattern[] = [
  yes(1, 'Sequence', 'A step runs after those that it reads, or names under `needs`.'),
  yes(2, 'Parallel split', 'Steps that read nothing of each other run in parallel.'),
  yes(3, 'Synchronization', 'A step that reads several others waits for all of them.'),
  yes(4, 'Exclusive choice', '`next` with guards, or an expression that names the state.'),
  yes(5, 'Simple merge', 'Several states lead to one with `next`.'),
  yes(6, 'Multi-choice', '`if` on each of several steps.'),
  yes(7, 'Structured synchronizing merge', 'A step that was skipped has settled: who reads it goes on, and sees null.'),
  no(
    8,
    'Multi-merge',
    'A step runs once in each visit of its scope. To run what follows for every branch, put it into the branch, or the branches into an `each`.',
  ),
  partly(
    9,
    'Structured discriminator',
    'The scope goes on with the first (`until`), but the other branches are cancelled, not left to end.',
  ),
  yes(10, 'Arbitrary cycles', '`next` may lead to any state of the scope, also into the midst of a loop; each loop has a bound.'),
  yes(11, 'Implicit termination', 'A scope is done when nothing in it can run any more.'),
  yes(
    12,
    'Multiple instances without synchronization',
    'An `each` that starts runs of a flow and leaves them to themselves: `detached: true`.',
  ),
  yes(13, 'Multiple instances with a priori design-time knowledge', '`each` over a list in the definition.'),
  yes(14, 'Multiple instances with a priori run-time knowledge', '`each` over what a step gave.'),
  partly(
    15,
    'Multiple instances without a priori run-time knowledge',
    'In rounds: a state with an `each` is entered again for what came meanwhile. An `each` that has begun takes no more items.',
  ),
  yes(
    16,
    'Deferred choice',
    'A state with `wait` goes by what comes first: the answer, a signal that leads elsewhere (`events`), or the `timeout`.',
  ),
  yes(17, 'Interleaved parallel routing', 'Steps that share a `limit: { concurrent: 1 }`; `needs` orders those that must be.'),
  yes(18, 'Milestone', '`events` of a state: the signal leads somewhere only while the state is entered.'),
  yes(19, 'Cancel activity', 'A `timeout`, or a signal that leads out of the state (`events`).'),
  yes(20, 'Cancel case', '`scriptorium cancel`, or a step that fails and is not caught.'),
  yes(21, 'Structured loop', 'A state that leads back to itself, bounded by `max`.'),
  yes(22, 'Recursion', 'A flow that calls itself as a child.'),
  yes(
    23,
    'Transient trigger',
    'A signal that leads out of a state (`events`): while the run is not in that state it is refused, and not kept.',
  ),
  yes(24, 'Persistent trigger', 'A signal is kept until a `wait` takes it.'),
  yes(25, 'Cancel region', 'A scope as a state, left by a signal; or one whose step fails, with a `catch`.'),
  yes(
    26,
    'Cancel multiple instance activity',
    'An `each` in which more items fail than it tolerates, or a state with an `each` that is left by a signal.',
  ),
  yes(27, 'Complete multiple instance activity', '`until` of an `each`: what is done is its result, the rest is cancelled.'),
  no(28, 'Blocking discriminator', 'A scope has one activation at a time, so none can be blocked by another.'),
  yes(29, 'Cancelling discriminator', '`until` of a scope: with the first branch that is done, the others are cancelled.'),
  partly(
    30,
    'Structured partial join',
    'The scope goes on with the first n of m (`until`), but the other branches are cancelled, not left to end.',
  ),
  no(31, 'Blocking partial join', 'As 28.'),
  yes(32, 'Cancelling partial join', '`until` of a scope that counts what is done.'),
  no(33, 'Generalized AND-join', 'It joins a branch that was passed more than once; a step runs once in each visit of its scope.'),
  partly(
    34,
    'Static partial join for multiple instances',
    'The flow goes on with the first n items (`until`), but the other items are cancelled, not left to end.',
  ),
  yes(35, 'Cancelling partial join for multiple instances', '`until` of an `each` that counts what is done.'),
  partly(36, 'Dynamic partial join for multiple instances', '`until` of an `each` goes by what the items gave, but no items can be added.'),
  yes(37, 'Acyclic synchronizing merge', 'A step waits for all that it reads; what was skipped has settled.'),
  no(
    38,
    'General synchronizing merge',
    'Whether a branch in a loop can still arrive is no question of the state alone (an OR-join); each costs the reducer more than anybody has asked for.',
  ),
  yes(39, 'Critical section', 'Steps that share a `limit: { concurrent: 1 }`, of one run or of many.'),
  yes(40, 'Interleaved routing', 'Steps that share a `limit: { concurrent: 1 }`, in any order.'),
  no(
    41,
    'Thread merge',
    'There are no threads within a branch: what runs several times is an `each`, whose items are joined by its result.',
  ),
  no(42, 'Thread split', 'As 41: `each`.'),
  yes(43, 'Explicit termination', 'A state without `next` ends the scope; `core/fail` ends it as failed, and cancels what runs beside it.'),
];

function yes(number: number, name: string, how: string): Pattern {
  return { number, name, claim: 'yes', how };
}

function partly(number: number, name: string, how: string): Pattern {
  return { number, name, claim: 'partly', how };
}

function no(number: number, name: string, how: string): Pattern {
  return { number, name, claim: 'no', how };
}
