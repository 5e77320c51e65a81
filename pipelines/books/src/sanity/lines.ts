/** On which line of the source each heading stands that topology found, so that an editor can look it up. */

import type { Place } from '../source/place.ts';
import type { Source } from '../source/source.ts';
import type { Topology } from '../topology/topology.ts';

/** Index of the source's line for each unit; null where its heading is not found as it is printed. */
export function linesOfUnits(source: Source, shape: Topology): (number | null)[] {
  const { units } = shape.headings;
  if (source.sections !== null) return units.map((_, index) => source.sections?.[index]?.from ?? null);
  const skipped = [...shape.contents, ...shape.added];
  let line = 0;
  return units.map(({ title }) => {
    for (let at = line; at < source.lines.length; at += 1) {
      const range = skipped.find(({ from, to }) => at >= from && at < to);
      if (range !== undefined) {
        at = range.to - 1;
        continue;
      }
      const text = source.lines[at]?.text.trim() ?? '';
      if (text === '' || !title.startsWith(text)) continue;
      line = at + 1;
      return at;
    }
    return null;
  });
}

/** Lines of plain text are those of the file; of other kinds only what stands there is known. */
export function placeOfLine(source: Source, index: number): Place {
  const line = source.lines[index];
  const file = line?.file ?? 0;
  const name = source.files[file]?.name ?? '';
  const text = [...(line?.text.trim() ?? '')].slice(0, 160).join('');
  if (source.kind !== 'text' || line === undefined) return { file: name, line: null, column: null, text };
  const first = source.lines.findIndex((one) => one.file === file);
  return { file: name, line: index - first + 1, column: line.text.length - line.text.trimStart().length + 1, text };
}
