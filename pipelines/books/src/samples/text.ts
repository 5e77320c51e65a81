/** Prints a plan as a plain text, as transcribers of printed books do, with what goes wrong in that. */

import type { Chance } from './chance.ts';
import type { BookPlan, PlannedUnit } from './plan.ts';
import type { Defect, DefectType, TrueUnit } from './truth.ts';

export interface Printed {
  readonly bytes: Uint8Array;
  readonly units: readonly TrueUnit[];
  readonly defects: readonly Defect[];
}

interface Row {
  readonly text: string;
  /** Index of the unit whose heading begins here. */
  readonly unit?: number;
  /** Inside a paragraph of prose: a page may end after it. */
  readonly prose?: boolean;
}

const width = 72;
const pageRows = 34;

export function printText(plan: BookPlan, wrong: ReadonlySet<DefectType>, chance: Chance): Printed {
  const defects: Defect[] = [];
  const encoding = encodingOf(plan, wrong, chance, defects);
  const press: Press = { plan, wrong, chance, defects };
  const body = paged(press, [...titlePage(press), ...plan.units.flatMap((unit, index) => unitRows(press, unit, index))]);
  const rows = [...header(plan, encoding.declared), ...spoiledRows(press, body), ...footer(plan)];
  if (wrong.has('crlf')) defects.push({ type: 'crlf', sign: { type: 'file', property: 'crlf' } });
  if (wrong.has('bom')) defects.push({ type: 'bom', sign: { type: 'file', property: 'bom' } });
  const lineEnd = wrong.has('crlf') ? '\r\n' : '\n';
  const text = rows.map((row) => row.text + lineEnd).join('');
  return { bytes: encoded(text, encoding.actual, wrong.has('bom')), units: placed(plan, rows, lineEnd.length), defects };
}

interface Press {
  readonly plan: BookPlan;
  readonly wrong: ReadonlySet<DefectType>;
  readonly chance: Chance;
  readonly defects: Defect[];
}

function placed(plan: BookPlan, rows: readonly Row[], lineEnd: number): TrueUnit[] {
  const units: TrueUnit[] = [];
  let start = 0;
  for (const row of rows) {
    const unit = row.unit === undefined ? undefined : plan.units[row.unit];
    if (unit !== undefined) units.push({ kind: unit.kind, title: unit.title, value: unit.value, file: 0, start });
    start += [...row.text].length + lineEnd;
  }
  return units;
}

function header(plan: BookPlan, declared: string): Row[] {
  const language = { en: 'English', de: 'German', zh: 'Chinese' }[plan.shape.language];
  return rowsOf([
    `The Project Gutenberg EBook of ${plan.title}, by ${plan.author}`,
    '',
    'This eBook is for the use of anyone anywhere at no cost and with',
    'almost no restrictions whatsoever.',
    '',
    '',
    `Title: ${plan.title}`,
    '',
    `Author: ${plan.author}`,
    '',
    `Release Date: January 1, 2001 [EBook #${String(plan.number)}]`,
    '',
    `Language: ${language}`,
    '',
    `Character set encoding: ${declared}`,
    '',
    `*** START OF THIS PROJECT GUTENBERG EBOOK ${plan.title.toUpperCase()} ***`,
    '',
    '',
    '',
    '',
    'Produced by a generator of samples',
    '',
    '',
    '',
  ]);
}

function footer(plan: BookPlan): Row[] {
  return rowsOf([
    '',
    '',
    '',
    '',
    `End of the Project Gutenberg EBook of ${plan.title}, by ${plan.author}`,
    '',
    `*** END OF THIS PROJECT GUTENBERG EBOOK ${plan.title.toUpperCase()} ***`,
    '',
    '***** This file should be named sample.txt *****',
    '',
    'Updated editions will replace the previous one--the old editions will',
    'be renamed.',
    '',
  ]);
}

function titlePage({ plan, wrong, chance, defects }: Press): Row[] {
  const rows = ['', plan.title.toUpperCase(), '', plan.shape.language === 'de' ? 'von' : 'by', '', plan.author, '', '', ''];
  if (!plan.shape.contents) return rowsOf(rows);
  const listed = plan.units.map((unit) => ({
    label: unit.label,
    indent: unit.kind === 'chapter' && plan.shape.part !== undefined ? '    ' : '  ',
  }));
  if (wrong.has('missing_entry')) {
    listed.splice(chance.between(2, listed.length - 2), 1);
    defects.push({ type: 'missing_entry', sign: { type: 'issue', issue: 'missing_entry' } });
  }
  if (wrong.has('unmatched_entry')) {
    listed.push({
      label:
        plan.shape.scheme === null
          ? 'THE LOST MANUSCRIPT OF BRANDRETH'
          : plan.shape
              .heading('XCIX', 'The Lost Manuscript')
              .filter((row) => row !== '')
              .join(' '),
      indent: '  ',
    });
    defects.push({ type: 'unmatched_entry', sign: { type: 'issue', issue: 'unmatched_entry' } });
  }
  return rowsOf([...rows, 'CONTENTS', '', ...listed.map(({ label, indent }) => indent + label), '', '']);
}

function unitRows(press: Press, unit: PlannedUnit, index: number): Row[] {
  const rows: Row[] = rowsOf(['', '', '', '']);
  for (const [at, text] of unit.heading.entries()) rows.push(at === 0 ? { text, unit: index } : { text });
  rows.push(...rowsOf(['', '']));
  for (const paragraph of unit.paragraphs) rows.push(...paragraphRows(press, paragraph), { text: '' });
  return rows;
}

function paragraphRows({ plan, wrong, defects }: Press, paragraph: string): Row[] {
  if (paragraph.includes('\n')) return rowsOf(paragraph.split('\n').map((line) => `    ${line}`));
  if (plan.shape.language === 'zh') return [{ text: `　　${paragraph}` }];
  const { rows, broken } = wrapped(withLigatures(paragraph, wrong), wrong.has('hyphens'));
  if (broken !== null && !defects.some((defect) => defect.type === 'hyphens'))
    defects.push({ type: 'hyphens', sign: { type: 'present', text: broken } });
  return rows.map((text, index) => ({ text, prose: index < rows.length - 1 }));
}

function withLigatures(text: string, wrong: ReadonlySet<DefectType>): string {
  return wrong.has('ligatures') ? text.replaceAll('ffi', 'ﬃ').replaceAll('fl', 'ﬂ').replaceAll('fi', 'ﬁ').replaceAll('ff', 'ﬀ') : text;
}

/** Fills rows; with `breaking` a long word that does not fit is broken with a hyphen, and one such is told with what follows it. */
function wrapped(text: string, breaking: boolean): { readonly rows: string[]; readonly broken: string | null } {
  const rows: string[] = [];
  let row = '';
  let broken: string | null = null;
  for (const word of text.split(' ')) {
    const room = width - row.length - 1;
    if (row === '' || word.length <= room) row += (row === '' ? '' : ' ') + word;
    else if (breaking && room >= 6 && /^[a-z]{10,}$/.test(word)) {
      const cut = Math.min(room - 1, word.length - 4);
      rows.push(`${row} ${word.slice(0, cut)}-`);
      row = word.slice(cut);
      broken ??= word;
    } else {
      rows.push(row);
      row = word;
    }
  }
  rows.push(row);
  return { rows, broken };
}

/** Page ends inside paragraphs, with the page's number or a running head between blank lines. */
function paged({ plan, wrong, defects }: Press, rows: readonly Row[]): Row[] {
  const heads = wrong.has('running_heads');
  if (!heads && !wrong.has('page_numbers')) return [...rows];
  const printed: Row[] = [];
  let page = 1;
  let since = 0;
  for (const row of rows) {
    printed.push(row);
    since += 1;
    if (since < pageRows || row.prose !== true) continue;
    page += 1;
    since = 0;
    printed.push(...rowsOf(['', heads ? `${String(page)}        ${plan.title.toUpperCase()}` : `${' '.repeat(34)}${String(page)}`, '']));
  }
  if (heads) defects.push({ type: 'running_heads', sign: { type: 'absent', text: `${String(page)}        ${plan.title.toUpperCase()}` } });
  else defects.push({ type: 'page_numbers', sign: { type: 'absent', text: `\n${String(page)}\n` } });
  return printed;
}

/** Decodes some rows wrongly, and notes which ligatures came in. */
function spoiledRows({ wrong, chance, defects }: Press, rows: readonly Row[]): Row[] {
  if (wrong.has('ligatures') && rows.some((row) => /[ﬀ-ﬄ]/.test(row.text)))
    defects.push({ type: 'ligatures', sign: { type: 'absent', text: 'ﬁ' } });
  if (!wrong.has('mojibake')) return [...rows];
  const victims = new Set(
    chance.shuffled(rows.flatMap((row, index) => (row.prose === true && /[“”é]/.test(row.text) ? [index] : []))).slice(0, 12),
  );
  if (victims.size > 0) defects.push({ type: 'mojibake', sign: { type: 'absent', text: 'â€' } });
  return rows.map((row, index) =>
    victims.has(index) ? { ...row, text: new TextDecoder('windows-1252').decode(Buffer.from(row.text)) } : row,
  );
}

interface EncodingChoice {
  readonly declared: string;
  readonly actual: 'utf-8' | 'windows-1252';
}

function encodingOf(plan: BookPlan, wrong: ReadonlySet<DefectType>, chance: Chance, defects: Defect[]): EncodingChoice {
  if (
    !wrong.has('wrong_encoding') ||
    (plan.shape.language === 'en' && !plan.units.some((unit) => unit.paragraphs.some((paragraph) => /[“”é—]/.test(paragraph))))
  )
    return { declared: 'UTF-8', actual: 'utf-8' };
  defects.push({ type: 'wrong_encoding', sign: { type: 'issue', issue: 'wrong_encoding' } });
  return plan.shape.language !== 'zh' && chance.happens(0.5)
    ? { declared: 'UTF-8', actual: 'windows-1252' }
    : { declared: 'ISO-8859-1', actual: 'utf-8' };
}

function encoded(text: string, encoding: EncodingChoice['actual'], bom: boolean): Uint8Array {
  if (encoding === 'utf-8') return Buffer.from((bom ? '\ufeff' : '') + text);
  return Uint8Array.from(text, (character) => windows1252.get(character) ?? 0x3f);
}

const windows1252: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 256 }, (_, byte) => [new TextDecoder('windows-1252').decode(Uint8Array.of(byte)), byte] as const),
);

function rowsOf(texts: readonly string[]): Row[] {
  return texts.map((text) => ({ text }));
}
