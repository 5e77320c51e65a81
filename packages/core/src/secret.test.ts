import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Flow, Node, Tpl } from './ir.ts';
import { secretNameOf, secretsOf } from './secret.ts';

const call = (id: string, given: Tpl, more: Partial<Node> = {}): Node => ({
  id,
  needs: [],
  do: { k: 'call', uses: 'a/b', with: given },
  retry: [],
  catch: [],
  returns: true,
  ...more,
});

const flowOf = (...steps: readonly Node[]): Flow =>
  ({ root: { ...call('', { lit: null }), do: { k: 'and', steps, output: { lit: null } } } }) as unknown as Flow;

test('a reference is a whole text with a plain name', () => {
  assert.deepEqual(
    ['secret:KEY', 'secret:_k1', 'secret:', 'secret:my-key', 'a secret:KEY', 'secret:KEY ', 'Secret:KEY'].map(secretNameOf),
    ['KEY', '_k1', null, null, null, null, null],
  );
});

test('references are found wherever a call says them literally, in catches and deep data, and nowhere else', () => {
  const flow = flowOf(
    call('a', { obj: { key: { lit: 'secret:A' }, list: { list: [{ lit: 1 }, { lit: { deep: ['secret:B'] } }] } } }),
    call('b', { obj: { key: { expr: { $: '"secret:C"', reads: [] } }, text: { cat: [{ lit: 'secret:D' }] } } }),
    call(
      'c',
      { lit: { do: { k: 'call', with: { lit: 'secret:E' } }, id: 'x' } },
      { catch: [{ errors: ['*'], do: call('c/catch.1', { lit: ['secret:F'] }) }] },
    ),
  );
  assert.deepEqual(
    [...secretsOf(flow)].map(([id, references]) => [id, ...references.map(({ path, name }) => `${path.join('/')}=${name}`)]),
    [
      ['a', 'key=A', 'list/1/deep/0=B'],
      ['c', 'do/with/lit=E'],
      ['c/catch.1', '0=F'],
    ],
  );
});
