/**
 * A rough reading of YAML whose syntax is broken, only to find the mistake behind what the parser says of it: brackets
 * and quotes that are not closed, and expressions that YAML takes for its own syntax. It takes `${ … }` for one word.
 */

import type { Span } from '../diagnostic.ts';

export interface Sketch {
  /** Expressions without the quotes that they want where they stand. */
  readonly bare: readonly Span[];
  /** Where brackets open that are not closed before the block around them ends. */
  readonly unclosed: readonly number[];
}

export function sketchYaml(source: string): Sketch {
  const bare: Span[] = [];
  const unclosed: number[] = [];
  let open: { readonly at: number; readonly indent: number }[] = [];
  let indent = 0;
  /** Of the line: the last character that is no blank, and whether blanks follow it. */
  let last = '';
  let gap = false;
  for (let at = 0; at < source.length; at += 1) {
    if (at === 0 || source[at - 1] === '\n') {
      indent = indentAt(source, at);
      const first = source.charAt(at + indent);
      if (indent <= (open.at(-1)?.indent ?? -1) && !/[\]}\s#]|^$/.test(first)) {
        unclosed.push(open.find((bracket) => indent <= bracket.indent)?.at ?? at);
        open = [];
      }
      [last, gap] = ['', false];
    }
    const unit = source.charAt(at);
    const begins = last === '' || '[{,'.includes(last) || (gap && ':?-'.includes(last));
    gap = /\s/.test(unit);
    last = gap ? last : unit;
    if (unit === '#' && (at === 0 || /\s/.test(source.charAt(at - 1)))) {
      at = lineEnd(source, at) - 1;
    } else if ((unit === '"' || unit === "'") && begins) {
      at = quoteEnd(source, at);
    } else if (source.startsWith('${', at)) {
      const to = expressionEnd(source, at);
      if (open.length > 0 || /: | #|:$/.test(source.slice(at, to)) || /^:\s/.test(source.slice(to, to + 2))) {
        bare.push({ from: at, to });
      }
      at = to - 1;
    } else if ((unit === '|' || unit === '>') && begins && open.length === 0) {
      at = blockEnd(source, at, indent) - 1;
    } else if ((unit === '{' || unit === '[') && (begins || open.length > 0)) {
      open.push({ at, indent });
    } else if ((unit === '}' || unit === ']') && open.length > 0) {
      open.pop();
    }
  }
  return { bare, unclosed: [...unclosed, ...open.slice(0, 1).map(({ at }) => at)] };
}

function indentAt(source: string, start: number): number {
  let at = start;
  while (source[at] === ' ' || source[at] === '\t') {
    at += 1;
  }
  return at - start;
}

function lineEnd(source: string, at: number): number {
  const end = source.indexOf('\n', at);
  return end === -1 ? source.length : end;
}

/** The closing quote, or the end of the text. */
function quoteEnd(source: string, start: number): number {
  const quote = source.charAt(start);
  for (let at = start + 1; at < source.length; at += 1) {
    if (quote === '"' && source[at] === '\\') {
      at += 1;
    } else if (source[at] === quote && quote === "'" && source[at + 1] === quote) {
      at += 1;
    } else if (source[at] === quote) {
      return at;
    }
  }
  return source.length;
}

/** Just past the brace that closes the expression; the end of the line where there is none. */
function expressionEnd(source: string, start: number): number {
  const end = lineEnd(source, start);
  let depth = 0;
  let quote = '';
  for (let at = start + 1; at < end; at += 1) {
    const unit = source.charAt(at);
    if (quote !== '') {
      quote = unit === quote ? '' : quote;
    } else if (unit === '"' || unit === "'") {
      quote = unit;
    } else if (unit === '{') {
      depth += 1;
    } else if (unit === '}') {
      depth -= 1;
      if (depth === 0) {
        return at + 1;
      }
    }
  }
  return end;
}

/** Where a block of text ends: at the first line that is not indented further than its key. */
function blockEnd(source: string, at: number, indent: number): number {
  for (let line = lineEnd(source, at) + 1; line < source.length; line = lineEnd(source, line) + 1) {
    if (source.slice(line, lineEnd(source, line)).trim() !== '' && indentAt(source, line) <= indent) {
      return line;
    }
  }
  return source.length;
}
