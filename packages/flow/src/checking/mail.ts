/**
 * What mailboxes accept, as far as definitions write it out: of the flow that sends, and of the others of its project. A
 * mailbox is known by its name to all flows, so that whoever receives from it may be given the message.
 */

import type { Schema } from '@scriptorium/core';
import { Findings } from '../diagnostic.ts';
import type { Span } from '../diagnostic.ts';
import { readWhole } from '../reading/definition.ts';
import type { ReadDefinition } from '../reading/extends.ts';
import { readFlow } from '../reading/flow-reader.ts';
import { toJson } from '../reading/piece.ts';
import type { Piece } from '../reading/piece.ts';
import { stepsIn } from '../reading/shape.ts';
import type { BodyShape } from '../reading/shape.ts';
import { textOf } from '../reading/text.ts';
import type { Accepting, FlowFile } from './library.ts';

type CallShape = Extract<BodyShape, { k: 'uses' }>;

const RECEIVING = 'core/receive';
const SENDING: ReadonlySet<string> = new Set(['core/send', 'core/request']);

/** The mailbox that a call sends to; null for another call, and for one that only a run can tell. */
export function mailboxOf({ uses, with: given }: CallShape): string | null {
  return SENDING.has(handlerOf(uses.text)) ? literalText(given?.entries.get('to')?.value) : null;
}

/** What the steps of a definition accept. */
export function acceptedIn(body: BodyShape): readonly Accepting[] {
  return acceptingIn(body).map(({ span: _span, ...accepting }) => ({ ...accepting, place: null }));
}

/** What those of another definition accept. One that cannot be read accepts nothing: its own check tells why. */
export function acceptedAt({ file, source }: FlowFile, read: ReadDefinition | undefined): readonly Accepting[] {
  const { root, sources } = readWhole(source, file, read);
  if (root === undefined) return [];
  const { body } = readFlow(root, new Findings(file, sources));
  return acceptingIn(body).map(({ span, ...accepting }) => {
    const { line, col } = sources.at(span.from);
    return { ...accepting, place: `${file}:${line}:${col}` };
  });
}

function acceptingIn(body: BodyShape): readonly (Omit<Accepting, 'place'> & { readonly span: Span })[] {
  return stepsIn(body).flatMap(({ body: step }) => {
    if (step.k !== 'uses' || handlerOf(step.uses.text) !== RECEIVING) return [];
    const [mailbox, accepts] = ['mailbox', 'accepts'].map((name) => step.with?.entries.get(name)?.value);
    const name = literalText(mailbox);
    const schema = accepts === undefined ? undefined : toJson(accepts);
    const isSchema = typeof schema === 'boolean' || (typeof schema === 'object' && schema !== null && !Array.isArray(schema));
    if (name === null || accepts === undefined || !isSchema || JSON.stringify(schema).includes('${')) return [];
    return [{ mailbox: name, schema: schema as Schema, span: accepts.span }];
  });
}

function handlerOf(uses: string): string {
  return uses.split('@')[0] ?? uses;
}

function literalText(piece: Piece | undefined): string | null {
  const isText = piece?.type === 'scalar' && typeof piece.value === 'string' && textOf(piece)?.expressions.length === 0;
  return isText ? piece.value : null;
}
