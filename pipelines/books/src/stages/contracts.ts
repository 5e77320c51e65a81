/** What the handlers of the deterministic stages have in common: their schemas, and reading and writing book documents. */

import { artifactSchema, StepError } from '@scriptorium/core';
import type { ArtifactRef, Context, Schema } from '@scriptorium/core';
import { bookVersion } from '../document.ts';
import type { Book } from '../document.ts';
import { jsonBytes } from './json-bytes.ts';

/** A book as the scan lists it; further fields are allowed. */
export interface BookInput {
  readonly id: string;
  readonly path: string;
  /** Files of the folder `path` that make the book; all of its kind when absent. */
  readonly files?: readonly string[];
  /** Of the bytes: what makes the stage's result depend on its input alone. */
  readonly hash: string;
}

export const bookInputSchema: Schema = {
  type: 'object',
  required: ['id', 'path', 'hash'],
  properties: {
    id: { type: 'string', minLength: 1 },
    path: { type: 'string', minLength: 1 },
    hash: { type: 'string', minLength: 1 },
    files: { type: 'array', items: { type: 'string' } },
  },
};

export interface DocumentInput {
  readonly id: string;
  readonly document: ArtifactRef;
}

export const documentInputSchema: Schema = {
  type: 'object',
  required: ['id', 'document'],
  properties: { id: { type: 'string', minLength: 1 }, document: artifactSchema },
};

/** The output contract of a stage: the id, the document, and counts beside. */
export function outputSchema(counts: { readonly [name: string]: Schema }): Schema {
  return {
    type: 'object',
    required: ['id', 'document', ...Object.keys(counts)],
    properties: { id: { type: 'string' }, document: artifactSchema, ...counts },
    additionalProperties: false,
  };
}

export const countSchema: Schema = { type: 'integer', minimum: 0 };

export const lettersError: { readonly [code: string]: string } = {
  'letters.lost': 'The stage could not say where every letter of its input went, and handed nothing on.',
};

/** @throws StepError `contract.input` when the artifact is no book of this version. */
export async function readBook(context: Context, document: ArtifactRef): Promise<Book> {
  const book = JSON.parse(await context.artifacts.readText(document)) as Book;
  const major = bookVersion.split('.')[0];
  if (typeof book.version !== 'string' || book.version.split('.')[0] !== major) {
    throw new StepError('contract.input', `${document.path} is no book document of version ${major}`, {
      fix: 'Run the stages before this one again.',
    });
  }
  return book;
}

/** Writes `<book id>.json` and returns its reference as plain data. */
export async function writeDocument(
  context: Context,
  document: { readonly id: string },
  from: readonly (ArtifactRef | string)[],
): Promise<{ [field in keyof ArtifactRef]: ArtifactRef[field] }> {
  return { ...(await context.outputs.write(`${document.id}.json`, jsonBytes(document), { from })) };
}
