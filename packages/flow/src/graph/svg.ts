/**
 * A graph as one SVG file that needs nothing else: no font, no script, no style sheet. Each scope is laid out by itself
 * and takes its place in the one around it as a box, because layered layouts know no arrows to frames.
 */

import { Graph as Layout, layout } from '@dagrejs/dagre';
import type { Graph, GraphEdge, GraphNode } from './model.ts';
import { linesOf } from './model.ts';
import { palette } from './palette.ts';

const FONT_PX = 13;
const LINE_PX = 18;
const PAD_PX = 12;
const GAP_PX = 28;
/** Mean width of a character of common sans-serif fonts at {@link FONT_PX}, with some room. */
const CHARACTER_PX = 7.4;
const MAX_LABEL = 40;

interface Box {
  readonly node: GraphNode;
  readonly width: number;
  readonly height: number;
  /** Of a scope: what lies inside, from its upper left corner. */
  readonly inside: Drawing | null;
}

interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly (Box & { readonly x: number; readonly y: number })[];
  readonly arrows: readonly { readonly edge: GraphEdge; readonly points: readonly Point[]; readonly label: Point | null }[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

export function svgOf(graph: Graph): string {
  const drawing = arrange(graph);
  const heading = LINE_PX + PAD_PX;
  const width = Math.ceil(Math.max(drawing.width, widthOf([graph.title])) + 2 * PAD_PX);
  const height = Math.ceil(drawing.height + heading + 2 * PAD_PX);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${escaped(graph.title)}</title>`,
    `<style>${styles()}</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>',
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<text class="title" x="${PAD_PX}" y="${PAD_PX + FONT_PX}">${escaped(graph.title)}</text>`,
    ...draw(drawing, { x: PAD_PX, y: PAD_PX + heading }),
    '</svg>',
    '',
  ].join('\n');
}

function arrange({ nodes, edges }: Pick<Graph, 'nodes' | 'edges'>): Drawing {
  const boxes = nodes.map(boxOf);
  const plan = new Layout({ multigraph: true });
  plan.setGraph({ rankdir: 'TB', nodesep: GAP_PX, ranksep: GAP_PX + LINE_PX, marginx: 0, marginy: 0 });
  plan.setDefaultEdgeLabel(() => ({}));
  for (const { node, width, height } of boxes) plan.setNode(node.id, { width, height });
  edges.forEach((edge, index) => {
    const label = labelOf(edge);
    plan.setEdge(edge.from, edge.to, label === null ? {} : { width: widthOf([label]), height: LINE_PX, labelpos: 'c' }, String(index));
  });
  layout(plan);
  const { width = 0, height = 0 } = plan.graph() as { readonly width?: number; readonly height?: number };
  return {
    width: Number.isFinite(width) ? width : 0,
    height: Number.isFinite(height) ? height : 0,
    boxes: boxes.map((box) => {
      const { x, y } = plan.node(box.node.id) as Point;
      return { ...box, x: x - box.width / 2, y: y - box.height / 2 };
    }),
    arrows: edges.map((edge, index) => {
      const { points, x, y } = plan.edge(edge.from, edge.to, String(index)) as Partial<Point> & { readonly points: readonly Point[] };
      return { edge, points, label: x === undefined || y === undefined ? null : { x, y } };
    }),
  };
}

function boxOf(node: GraphNode): Box {
  const lines = [node.name, ...linesOf(node)];
  const text = { width: widthOf(lines), height: lines.length * LINE_PX };
  if (node.shape !== 'scope') return { node, width: text.width + 2 * PAD_PX, height: text.height + PAD_PX, inside: null };
  const inside = arrange(node);
  return {
    node,
    inside,
    width: Math.max(inside.width, text.width) + 2 * PAD_PX,
    height: inside.height + text.height + 2.5 * PAD_PX,
  };
}

function draw({ boxes, arrows }: Drawing, origin: Point): readonly string[] {
  return [
    ...boxes.flatMap((box) => drawBox(box, { x: origin.x + box.x, y: origin.y + box.y })),
    ...arrows.flatMap(({ edge, points, label }) => {
      const path = points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${round(origin.x + x)} ${round(origin.y + y)}`).join('');
      const dashed = edge.kind === 'data' || edge.kind === 'next' ? '' : ' dashed';
      const text = labelOf(edge);
      return [
        `<path class="arrow${dashed}" d="${path}" marker-end="url(#head)"/>`,
        ...(text === null || label === null
          ? []
          : [`<text class="label" x="${round(origin.x + label.x)}" y="${round(origin.y + label.y + 4)}">${escaped(text)}</text>`]),
      ];
    }),
  ];
}

function drawBox({ node, width, height, inside }: Box, { x, y }: Point): readonly string[] {
  const state = node.status?.state ?? 'plain';
  const lines = linesOf(node);
  const at = (line: number): number => round(y + PAD_PX / 2 + line * LINE_PX + FONT_PX);
  const frame = (dx: number): string =>
    `<rect x="${round(x + dx)}" y="${round(y + dx)}" width="${round(width)}" height="${round(height)}" rx="${radii[node.shape]}"/>`;
  const textX = round(inside === null ? x + width / 2 : x + PAD_PX);
  const top = PAD_PX + (lines.length + 1) * LINE_PX;
  return [
    `<g class="${state} ${inside === null ? 'step' : 'scope'}">`,
    `<title>${escaped([node.id, ...lines].join(' · '))}</title>`,
    ...(node.shape === 'items' ? [frame(4)] : []),
    frame(0),
    `<text class="name" x="${textX}" y="${at(0)}">${escaped(node.name)}</text>`,
    ...lines.map((line, index) => `<text x="${textX}" y="${at(index + 1)}">${escaped(line)}</text>`),
    '</g>',
    ...(inside === null ? [] : draw(inside, { x: x + (width - inside.width) / 2, y: y + top })),
  ];
}

const radii: { readonly [shape in GraphNode['shape']]: number } = { call: 6, items: 6, data: 18, wait: 2, scope: 10 };

/** Conditions may be long; the whole of them is in the definition. */
function labelOf({ label }: GraphEdge): string | null {
  return label !== null && label.length > MAX_LABEL ? `${label.slice(0, MAX_LABEL - 1)}…` : label;
}

function styles(): string {
  const colours = (shade: 'light' | 'dark'): string =>
    Object.entries(palette)
      .map(([state, shades]) => {
        const { fill, line, text } = shades[shade];
        return `.${state} rect{fill:${fill};stroke:${line}}.${state} text{fill:${text}}`;
      })
      .join('');
  const page = (paper: string, ink: string, line: string): string =>
    `.page{fill:${paper}}.title,.label{fill:${ink}}.arrow{stroke:${line}}.head{fill:${line}}.label{stroke:${paper}}`;
  return [
    `text{font:${FONT_PX}px system-ui,sans-serif;text-anchor:middle}`,
    '.name,.title{font-weight:600}.title,.scope text{text-anchor:start}rect{stroke-width:1.5}.page{stroke:none}',
    '.arrow{fill:none;stroke-width:1.5}.dashed{stroke-dasharray:5 4}.label{font-size:11px;paint-order:stroke;stroke-width:4}',
    page('#ffffff', '#1f2328', '#57606a'),
    colours('light'),
    `@media(prefers-color-scheme:dark){${page('#0d1117', '#e6edf3', '#8b949e')}${colours('dark')}}`,
  ].join('');
}

/** Wide characters take two columns. */
function widthOf(lines: readonly string[]): number {
  const columns = (text: string): number =>
    [...text].reduce((sum, character) => sum + ((character.codePointAt(0) ?? 0) >= 0x1100 ? 1.8 : 1), 0);
  return Math.max(0, ...lines.map(columns)) * CHARACTER_PX;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** XML knows no control characters, not even escaped ones. */
function escaped(text: string): string {
  return text
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
