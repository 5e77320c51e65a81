/** Which names from around it a step reads: what it waits for, and what an `each` must hand to its items. */

import type { Piece, ScalarPiece } from '../reading/piece.ts';
import { childrenOf } from '../reading/shape.ts';
import type { BodyShape, CatchShape, StepShape } from '../reading/shape.ts';
import { expressionsIn } from '../reading/text.ts';
import type { ExpressionPart } from '../reading/text.ts';

/** A name with one of the expressions that read it. */
export type Reads = ReadonlyMap<string, { readonly piece: ScalarPiece; readonly part: ExpressionPart }>;

export type ReadsOf = (source: string) => readonly string[];

export interface ReadsFinder {
  /** Everything that the step reads from its scope and those around it. */
  readonly ofStep: (step: StepShape) => Reads;
  /** What the body, the catches and all inside them read, without what an `each` brings. */
  readonly ofBody: (step: StepShape) => Reads;
  /** What the steps or states of a scope, and its output, read from around it. */
  readonly ofScope: (body: BodyShape) => Reads;
}

export function readsFinder(readsOf: ReadsOf): ReadsFinder {
  const steps = new Map<StepShape, Reads>();
  const bodies = new Map<StepShape, Reads>();

  const ofPiece = (piece: Piece | undefined): Reads => readsIn(piece, readsOf);

  const ofCatch = (entry: CatchShape): Reads =>
    without(union([ofPiece(entry.if), entry.do === undefined ? new Map() : ofStep(entry.do)]), ['error']);

  const ofScope = (body: BodyShape): Reads => {
    const children = childrenOf(body);
    const inner = union(children.map(ofStep));
    const visible = body.k === 'states' ? without(inner, ['prev', 'visits']) : inner;
    const output = body.k === 'steps' || body.k === 'states' ? ofPiece(body.output) : none;
    const until = body.k === 'steps' ? ofPiece(body.until) : none;
    return without(
      union([visible, until, output]),
      children.map(({ name }) => name),
    );
  };

  const ofOwn = (body: BodyShape): Reads => {
    switch (body.k) {
      case 'uses':
        return ofPiece(body.with);
      case 'value':
        return ofPiece(body.value);
      case 'wait':
        return union([ofPiece(body.for), ofPiece(body.until), ofPiece(body.event?.ask), without(ofPiece(body.event?.match), ['event'])]);
      default:
        return new Map();
    }
  };

  /** Beside the names around it, a compensation reads what the step itself gave. */
  const ofCompensation = ({ name, compensate }: StepShape): Reads =>
    compensate === undefined ? none : without(ofStep(compensate), [name]);

  const ofBody = (step: StepShape): Reads => {
    const known = bodies.get(step);
    if (known !== undefined) {
      return known;
    }
    const { body, each } = step;
    const inner = union([ofPiece(step.cache), ofOwn(body), ofScope(body), ...step.catch.map(ofCatch), ofCompensation(step)]);
    const reads = each === undefined ? inner : without(inner, [each.as.text, 'index']);
    bodies.set(step, reads);
    return reads;
  };

  const ofStep = (step: StepShape): Reads => {
    const known = steps.get(step);
    if (known !== undefined) {
      return known;
    }
    const { each } = step;
    const key = each === undefined ? new Map() : without(ofPiece(each.key), [each.as.text, 'index']);
    const reads = union([
      ofPiece(step.if),
      ofPiece(each?.in),
      key,
      ofPiece(each?.workers),
      ofPiece(each?.batch),
      ofPiece(each?.tolerate),
      without(ofPiece(each?.until), ['ok', 'failed']),
      ...(step.next?.entries.flatMap((entry) => [ofPiece(entry.if), ofPiece(entry.to)]) ?? []),
      ofBody(step),
    ]);
    steps.set(step, reads);
    return reads;
  };

  return { ofStep, ofBody, ofScope };
}

function readsIn(piece: Piece | undefined, readsOf: ReadsOf): Reads {
  const found = new Map<string, { readonly piece: ScalarPiece; readonly part: ExpressionPart }>();
  for (const place of expressionsIn(piece)) {
    for (const name of readsOf(place.part.source)) {
      found.set(name, found.get(name) ?? place);
    }
  }
  return found;
}

const none: Reads = new Map();

function union(all: readonly Reads[]): Reads {
  const [first, ...others] = all.filter(({ size }) => size > 0);
  return first === undefined || others.length === 0
    ? (first ?? new Map())
    : new Map([...others.toReversed().flatMap((reads) => [...reads]), ...first]);
}

function without(reads: Reads, names: readonly string[]): Reads {
  return reads.size === 0 ? reads : new Map([...reads].filter(([name]) => !names.includes(name)));
}
