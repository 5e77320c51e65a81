/** Parts of the manual's pages that follow from the code. `npm run fix` writes them; a test says when they are stale. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { charts, errorKinds } from '@scriptorium/core';
import type { Chart } from '@scriptorium/core';
import { exitCodeHelp } from '../apps/cli/src/exit-code.ts';
import { functions } from '../packages/core/src/expr/functions.ts';
import { patterns } from '../packages/testing/test/patterns/table.ts';
import { root } from './sources.ts';

/** The page, relative to the root, and the table between its marks. */
export interface Generated {
  readonly page: string;
  readonly mark: string;
  readonly text: string;
}

export function generatedParts(): readonly Generated[] {
  return [
    { page: 'README.md', mark: 'flow', text: firstFlow() },
    { page: 'docs/errors.md', mark: 'kinds', text: errorTable() },
    { page: 'docs/cli.md', mark: 'exits', text: exitTable() },
    { page: 'docs/expressions.md', mark: 'functions', text: functionTable() },
    { page: 'docs/decisions/README.md', mark: 'list', text: decisionList() },
    { page: 'docs/patterns.md', mark: 'patterns', text: patternTable() },
    { page: 'docs/patterns.md', mark: 'agents', text: agentPatterns() },
    ...Object.entries(charts).map(([name, chart]) => ({ page: 'docs/states.md', mark: name, text: chartOf(chart) })),
  ];
}

/** The page with the part between `<!-- <mark>: … -->` and the next `<!-- end -->` replaced. */
export function withPart(page: string, { mark, text }: Generated): string {
  const start = page.indexOf(`<!-- ${mark}:`);
  const from = page.indexOf('-->', start) + '-->'.length;
  const to = page.indexOf('<!-- end -->', from);
  if (start < 0 || to < 0) throw new Error(`the page has no place for ${mark}: write '<!-- ${mark}: … -->' and '<!-- end -->'`);
  return `${page.slice(0, from)}\n${text}\n${page.slice(to)}`;
}

function firstFlow(): string {
  return `\n\`\`\`yaml\n${readFileSync(join(root, 'examples/words/words.flow.yaml'), 'utf8')}\`\`\`\n`;
}

function errorTable(): string {
  const rows = Object.entries(errorKinds).map(
    ([code, { level, transient, doc, fix }]) => `| \`${code}\` | ${level} | ${transient ? 'yes' : ''} | ${cell(doc)} | ${cell(fix)} |`,
  );
  return ['', '| code | level | can pass by itself | what happened | what to do |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

function exitTable(): string {
  const codes = [...exitCodeHelp.matchAll(/(\d+) {2}(.+?)(?= {2,}\d|$)/gm)].map(
    ([, code, meaning = '']) => `| ${code} | ${cell(meaning)} |`,
  );
  return ['', '| code | means |', '|---|---|', ...codes, ''].join('\n');
}

function functionTable(): string {
  const rows = Object.entries(functions).map(([name, { doc }]) => `| \`${name}\` | ${cell(doc)} |`);
  return ['', '| function | gives |', '|---|---|', ...rows, ''].join('\n');
}

function decisionList(): string {
  const folder = join(root, 'docs/decisions');
  const files = readdirSync(folder).filter((name) => /^\d{4}-/.test(name));
  const rows = files.toSorted().map((file) => {
    const [, number = '', title = '', later] =
      /^# (\d{4}) (.+)\n(?:\nSuperseded by (\[\d{4}\]\(.+?\)))?/.exec(readFileSync(join(folder, file), 'utf8')) ?? [];
    return `| [${number}](${file}) | ${title}${later === undefined ? '' : ` (superseded by ${later})`} |`;
  });
  return ['', '| | |', '|---|---|', ...rows, ''].join('\n');
}

function patternTable(): string {
  const counted = Map.groupBy(patterns, ({ claim }) => claim);
  const counts = [...counted].map(([claim, ones]) => `${ones.length} ${claim}`).join(', ');
  const rows = patterns.map(({ number, name, claim, how }) => `| ${number} | ${name} | ${claim} | ${cell(how)} |`);
  return ['', `${counts}.`, '', '| | pattern | there | how, or why not |', '|---|---|---|---|', ...rows, ''].join('\n');
}

/** The templates of agents, as they are made; tests run them. */
function agentPatterns(): string {
  const folder = join(root, 'templates');
  const names = readdirSync(folder).filter((name) => name.startsWith(AGENTS));
  const sections = names.toSorted().map((name) => {
    const pattern = name.slice(AGENTS.length);
    const [, title = '', says = ''] = /^# (.+)\n\n(.+)\n/.exec(readFileSync(join(folder, name, 'README.md'), 'utf8')) ?? [];
    const flow = readFileSync(join(folder, name, `${pattern}.flow.yaml`), 'utf8');
    return `### ${name}\n\n${title}. ${says}\n\n\`\`\`yaml flow\n${flow}\`\`\`\n`;
  });
  return `\n${sections.join('\n')}`;
}

const AGENTS = 'agents-';

/** A Mermaid chart; events with the same states are one arrow. */
function chartOf(chart: Chart): string {
  const arrows = Map.groupBy(chart, ({ from, to }) => `${from === '' ? '[*]' : from} --> ${to}`);
  const lines = [...arrows].map(([arrow, events]) => `  ${arrow}: ${events.map(({ event }) => event.replaceAll('_', ' ')).join(', ')}`);
  return ['', '```mermaid', 'stateDiagram-v2', ...lines, '```', ''].join('\n');
}

function cell(text: string): string {
  return text
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .replaceAll(/`([^`]*)`/g, (code) => code.replaceAll('&lt;', '<'));
}
