/**
 * `extends`: a definition that is a merge patch (RFC 7396) over the one in another file, which may extend a third. What
 * is merged keeps its places, each in its own file.
 */

import type { Finding, Findings, Span } from '../diagnostic.ts';
import { textField } from './field.ts';
import { linesOf } from './lines.ts';
import { mergePatch } from './merge.ts';
import { entryOf, shiftPiece } from './piece.ts';
import type { Entry, MapPiece, Piece } from './piece.ts';
import { readSource } from './source.ts';
import type { Sources } from './sources.ts';

/** Files in a chain, the definition itself not counted. */
export const MAX_BASES = 8;

export interface DefinitionFile {
  /** As messages name it: the same file always by the same name. */
  readonly file: string;
  readonly source: string;
}

/** The file at `path`, which stands in the file `from` and is relative to it; null when it cannot be read. */
export type ReadDefinition = (path: string, from: string) => DefinitionFile | null;

export interface Extending {
  readonly read: ReadDefinition;
  readonly sources: Sources;
  readonly findings: Findings;
  /** The files that were read, the nearest first. */
  readonly bases: DefinitionFile[];
}

/** The whole definition without `extends`; undefined when a file of the chain is wrong, which has been told. */
export function extendRoot(root: MapPiece, file: string, extending: Extending): MapPiece | undefined {
  return extend(root, [file], extending);
}

function extend(root: MapPiece, chain: readonly string[], extending: Extending): MapPiece | undefined {
  const entry = entryOf(root, 'extends');
  if (entry === undefined) {
    return root;
  }
  const own: MapPiece = { ...root, entries: new Map([...root.entries].filter(([key]) => key !== 'extends')) };
  const base = readBase(entry, chain, extending);
  const below = base === undefined ? undefined : extend(base.piece, [...chain, base.file], extending);
  if (below === undefined) {
    return undefined;
  }
  tellOfIdleNulls(below, own, extending.findings);
  return { ...(mergePatch(below, own) as MapPiece), span: root.span };
}

function readBase(
  entry: Entry,
  chain: readonly string[],
  { read, sources, findings, bases }: Extending,
): { readonly file: string; readonly piece: MapPiece } | undefined {
  const { span } = entry.value;
  const tell = (finding: Omit<Finding, 'span'>): undefined => findings.add({ ...finding, span }) as undefined;
  const path = textField(entry.value, '`extends`', { path: '', findings });
  if (path === undefined) {
    return undefined;
  }
  if (!/^\.\.?\/.*\.flow\.(ya?ml|json)$/.test(path) || path.includes('\\')) {
    return tell({
      code: 'bad_path',
      message: `\`extends\` names a flow file by a path relative to its own, such as ./base.flow.yaml, not ${path}`,
      fix: 'begin with ./ or ../, and end in .flow.yaml or .flow.json',
    });
  }
  if (chain.length > MAX_BASES) {
    return tell({ code: 'too_deep', message: `more than ${MAX_BASES} files extend each other`, fix: 'merge some of them' });
  }
  const found = read(path, chain.at(-1) ?? '');
  if (found === null) {
    return tell({ code: 'no_such_file', message: `there is no file ${path} that can be read`, fix: 'the path is relative to this file' });
  }
  const { file, source } = found;
  if (chain.includes(file)) {
    return tell({
      code: 'extends_cycle',
      message: `\`extends\` goes in a circle: ${[...chain.slice(chain.indexOf(file)), file].join(' → ')}`,
      fix: 'let one of them stand on its own',
    });
  }
  bases.push(found);
  const lines = linesOf(source);
  const start = sources.add(file, lines);
  const piece = readSource(source, lines, { add: (finding) => findings.add({ ...finding, span: shifted(finding.span, start) }) });
  if (piece !== undefined && piece.type !== 'map') {
    findings.add({ code: 'wrong_shape', message: 'a definition is a mapping', span: shifted(piece.span, start) });
  }
  return piece?.type === 'map' ? { file, piece: shiftPiece(piece, start) as MapPiece } : undefined;
}

function shifted({ from, to }: Span, by: number): Span {
  return { from: from + by, to: to + by };
}

/** A null means "without this key": one that removes nothing was probably meant as a value. */
function tellOfIdleNulls(base: Piece | undefined, patch: MapPiece, findings: Findings): void {
  for (const { key, keySpan, value } of patch.entries.values()) {
    const below = entryOf(base, key)?.value;
    if (value.type === 'map') {
      tellOfIdleNulls(below, value, findings);
    } else if (value.type === 'scalar' && value.value === null && below === undefined) {
      findings.add({
        code: 'removes_nothing',
        severity: 'warning',
        message: `in a file that extends another, null removes a key, and there is no '${key}' to remove`,
        span: keySpan,
        fix: 'for the value null write "${ null }", or put it into the file that is extended',
      });
    }
  }
}
