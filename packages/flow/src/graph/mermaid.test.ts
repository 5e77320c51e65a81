import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callables } from '../../test/callables.ts';
import { drawnFlow } from '../../test/drawn-flow.ts';
import { compileFlow } from '../compile.ts';
import { mermaidOf } from './mermaid.ts';
import { graphOf } from './model.ts';

test('given a flow with a scope, items, a catch and a condition, the chart shows them', () => {
  const { flow } = compileFlow(drawnFlow, { file: 'chart.flow.yaml', callables });
  assert.ok(flow);
  assert.equal(
    mermaidOf(graphOf(flow)),
    `flowchart TD
  accTitle: t/chart 1.0.0
  s_scan["<b>scan</b><br/>book/scan"]
  subgraph s_books["<b>books</b><br/>each book"]
    s_books__toc["<b>toc</b><br/>book/toc<br/>limit toc"]
    s_books__toc__catch_0(["<b>catch.0</b>"])
    s_books__toc -. "catch 1: io" .-> s_books__toc__catch_0
  end
  s_end(["<b>end</b>"])
  s_scan --> s_books
  s_books -. "if" .-> s_end
`,
  );
});
