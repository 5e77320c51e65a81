/** Prints a plan as the files that scrapers leave: a folder of HTML with its info.json, one HTML page, the toolkit's JSON. */

import type { BookPlan, PlannedUnit } from './plan.ts';
import type { TrueUnit } from './truth.ts';

export interface MarkedUp {
  /** By file name; the names are all there is in one folder, or of a book of one file. */
  readonly files: ReadonlyMap<string, string>;
  readonly units: readonly TrueUnit[];
}

/** One file a unit, with `<br>` between paragraphs and the titles only in info.json. */
export function printHtmlFolder(plan: BookPlan): MarkedUp {
  const files = new Map<string, string>();
  for (const [index, unit] of plan.units.entries())
    files.set(`${String(index)}.html`, unit.paragraphs.map((paragraph) => `　　${escaped(paragraph)}<br>`).join(''));
  files.set(
    'info.json',
    JSON.stringify({ name: plan.title, author: { name: plan.author }, catalogues: plan.units.map((unit) => unit.label) }, null, 2),
  );
  return { files, units: plan.units.map((unit, index) => trueUnit(unit, index, 0)) };
}

export function printHtml(plan: BookPlan): MarkedUp {
  let page = `<!DOCTYPE html>\n<html lang="${plan.shape.language}">\n<head><meta charset="utf-8"><title>${escaped(plan.title)}</title><style>p { margin: 0 }</style></head>\n<body>\n<h1>${escaped(plan.title)}</h1>\n<p>by ${escaped(plan.author)}</p>\n`;
  const units: TrueUnit[] = [];
  for (const unit of plan.units) {
    page += '<h2>';
    units.push(trueUnit(unit, 0, page.length));
    page += `${escaped(unit.label)}</h2>\n${unit.paragraphs.map((paragraph) => `<p>${escaped(paragraph).replaceAll('\n', '<br>\n')}</p>\n`).join('')}`;
  }
  return { files: new Map([[`${plan.id}.html`, `${page}</body>\n</html>\n`]]), units };
}

export function printJson(plan: BookPlan): MarkedUp {
  let text = `{"metadata": ${JSON.stringify({ title: plan.title, creator: plan.author, language: plan.shape.language })},\n"chapters": [`;
  const units: TrueUnit[] = [];
  for (const [index, unit] of plan.units.entries()) {
    text += `${index === 0 ? '' : ','}\n{"title": ${JSON.stringify(unit.label)}, "content": `;
    units.push(trueUnit(unit, 0, text.length));
    text += `${JSON.stringify(unit.paragraphs.map((paragraph) => ({ tag: 'p', content: paragraph })))}}`;
  }
  return { files: new Map([[`${plan.id}.json`, `${text}\n]}\n`]]), units };
}

function trueUnit(unit: PlannedUnit, file: number, start: number): TrueUnit {
  return { kind: unit.kind, title: unit.title, value: unit.value, file, start };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
