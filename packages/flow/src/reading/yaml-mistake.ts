/** What is told of YAML that cannot be read: the mistake, not what the parser makes of the rest of the file. */

import { visit } from 'yaml';
import type { Document, YAMLError } from 'yaml';
import type { Finding, FindingSink } from '../diagnostic.ts';
import type { Lines } from './lines.ts';
import { sketchYaml } from './yaml-sketch.ts';

const quoteFix = 'put quotes around the expression: "${ … }"';

/** Whether the syntax is broken. The first error is told, with every expression that wants quotes. */
export function reportErrors(document: Document.Parsed, source: string, lines: Lines, findings: FindingSink): boolean {
  const [first] = [...document.errors, ...document.warnings].filter(({ code }) => code !== 'TAG_RESOLVE_FAILED');
  if (first === undefined) {
    return false;
  }
  const { bare, unclosed } = sketchYaml(source);
  const cause = bare[0];
  if (cause === undefined || lines.at(first.pos[0]).line < lines.at(cause.from).line) {
    findings.add(syntaxFinding(first, document, source, unclosed));
  }
  for (const span of bare) {
    findings.add({ code: 'unquoted_expression', message: 'YAML reads this expression as its own syntax', span, fix: quoteFix });
  }
  return true;
}

function syntaxFinding(error: YAMLError, document: Document.Parsed, source: string, unclosed: readonly number[]): Finding {
  const [from, to] = error.pos;
  const quote = error.code === 'MISSING_CHAR' && error.message.startsWith('Missing closing') ? openQuote(document, from) : undefined;
  if (quote !== undefined) {
    return { code: 'yaml', message: 'this text has no closing quote', span: { from: quote, to: quote + 1 } };
  }
  if (error.code === 'UNEXPECTED_TOKEN' && error.message.endsWith('at node end') && source[from - 1] === '"') {
    return {
      code: 'yaml',
      message: 'a quote inside of the text ends it here',
      span: { from: from - 1, to: from },
      fix: 'write \'…\' inside of "…", as in "${ name ?? \'none\' }"',
    };
  }
  const bracket = unclosed.find((at) => at < from);
  if (bracket !== undefined) {
    const closing = source[bracket] === '{' ? '}' : ']';
    return {
      code: 'yaml',
      message: `this '${source[bracket]}' has no closing '${closing}'`,
      span: { from: bracket, to: bracket + 1 },
      fix: `add '${closing}' where the ${closing === '}' ? 'mapping' : 'list'} ends`,
    };
  }
  const fixes: Partial<Record<YAMLError['code'], string>> = {
    TAB_AS_INDENT: 'indent with spaces',
    BLOCK_AS_IMPLICIT_KEY: 'put quotes around a text that contains `: `, or begin a new line for the nested key',
    MULTIPLE_DOCS: 'one file holds one flow: remove `---`',
    BAD_INDENT: 'give the keys of one mapping the same indentation',
  };
  const message = error.code === 'MULTIPLE_DOCS' ? 'the file contains several documents' : error.message;
  const start = error.code === 'BAD_INDENT' ? from + (/^ */.exec(source.slice(from))?.[0].length ?? 0) : from;
  return { code: 'yaml', message, span: { from: start, to: Math.min(Math.max(to, start), start + 80) }, fix: fixes[error.code] };
}

/** Where the text begins whose quote is missing at `end`. */
function openQuote(document: Document.Parsed, end: number): number | undefined {
  let found: number | undefined;
  visit(document, {
    Scalar(_, { type, range }) {
      if ((type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') && range !== undefined && range !== null && range[1] === end) {
        found = range[0];
      }
    },
  });
  return found;
}
