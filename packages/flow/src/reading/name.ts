/** Which names a definition may give. */

import type { Findings, Span } from '../diagnostic.ts';

const form = /^[a-z][A-Za-z0-9_]*$/;
const reserved: ReadonlySet<string> = new Set([
  'input',
  'run',
  'item',
  'index',
  'error',
  'prev',
  'visits',
  'event',
  'true',
  'false',
  'null',
  'in',
]);

/** `kind` is what bears the name, for the message. */
export function checkName(name: string, kind: string, span: Span, path: string, findings: Findings, allowed?: string): void {
  if (!form.test(name)) {
    const mended = name
      .replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next?: string) => (next ?? '').toUpperCase())
      .replace(/^[^A-Za-z]+/, '')
      .replace(/^./, (first) => first.toLowerCase());
    findings.add({
      code: 'bad_name',
      message: `'${name}' cannot be the name of ${kind}: names are a lower-case letter, then letters, digits and _`,
      span,
      path,
      ...(form.test(mended) ? { fix: `call it '${mended}'`, suggestion: mended } : {}),
    });
  } else if (reserved.has(name) && name !== allowed) {
    findings.add({
      code: 'reserved_name',
      message: `'${name}' has a meaning of its own in expressions and cannot be the name of ${kind}`,
      span,
      path,
      fix: 'choose another name',
    });
  }
}

/** Whether expressions give the name a meaning of their own. */
export function isReserved(name: string): boolean {
  return reserved.has(name);
}

/** Whether the name has the form that expressions can read. */
export function isName(name: string): boolean {
  return form.test(name);
}
