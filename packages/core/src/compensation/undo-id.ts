/** The ids of compensations. */

const SUFFIX = '/compensate';

/** The id under which the step's compensation stands in the plan. */
export function compensationId(node: string): string {
  return `${node}${SUFFIX}`;
}

/** The id under which it is run as the `index`-th one of a scope. */
export function undoId(node: string, index: number): string {
  return `${node}${SUFFIX}.${index}`;
}

/** What {@link undoId} was made of, or null for any other id. */
export function parseUndoId(id: string): { readonly node: string; readonly index: number } | null {
  const dot = id.lastIndexOf('.');
  if (dot === -1 || !id.slice(0, dot).endsWith(SUFFIX)) return null;
  return { node: id.slice(0, dot - SUFFIX.length), index: Number(id.slice(dot + 1)) };
}

/** The id in the plan: that of a compensation is the same however often it is run. */
export function plannedId(id: string): string {
  const undo = parseUndoId(id);
  return undo === null ? id : compensationId(undo.node);
}
