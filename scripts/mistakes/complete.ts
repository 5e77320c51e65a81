/** Mistakes in the two complete flows that the language was designed on. */

import type { Mistake } from './mistake.ts';

export const complete: Readonly<Record<string, readonly Mistake[]>> = {
  'packages/testing/test/complete/story-novel.flow.yaml': [
    {
      from: 'handoff: { enum: [write, research, accept] }',
      to: 'handoff: { enum: [write, research, acept] }',
      at: '- to: ${ ⟦critique.handoff⟧ }',
      code: 'no_such_state',
      says: "did you mean 'accept'?",
    },
    {
      from: 'handoff: { enum: [write, research, accept] }',
      to: 'handoff: { type: string }',
      at: '- to: ${ ⟦critique.handoff⟧ }',
      code: 'not_an_enum',
      says: 'not str',
    },
    {
      from: '            max: 4                       # the loop bound; beyond it: loop.exceeded\n',
      to: '',
      at: '          ⟦write⟧:\n            like: writer',
      code: 'endless_loop',
      says: 'nothing bounds this loop',
    },
    { from: 'critique?.notes ?? []', to: 'critique.⟦notes⟧ ?? []', code: 'maybe_null', says: 'use critique?.notes' },
    { from: 'research?.facts ?? []', to: 'research?.⟦fact⟧ ?? []', code: 'no_such_field', says: "did you mean 'facts'?" },
    { from: 'people: ${ people.ok }', to: 'people: ${ ⟦poeple⟧.ok }', code: 'no_such_name', says: "did you mean 'people'?" },
    {
      from: 'decision: { enum: [publish, rework, abandon] }',
      to: 'decision: { enum: [publish, rework, leave] }',
      at: 'next: ${ ⟦approve.decision⟧ }',
      code: 'no_such_state',
      says: "there is no state 'leave'",
    },
    {
      from: '    timeout: 7d\n',
      to: '',
      at: 'event: ⟦approval⟧',
      code: 'no_timeout',
      severity: 'warning',
      says: 'nothing bounds this wait',
    },
    { from: 'event: approval\n', to: '⟦evnt⟧: approval\n', code: 'unknown_key', says: "did you mean 'event'?" },
    { from: '    budget: { usd: 1.5 }', to: '    budget: { ⟦usdd⟧: 1.5 }', code: 'unknown_key', says: "did you mean 'usd'?" },
    { from: 'uses: store/delete', to: 'uses: ⟦store/delet⟧', code: 'no_such_handler', says: "did you mean 'store/delete'?" },
    { from: 'outliner:   { like: agent,', to: 'outliner:   { like: ⟦agnet⟧,', code: 'no_such_definition', says: "did you mean 'agent'?" },
    { from: 'returns: Outline }', to: 'returns: ⟦Outlin⟧ }', code: 'no_such_schema', says: "did you mean 'Outline'?" },
    { from: 'url: ${ publish.url }', to: 'url: ${ publish.⟦urls⟧ }', code: 'no_such_field', says: "did you mean 'url'?" },
  ],
  'packages/testing/test/complete/book-batch.flow.yaml': [
    { from: 'if: ${ input.catalog != null }', to: 'if: ${ ⟦input.catalog⟧ }', code: 'wrong_type', says: '`if` is' },
    { from: 'needs: [preflight]', to: 'needs: [⟦prefligth⟧]', code: 'no_such_step', says: "did you mean 'preflight'?" },
    { from: 'sanity?.meta ?? {}', to: 'sanity.⟦meta⟧ ?? {}', code: 'maybe_null', says: 'use sanity?.meta' },
    {
      from: 'errors: [not_in_catalog]',
      to: 'errors: [⟦not_in_catalogue⟧]',
      code: 'unknown_error',
      severity: 'warning',
      says: "did you mean 'not_in_catalog'?",
    },
    { from: 'run.mode == "strict"', to: 'run.mode == ⟦"strick"⟧', code: 'never_equal', says: 'did you mean "strict"?' },
    { from: 'path: ${ clean.path }', to: 'path: ${ clean.⟦pat⟧ }', code: 'no_such_field', says: "did you mean 'path'?" },
    { from: 'budget: { usd: 20 }', to: 'budget: ⟦20⟧', code: 'wrong_shape', says: '`budget` must be a mapping' },
    {
      from: 'breaker: { failures: 5, cooldown: 1m }',
      to: 'breaker: { failures: 5, cooldown: ⟦60⟧ }',
      code: 'bad_duration',
      says: '`cooldown` must be a duration',
    },
  ],
};
