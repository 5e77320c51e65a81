/** Mistakes in `examples/words/words.flow.yaml`. */

import type { Mistake } from './mistake.ts';

export const words: readonly Mistake[] = [
  { from: 'flow: example/words', to: '⟦flw⟧: example/words', code: 'unknown_key', says: "did you mean 'flow'?" },
  { from: 'flow: example/words', to: 'flow: ⟦Words⟧', code: 'bad_name', says: "'Words' cannot be the name of a flow" },
  { from: 'version: "1.0.0"', to: 'version: ⟦1.0⟧', code: 'unquoted_version', says: 'a version is text' },
  { from: 'version: "1.0.0"', to: 'version: ⟦"1.0"⟧', code: 'bad_version', says: "'1.0' is no version" },
  { from: 'input: { folder: { type: string } }', to: 'input: { folder: { type: ⟦text⟧ } }', code: 'bad_schema', says: 'type' },
  { from: 'uses: core/files', to: 'uses: ⟦core/fils⟧', code: 'no_such_handler', says: "did you mean 'core/files'?" },
  { from: 'uses: core/files', to: 'uses: ⟦core/files@^3⟧', code: 'version_mismatch', says: 'the step asks for ^3' },
  { from: 'with: { folder: "${ input', to: 'with: { ⟦fodler⟧: "${ input', code: 'unknown_input', says: "did you mean 'folder'?" },
  { from: 'folder: "${ input.folder }", match', to: 'match', at: 'uses: ⟦core/files⟧', code: 'missing_input', says: "needs 'folder'" },
  { from: 'input.folder', to: 'input.⟦foldr⟧', code: 'no_such_field', says: "did you mean 'folder'?" },
  { from: '"${ input.folder }"', to: '⟦3⟧', code: 'wrong_type', says: "'folder' is 3, needs str" },
  {
    from: '"${ input.folder }"',
    to: '⟦${ input.folder }⟧',
    code: 'unquoted_expression',
    says: 'YAML reads this expression as its own syntax',
  },
  {
    from: 'version: "1.0.0"\n',
    to: 'version: "1.0.0"\n⟦version⟧: "1.0.1"\n',
    code: 'duplicate_key',
    says: "the key 'version' stands here twice",
  },
  { from: 'each: { in: "${ list.files }"', to: 'each: { in: "${ list.⟦file⟧ }"', code: 'no_such_field', says: "did you mean 'files'?" },
  {
    from: 'each: { in: "${ list.files }"',
    to: 'each: { in: "${ ⟦input.folder⟧ }"',
    code: 'wrong_type',
    says: '`each` goes through a list, not str',
  },
  {
    from: 'each: { in: "${ list.files }", as: file',
    to: 'each: { ⟦on⟧: "${ list.files }", as: file',
    code: 'unknown_key',
    says: "did you mean 'in'?",
  },
  { from: 'uses: words/count\n', to: 'uses: words/count\n    returns: ⟦Count⟧\n', code: 'no_such_schema', says: 'Count' },
  { from: 'key: "${ file.stem }", ', to: '', at: '⟦each⟧: {', code: 'no_key', severity: 'warning', says: 'known by their place only' },
  { from: 'workers: 4', to: 'workers: ⟦"four"⟧', code: 'wrong_type', says: '\'workers\' is "four", needs int' },
  { from: 'workers: 4', to: 'workers: ⟦0⟧', code: 'wrong_value', says: 'at least 1' },
  { from: 'workers: 4', to: '⟦worker⟧: 4', code: 'unknown_key', says: "did you mean 'workers'?" },
  { from: 'file.path }" }', to: 'file.path }" ', at: 'with: ⟦{⟧ path', code: 'yaml', says: "this '{' has no closing '}'" },
  { from: 'words/count\n', to: 'words/count\n    ⟦value⟧: 3\n', code: 'one_body', says: 'this one has `uses` and `value`' },
  { from: 'texts.ok.size()', to: 'texts.ok.⟦length⟧()', code: 'no_such_function', says: 'size' },
  { from: 't.words).sum()', to: '⟦s⟧.words).sum()', code: 'no_such_name', says: "'s' is not visible here" },
  { from: 't.words).sum()', to: 't.words.sum()', at: 'texts.ok.map(t, t.words.sum()⟦ ⟧}', code: 'syntax', says: "',' or ')'" },
];
