/** HTML that is safe whatever stands in titles: every value is text unless it is markup of this file's own making. */

export interface Markup {
  readonly markup: string;
}

type Value = string | number | Markup | readonly Markup[];

/** As a template tag: `html`<b>${title}</b>``. */
export function html(texts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return { markup: texts.map((text, index) => text + (index < values.length ? written(values[index] ?? '') : '')).join('') };
}

export const nothing: Markup = { markup: '' };

function written(value: Value): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escaped(value);
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}

/** Control characters, which no HTML may have, become a mark that can be seen. */
function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/g, '\ufffd')
    .toWellFormed()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
