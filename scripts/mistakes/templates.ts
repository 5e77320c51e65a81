/** Mistakes in the templates of `scriptorium new`. */

import type { Mistake } from './mistake.ts';

export const templates: Readonly<Record<string, readonly Mistake[]>> = {
  'templates/batch/batch.flow.yaml': [
    {
      from: 'like: stage\n        uses: files/measure',
      to: 'like: ⟦stages⟧\n        uses: files/measure',
      code: 'no_such_definition',
      says: "did you mean 'stage'?",
    },
    { from: 'uses: files/summarise', to: 'uses: ⟦files/summarize⟧', code: 'no_such_handler', says: "did you mean 'files/summarise'?" },
    { from: 'words: "${ measure.words }" }', to: 'words: "${ ⟦file.name⟧ }" }', code: 'wrong_type', says: "'words' is str, needs int" },
    { from: 'run: { limit: 2 }', to: 'run: { limit: ⟦two⟧ }', code: 'wrong_shape', says: 'a whole number' },
    { from: 'tolerate: 10%', to: 'tolerate: ⟦-1⟧', code: 'wrong_value', says: 'a count or a share' },
    { from: 'key: ${ file.stem }', to: '⟦keys⟧: ${ file.stem }', code: 'unknown_key', says: "did you mean 'key'?" },
  ],
  'templates/map-reduce/map-reduce.flow.yaml': [
    { from: 'counts: "${ parts.ok }"', to: 'counts: "${ ⟦parts⟧ }"', code: 'wrong_type', says: "'counts' is" },
    { from: 'in: ${ split.lines }', to: 'in: ${ ⟦total⟧.lines }', code: 'cycle', says: 'these steps wait for each other' },
    { from: 'top: "${ input.top }"', to: 'top: "${ input.⟦tops⟧ }"', code: 'no_such_field', says: "did you mean 'top'?" },
    { from: 'batch: 4', to: 'batch: ⟦many⟧', code: 'wrong_type', says: "'batch' is" },
    { from: 'string(index)', to: '⟦index⟧', at: 'key: ${ ⟦"part " + index⟧ }', code: 'no_overload', says: '+' },
  ],
  'templates/review-loop/review-loop.flow.yaml': [
    {
      from: '    max: 5 # beyond so many visits: loop.exceeded\n',
      to: '',
      at: '\n  ⟦write⟧:\n',
      code: 'endless_loop',
      says: 'write → review → write',
    },
    { from: '      - to: write\n', to: '      - to: ⟦wirte⟧\n', code: 'no_such_state', says: "did you mean 'write'?" },
    { from: 'write?.text ?? ""', to: 'write.⟦text⟧ ?? ""', code: 'maybe_null', says: 'write may be null' },
    { from: 'if: ${ review.score >= input.good }', to: 'if: ${ ⟦review.score⟧ }', code: 'wrong_type', says: '`if` is' },
    {
      from: '      - errors: [loop.exceeded]\n        to: done\n',
      to: '      - errors: [loop.exceeded]\n        to: done\n        ⟦value⟧: 1\n',
      code: 'one_body',
      says: 'this one also has `value`',
    },
  ],
  'templates/saga/saga.flow.yaml': [
    { from: 'with: { id: "${ flight.id }" }', to: 'with: { id: "${ flight.⟦di⟧ }" }', code: 'no_such_field', says: 'flight has no field' },
    { from: 'what: hotel, price: 300', to: 'what: hotel, price: ⟦cheap⟧', code: 'wrong_type', says: "'price' is" },
    { from: 'needs: [flight]', to: 'needs: [⟦fligth⟧]', code: 'no_such_step', says: "did you mean 'flight'?" },
    { from: '[flight.id, hotel.id]', to: '[flight.id, ⟦hotle⟧.id]', code: 'no_such_name', says: "did you mean 'hotel'?" },
    {
      from: 'errors: [card_declined]',
      to: 'errors: [⟦card_decline⟧]',
      code: 'unknown_error',
      severity: 'warning',
      says: "did you mean 'card_declined'?",
    },
    {
      from: 'bookings: { concurrent: 2 }',
      to: 'bookings: { concurrent: 2, ⟦rates⟧: 1/s }',
      code: 'unknown_key',
      says: "did you mean 'rate'?",
    },
  ],
};
