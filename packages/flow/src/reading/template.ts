/** Text with `${ expressions }`. `$${` stands for the two characters `${`. */

export type TextPart =
  | { readonly type: 'text'; readonly text: string }
  /** `from` and `to` are offsets in the text, between the braces and without the white space around. */
  | { readonly type: 'expr'; readonly source: string; readonly from: number; readonly to: number };

export interface ParsedText {
  readonly parts: readonly TextPart[];
  /** Offset of a `${` that no `}` closes. */
  readonly unclosed?: number;
}

export function parseText(text: string): ParsedText {
  const parts: TextPart[] = [];
  let literal = '';
  let at = 0;
  const flush = (): void => {
    if (literal !== '') {
      parts.push({ type: 'text', text: literal });
      literal = '';
    }
  };
  while (at < text.length) {
    if (text.startsWith('$${', at)) {
      literal += '${';
      at += 3;
    } else if (text.startsWith('${', at)) {
      const end = closingBrace(text, at + 2);
      if (end === -1) {
        return { parts, unclosed: at };
      }
      flush();
      parts.push(expressionPart(text, at + 2, end));
      at = end + 1;
    } else {
      const next = text.indexOf('$', at + 1);
      literal += text.slice(at, next === -1 ? text.length : next);
      at = next === -1 ? text.length : next;
    }
  }
  flush();
  return { parts };
}

/** The one expression that the whole text is, if it is. */
export function wholeExpression(parsed: ParsedText): Extract<TextPart, { type: 'expr' }> | undefined {
  const [part, ...others] = parsed.parts.filter((each) => each.type === 'expr' || each.text.trim() !== '');
  const surrounded = parsed.parts.some((each) => each.type === 'text' && !/^\n*$/.test(each.text));
  return part?.type === 'expr' && others.length === 0 && !surrounded ? part : undefined;
}

function expressionPart(text: string, from: number, to: number): TextPart {
  const inner = text.slice(from, to);
  const start = from + (inner.length - inner.trimStart().length);
  const source = inner.trim();
  return { type: 'expr', source, from: start, to: start + source.length };
}

/** Offset of the brace that closes an expression: those inside text literals and of nested maps are passed over. */
function closingBrace(text: string, from: number): number {
  let depth = 0;
  let quote = '';
  for (let at = from; at < text.length; at += 1) {
    const unit = text.charAt(at);
    if (quote !== '') {
      at += unit === '\\' ? 1 : 0;
      quote = unit === quote ? '' : quote;
    } else if (unit === '"' || unit === "'") {
      quote = unit;
    } else if (unit === '{') {
      depth += 1;
    } else if (unit === '}') {
      if (depth === 0) {
        return at;
      }
      depth -= 1;
    }
  }
  return -1;
}
