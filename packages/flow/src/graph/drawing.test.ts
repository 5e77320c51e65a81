import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callables } from '../../test/callables.ts';
import { drawnFlow } from '../../test/drawn-flow.ts';
import { compileFlow } from '../compile.ts';
import { dotOf } from './dot.ts';
import { mermaidOf } from './mermaid.ts';
import { graphOf, nodeStates } from './model.ts';
import type { Graph, Statuses } from './model.ts';
import { palette } from './palette.ts';
import { svgOf } from './svg.ts';

const statuses: Statuses = new Map([
  ['scan', { state: 'succeeded', count: '' }],
  ['books', { state: 'running', count: '3/9, 1 failed' }],
  ['books/toc', { state: 'failed', count: '3/9' }],
  ['end', { state: 'waiting', count: '' }],
]);

const awkward: Graph = {
  title: 'a "quoted" \\ title & <more>',
  nodes: [
    { id: 'a"b\\', name: 'A\nB "c" \\', marks: ['<x> & y', '书名'], shape: 'call', nodes: [], edges: [], status: null },
    {
      id: 'empty',
      name: 'empty',
      marks: [],
      shape: 'scope',
      nodes: [{ id: 'empty/in', name: 'in\u0007', marks: [], shape: 'wait', nodes: [], edges: [], status: null }],
      edges: [],
      status: null,
    },
  ],
  edges: [
    { from: 'a"b\\', to: 'empty', kind: 'next', label: 'say "x" < 1' },
    { from: 'empty', to: 'a"b\\', kind: 'next', label: null },
  ],
};

function chart(states: Statuses = new Map()): Graph {
  const { flow } = compileFlow(drawnFlow, { file: 'chart.flow.yaml', callables });
  assert.ok(flow);
  return graphOf(flow, states);
}

describe('every format', () => {
  for (const [name, print] of [
    ['mermaid', mermaidOf],
    ['dot', dotOf],
    ['svg', svgOf],
  ] as const) {
    it(`${name} says the state of each step by icon and word, with its counts`, () => {
      const text = print(chart(statuses));
      for (const shown of ['✓ succeeded', '● running 3/9, 1 failed', '✗ failed 3/9', '○ waiting']) assert.ok(text.includes(shown), shown);
    });

    it(`${name} shows no state of a definition`, () => assert.doesNotMatch(print(chart()), /✓|●|✗|○/));
  }
});

describe('DOT', () => {
  it('is a graph whose arrows join nodes, and cut at frames', () => {
    const { nodes, clusters, edges } = parseDot(dotOf(chart()));
    assert.deepEqual([...nodes].toSorted(), ['books/toc', 'books/toc/catch.0', 'end', 'scan']);
    assert.deepEqual([...clusters], ['cluster_books']);
    assert.deepEqual(edges, [
      ['books/toc', 'books/toc/catch.0', {}],
      ['scan', 'books/toc', { lhead: 'cluster_books' }],
      ['books/toc', 'end', { ltail: 'cluster_books' }],
    ]);
  });

  it('quotes what would end a text', () => {
    const { nodes, edges } = parseDot(dotOf(awkward));
    assert.deepEqual([...nodes], ['a"b\\', 'empty/in']);
    assert.equal(edges.length, 2);
  });
});

describe('SVG', () => {
  it('is well-formed, and stands alone', () => {
    for (const graph of [chart(statuses), awkward]) {
      const text = svgOf(graph);
      assert.deepEqual(unbalanced(text), []);
      assert.doesNotMatch(text, /<script|<image|@import|@font-face|href=|url\((?!#)/);
      assert.match(text, /prefers-color-scheme:dark/);
      assert.doesNotMatch(text, /NaN|undefined|Infinity/);
    }
    assert.match(svgOf(awkward), /say &quot;x&quot; &lt; 1/);
  });

  it('keeps every box inside of the picture', () => {
    const text = svgOf(chart());
    const [, width = 0, height = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(text) ?? []).map(Number);
    const boxes = [...text.matchAll(/<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"/g)].map((match) =>
      match.slice(1).map(Number),
    );
    assert.equal(boxes.length, 5);
    for (const [x = -1, y = -1, wide = 0, high = 0] of boxes) assert.ok(x >= 0 && y >= 0 && x + wide <= width && y + high <= height);
  });
});

it('the text of every state has a contrast of at least 4.5 to its ground, in light and dark', () => {
  for (const state of [...nodeStates, 'plain'] as const)
    for (const { fill, text } of [palette[state].light, palette[state].dark])
      assert.ok(contrast(fill, text) >= 4.5, `${state}: ${fill} ${text}`);
});

/** Contrast ratio of two colours `#rrggbb` (WCAG 2.2, relative luminance). */
function contrast(one: string, two: string): number {
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, light = 0] = [luminance(one), luminance(two)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

interface Dot {
  readonly nodes: ReadonlySet<string>;
  readonly clusters: ReadonlySet<string>;
  readonly edges: readonly (readonly [string, string, { readonly lhead?: string; readonly ltail?: string }])[];
}

/** Reads the part of DOT that is written here, one statement a line, and throws at anything else. */
function parseDot(text: string): Dot {
  const quoted = String.raw`"((?:[^"\\\n]|\\[\\"n])*)"`;
  const [nodes, clusters] = [new Set<string>(), new Set<string>()];
  const edges: [string, string, { lhead?: string; ltail?: string }][] = [];
  const plain = (part = ''): string => part.replaceAll(/\\([\\"n])/g, (_, character: string) => (character === 'n' ? '\n' : character));
  let depth = 0;
  for (const line of text
    .trimEnd()
    .split('\n')
    .map((each) => each.trim())) {
    const attributes = String.raw`(?: \[((?:\w+=(?:${quoted}|[\w.]+)(?:, )?)+)\])?`;
    const edge = new RegExp(`^${quoted} -> ${quoted}${attributes}$`).exec(line);
    const node = new RegExp(`^${quoted}${attributes}$`).exec(line);
    const cluster = new RegExp(`^subgraph ${quoted} \\{$`).exec(line);
    const attribute = (name: string): object => {
      const [, value] = new RegExp(`${name}=${quoted}`).exec(edge?.[3] ?? '') ?? [];
      return value === undefined ? {} : { [name]: plain(value) };
    };
    if (edge !== null) edges.push([plain(edge[1]), plain(edge[2]), { ...attribute('lhead'), ...attribute('ltail') }]);
    else if (node !== null) nodes.add(plain(node[1]));
    else if (cluster !== null) clusters.add(plain(cluster[1]));
    else assert.match(line, new RegExp(`^(digraph ${quoted} \\{|\\}|(graph|node|edge)${attributes})$`));
    depth += line.endsWith('{') ? 1 : line === '}' ? -1 : 0;
  }
  assert.equal(depth, 0);
  return { nodes, clusters, edges };
}

/** Tags that open and do not close, or the other way round, and text that XML would not take. */
function unbalanced(text: string): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  let end = 0;
  for (const match of text.matchAll(/<(\/?)([a-zA-Z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/g)) {
    const [whole, closing, name = '', , empty] = match;
    wrong.push(...(/[<>]|&(?!(?:amp|lt|gt|quot);)/.exec(text.slice(end, match.index)) ?? []));
    end = match.index + whole.length;
    if (closing === '/') {
      if (open.pop() !== name) wrong.push(whole);
    } else if (empty !== '/') open.push(name);
  }
  return [...wrong, ...open];
}
