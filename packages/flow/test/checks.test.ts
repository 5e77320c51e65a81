/**
 * What is checked before anything runs, and which definition in `broken/` proves it: the list that the language
 * promises, and for every code that can be told a definition or a test that is told it.
 */

import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';

const folder = new URL('./broken/', import.meta.url);

/** The promise, then `code: definitions`. */
const promised: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'YAML: its syntax, duplicate keys, expressions without quotes, aliases and tags': {
    yaml: ['yaml-tab-indent', 'yaml-indent', 'yaml-unclosed-quote', 'yaml-unclosed-bracket', 'yaml-two-documents'],
    duplicate_key: ['yaml-duplicate-key', 'json-duplicate-key'],
    unquoted_expression: ['yaml-unquoted-choice', 'yaml-unquoted-in-flow-map'],
    unclosed_expression: ['expression-unclosed', 'yaml-comment-cuts-expression'],
    alias: ['yaml-alias'],
    tag: ['yaml-tag'],
    bad_number: ['yaml-number-too-large'],
    bad_text: ['yaml-half-character'],
    forbidden_key: ['yaml-forbidden-key'],
  },
  'shape: keys, one body for each step, durations, rates, quoted versions': {
    unknown_key: ['key-misspelled', 'key-at-root-misspelled', 'key-by-another-name', 'key-where-it-does-not-belong', 'body-key-misspelled'],
    one_body: ['body-missing', 'body-twice', 'states-and-steps'],
    missing_key: ['version-missing', 'states-empty', 'breaker-incomplete'],
    wrong_shape: ['step-not-a-mapping', 'steps-a-list', 'catch-not-a-list', 'retry-a-number'],
    bad_duration: ['duration-bare-number', 'duration-with-years'],
    bad_instant: ['wait-time'],
    bad_rate: ['rate-without-time'],
    unquoted_version: ['version-unquoted'],
    not_an_expression: ['if-not-an-expression'],
  },
  'names: their form, reserved words, no shadowing': {
    bad_name: ['name-with-hyphen', 'name-with-hyphen-read'],
    reserved_name: ['name-reserved', 'state-name-shadowed'],
    shadowed_name: ['name-shadowed-by-step', 'name-shadowed-by-item', 'state-name-shadowed'],
  },
  'references: every name resolves, circles and self-reads': {
    no_such_name: ['reference-unknown', 'reference-into-scope', 'item-in-condition', 'index-outside-each', 'error-outside-catch'],
    no_such_step: ['needs-unknown'],
    no_such_definition: ['like-unknown'],
    no_such_file: ['extends-missing-file'],
    cycle: ['reference-cycle'],
    like_cycle: ['like-circle'],
    self_read: ['reference-self'],
  },
  'states: targets, reachability, an end, bounded loops, the last transition, dead transitions': {
    no_such_state: ['state-target-unknown', 'state-next-enum-value', 'state-events'],
    unreachable_state: ['state-unreachable'],
    no_final_state: ['state-no-final'],
    no_way_out: ['state-no-way-out'],
    endless_loop: ['state-loop-without-max', 'state-loop-undone-by-catch'],
    no_last_transition: ['state-next-without-last'],
    dead_transition: ['state-next-dead'],
  },
  'dominance: what some way to a state leaves out may be null there': {
    maybe_null: ['state-output-maybe-null', 'state-output-after-catch', 'state-events-output'],
  },
  'types: inputs, conditions, lists, counts, text, null, enums, tagged unions, contracts': {
    wrong_type: ['with-wrong-type', 'if-not-a-bool', 'each-over-text', 'each-workers-text', 'collection-as-list', 'returns-never-fits'],
    wrong_value: ['with-literal-out-of-range', 'each-tolerate-unclear', 'input-default-breaks-schema'],
    missing_input: ['with-missing'],
    unknown_input: ['with-misspelled'],
    not_text: ['text-with-list'],
    maybe_null: ['null-after-if', 'null-behind-if', 'null-after-catch', 'null-in-text', 'null-into-input', 'catch-adds-another-shape'],
    never_equal: ['expression-never-equal'],
    no_such_field: ['field-unknown', 'tag-of-another-case', 'error-in-catch'],
    syntax: ['expression-syntax'],
    bad_schema: ['schema-keyword-misspelled', 'schema-type-misspelled'],
  },
  'an agent’s choice of the next state: an enum, whose every value is one': {
    not_an_enum: ['state-next-not-an-enum'],
    no_such_state: ['state-next-enum-value', 'wait-answer-next'],
    maybe_null: ['state-next-maybe-null'],
  },
  'callables: handlers, their versions, schemas, error codes': {
    no_such_handler: ['handler-unknown'],
    version_mismatch: ['handler-version'],
    no_such_schema: ['schema-unknown', 'schema-reference-unknown'],
    unknown_error: ['error-code-misspelled'],
  },
  'lint: calls that cost something without a limit, waits without a timeout, items without a key': {
    no_limit: ['cost-without-limit'],
    no_timeout: ['wait-without-timeout'],
    no_key: ['items-without-key'],
  },
  'policies: pools, effects, timeouts and budgets in others, compensations, caches, secrets, signals': {
    no_such_limit: ['limit-unknown'],
    retry_of_effects: ['retry-of-effects'],
    never_retried: ['retry-within-too-short'],
    timeout_order: ['timeout-longer-than-around', 'wait-never-over'],
    unreachable_catch: ['catch-never-reached'],
    nothing_to_undo: ['compensate-of-reads'],
    budget_order: ['budget-larger-than-around'],
    idle_budget: ['budget-of-nothing'],
    cache_of_effects: ['cache-of-effects'],
    cache_without_call: ['cache-without-call'],
    secret_literal: ['secret-in-definition'],
    secret_reference: ['secret-references', 'secret-within-text'],
    no_taker: ['emit-nobody-takes'],
  },
  'flows that are called: their versions, their contracts, recursion with a bound': {
    no_such_handler: ['flow-call-broken'],
    version_mismatch: ['flow-call-version'],
    ambiguous_flow: ['flow-call-version'],
    broken_flow: ['flow-call-broken'],
    missing_input: ['flow-call-input'],
    no_such_field: ['flow-call-output'],
    held_limit: ['flow-call-held-limit'],
    unknown_error: ['flow-call-errors'],
    retry_of_effects: ['flow-call-effects'],
    unbounded_recursion: ['flow-call-recursion', 'flow-call-recursion-states', 'flow-lent-recursion'],
    no_such_flow: ['flow-lent'],
    wrong_effects: ['flow-lent'],
  },
  'what a version changes: `migrate` fits the steps that there are': {
    no_such_step: ['migrate-wrong'],
    wrong_shape: ['migrate-not-a-list'],
  },
};

/** Told only where no YAML can be the cause; the test that is told it. */
const elsewhere: Readonly<Record<string, string>> = {
  no_such_profile: 'compile.test.ts',
  not_json: 'reading/value-source.test.ts',
  too_deep: 'reading/source.test.ts',
  too_large: 'reading/source.test.ts',
};

describe('what is checked before anything runs', () => {
  for (const [promise, proofs] of Object.entries(promised)) {
    it(promise, () => {
      const missing = Object.entries(proofs).flatMap(([code, names]) =>
        names.filter((name) => !codesToldOf(name).includes(code)).map((name) => `${name}: ${code}`),
      );
      assert.deepEqual(missing, []);
    });
  }

  it('has a definition for every code that the compiler tells, or a test', () => {
    const told = new Set(globSync('*.yaml', { cwd: fileURLToPath(folder) }).flatMap((file) => codesToldOf(file.replace(/\.yaml$/, ''))));
    const unproven = codesInSource().filter((code) => !told.has(code) && !(code in elsewhere));
    assert.deepEqual(unproven, []);
    for (const [code, test] of Object.entries(elsewhere)) {
      assert.ok(readFileSync(new URL(`../src/${test}`, import.meta.url), 'utf8').includes(code), `${test} says nothing of ${code}`);
    }
  });
});

function codesToldOf(name: string): readonly string[] {
  const file = new URL(`${name}.yaml`, folder);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return [...text.matchAll(/^# expect: \w+ (\w+) /gm)].flatMap(([, code]) => code ?? []);
}

/** Codes that the compiler's own files give to findings. */
function codesInSource(): readonly string[] {
  const source = new URL('../src/', import.meta.url);
  const files = globSync('**/*.ts', { cwd: fileURLToPath(source) }).filter((file) => !file.endsWith('.test.ts'));
  return [
    ...new Set(
      files.flatMap((file) =>
        [...readFileSync(new URL(file, source), 'utf8').matchAll(/\bcode: '(\w+)'/g)].flatMap(([, code]) => code ?? []),
      ),
    ),
  ];
}
