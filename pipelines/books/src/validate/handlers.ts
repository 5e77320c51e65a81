/** Stage 6, around the judges: what there is to judge, whether a model can be asked, and the verdict. */

import { artifactSchema, defineHandler, type ArtifactRef, type Context, type Handler, type Json, type Schema } from '@scriptorium/core';
import type { Book } from '../document.ts';
import { issueSchema, type Issue } from '../sanity/issue.ts';
import { placeFinder, type PlaceFinder } from '../source/place.ts';
import { bookInputSchema, type BookInput } from '../stages/contracts.ts';
import { modelConfigured } from './client.ts';
import { findingSchema, type Finding } from './finding.ts';
import { judgeByRules } from './rules.ts';
import { unitsOfBook } from './unit.ts';
import { verdictOn, type Validation } from './verdict.ts';

export const checkModelHandler: Handler = defineHandler<{ readonly ai: boolean }>({
  name: 'book/check-model',
  version: '1.0.0',
  doc: 'Whether a model is to judge: one is wanted, and a service is configured (OPENAI_API_KEY or OPENAI_BASE_URL).',
  input: { type: 'object', required: ['ai'], properties: { ai: { type: 'boolean' } }, additionalProperties: false },
  output: { type: 'object', required: ['available'], properties: { available: { type: 'boolean' } }, additionalProperties: false },
  effects: 'read',
  run: ({ ai }, context) => {
    const configured = modelConfigured(context.env);
    if (!ai || !configured)
      context.log(
        'info',
        ai ? 'neither OPENAI_API_KEY nor OPENAI_BASE_URL is set: books are validated by rules' : 'books are validated by rules, as asked',
      );
    return { available: ai && configured };
  },
});

export const unitsHandler: Handler = defineHandler<{ readonly book: ArtifactRef }>({
  name: 'book/units',
  version: '1.0.0',
  doc: "The ids of a finished book's units, in its order.",
  input: { type: 'object', required: ['book'], properties: { book: artifactSchema }, additionalProperties: false },
  output: {
    type: 'object',
    required: ['ids'],
    properties: { ids: { type: 'array', items: { type: 'string' } } },
    additionalProperties: false,
  },
  effects: 'read',
  pure: true,
  runs: 'thread',
  run: async ({ book }, context) => ({ ids: unitsOfBook(await readBook(book, context)).map((unit) => unit.id) }),
});

const verdictSchema: Schema = {
  type: 'object',
  required: ['method', 'quality', 'issues', 'validation'],
  properties: {
    method: { enum: ['ai', 'rules'] },
    quality: { type: 'integer', minimum: 0, maximum: 100 },
    issues: { type: 'array', items: issueSchema },
    validation: artifactSchema,
  },
  additionalProperties: false,
};

interface VerdictInput {
  readonly book: ArtifactRef;
  /** The input of the book, to say where in it something stands. */
  readonly source: BookInput;
  readonly issues: readonly Issue[];
  readonly model: string;
  /** Of all batches of units; as a list, so that the same judgements are the same input. */
  readonly findings: readonly Finding[];
}

export const verdictHandler: Handler = defineHandler<VerdictInput>({
  name: 'book/verdict',
  version: '2.2.0',
  doc: 'Writes validation.json of a book from the judgements of a model.',
  input: {
    type: 'object',
    required: ['book', 'source', 'issues', 'model', 'findings'],
    properties: {
      book: artifactSchema,
      source: bookInputSchema,
      issues: { type: 'array', items: issueSchema },
      model: { type: 'string' },
      findings: { type: 'array', items: findingSchema },
    },
    additionalProperties: false,
  },
  output: verdictSchema,
  effects: 'read',
  pure: true,
  runs: 'thread',
  run: async ({ book, source, issues, model, findings }, context) => {
    const document = await readBook(book, context);
    const judge = { method: 'ai', model, fallback: null } as const;
    return write(verdictOn(document, unitsOfBook(document), issues, findings, judge, placesOf(source, document)), book, context);
  },
});

interface RulesInput {
  readonly book: ArtifactRef;
  readonly source: BookInput;
  readonly issues: readonly Issue[];
  /** Why the model did not judge, where it should have. */
  readonly fallback?: string | null;
}

export const rulesHandler: Handler = defineHandler<RulesInput>({
  name: 'book/validate-rules',
  version: '2.2.0',
  doc: 'Judges titles and roles without a model and writes validation.json.',
  input: {
    type: 'object',
    required: ['book', 'source', 'issues'],
    properties: {
      book: artifactSchema,
      source: bookInputSchema,
      issues: { type: 'array', items: issueSchema },
      fallback: { type: ['string', 'null'] },
    },
    additionalProperties: false,
  },
  output: verdictSchema,
  effects: 'read',
  pure: true,
  runs: 'thread',
  run: judgedByRules,
});

async function judgedByRules(input: RulesInput, context: Context): Promise<Json> {
  const book = await readBook(input.book, context);
  const units = unitsOfBook(book);
  return write(
    verdictOn(
      book,
      units,
      input.issues,
      judgeByRules(units),
      { method: 'rules', model: null, fallback: input.fallback ?? null },
      placesOf(input.source, book),
    ),
    input.book,
    context,
  );
}

function placesOf(source: BookInput, { meta }: Book): PlaceFinder {
  return placeFinder(
    source.path,
    meta.source.files.map(({ name }) => name),
  );
}

async function readBook(ref: ArtifactRef, context: Context): Promise<Book> {
  return JSON.parse(await context.artifacts.readText(ref)) as Book;
}

async function write(validation: Validation, book: ArtifactRef, context: Context): Promise<Json> {
  const written = await context.outputs.write(`${validation.id}/validation.json`, `${JSON.stringify(validation, null, 1)}\n`, {
    from: [book],
  });
  return {
    method: validation.method,
    quality: validation.quality,
    issues: validation.issues.map((issue) => ({ ...issue })),
    validation: { ...written },
  };
}
