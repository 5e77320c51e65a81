/** The whole pipeline by the builder: the hash is that of its YAML. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import type { ArtifactRef, Handler, ItemCollection, TypedHandler } from '@scriptorium/core';
import { $, compileFlow, flow, printFlow } from '@scriptorium/flow';
import type { Definition, FailedItem, Ref, Scope } from '@scriptorium/flow';
import { booksFlow, handlers } from '../src/index.ts';

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };
interface Book {
  readonly id: string;
  readonly path: string;
  readonly hash: string;
}
interface Issue {
  readonly type: string;
}
interface Document {
  readonly id: string;
  readonly document: ArtifactRef;
}
interface Verdict {
  readonly method: string;
  readonly quality: number | null;
  readonly issues: readonly Issue[];
  readonly validation: ArtifactRef | null;
}
interface Done extends Nullable<{
  readonly method: string;
  readonly quality: number;
  readonly document: ArtifactRef;
  readonly validation: ArtifactRef;
}> {
  readonly id: string;
  readonly skipped: string | null;
  readonly issues: readonly Issue[];
}
interface Summary {
  readonly books: number;
  readonly clean: number;
  readonly withIssues: number;
  readonly skipped: number;
  readonly failed: number;
  readonly summary: ArtifactRef;
}
interface JudgeInput {
  readonly book: ArtifactRef;
  readonly units: readonly string[];
  readonly task: 'titles' | 'roles';
  readonly model: string;
}
interface Findings {
  readonly findings: readonly unknown[];
}
interface RulesInput {
  readonly book: ArtifactRef;
  readonly source: Book;
  readonly issues: readonly Issue[];
  readonly fallback?: string | null;
}
interface VerdictInput extends Omit<RulesInput, 'fallback'> {
  readonly model: string;
  readonly findings: readonly unknown[];
}
interface Publishing extends Document {
  readonly formats: readonly string[];
  readonly pictures: readonly ArtifactRef[];
}
interface Cleaned extends Document {
  readonly pictures: readonly ArtifactRef[];
}

/** The pipeline's handlers with the types of their contracts. */
const stages = {
  catalog: handler<{ catalog: string | null }, { catalog: string | null }>('book/check-catalog'),
  model: handler<{ ai: boolean }, { available: boolean }>('book/check-model'),
  scan: handler<{ folder: string; volumes: string }, { books: readonly Book[]; ignored: readonly unknown[] }>('book/scan'),
  topology: handler<{ book: Book }, Document & { skip: { message: string } | null }>('book/topology'),
  sanity: handler<{ book: Book; topology: ArtifactRef; catalog: string | null }, { meta: object; issues: readonly Issue[] }>('book/sanity'),
  clean: handler<{ book: Book; topology: ArtifactRef; meta?: object | null; typography: string }, Cleaned>('book/clean'),
  align: handler<Document, Document>('book/align'),
  toc: handler<Document, Document>('book/toc'),
  publish: handler<Publishing, { readonly files: readonly ArtifactRef[] }>('book/publish'),
  units: handler<{ book: ArtifactRef }, { ids: readonly string[] }>('book/units'),
  judge: handler<JudgeInput, Findings>('book/judge'),
  verdict: handler<VerdictInput, Verdict>('book/verdict'),
  rules: handler<RulesInput, Verdict>('book/validate-rules'),
  gate: handler<{ id: string; issues: readonly Issue[] }, unknown>('book/gate'),
  report: handler<{ done: ItemCollection<Done>; failed: ItemCollection<FailedItem>; ignored: number }, Summary>('book/report'),
};

function handler<I, O>(name: string): TypedHandler<I, O> {
  const found: Handler | undefined = handlers.find((each) => each.name === name);
  assert.ok(found, name);
  return found;
}

const input = {
  folder: { type: 'string', format: 'path', minLength: 1, description: 'Holds one file or folder for each book.' },
  catalog: {
    type: ['string', 'null'],
    format: 'path',
    default: null,
    description: 'SQLite catalog; named but missing: refused before anything starts.',
  },
  workers: { type: 'integer', minimum: 1, default: 10, description: 'Books in flight.' },
  ai: { type: 'boolean', default: true, description: 'Let a model validate where one is configured (OPENAI_API_KEY).' },
  model: { type: 'string', default: 'gpt-4o-mini', description: 'The model that validates.' },
  typography: {
    enum: ['printed', 'source'],
    default: 'printed',
    description: 'Quotation marks and dashes of the text: as presses have them, or as the source does.',
  },
  volumes: {
    enum: ['folder', 'joined', 'apart'],
    default: 'folder',
    description: 'Which files are one work: those of a folder below; also those side by side whose names say so; none.',
  },
  formats: {
    type: 'array',
    items: { enum: ['epub', 'markdown', 'text'] },
    uniqueItems: true,
    default: ['epub', 'markdown'],
    description: 'What each finished book is written as, beside its document.',
  },
} as const;

type Pools = 'disk' | 'openai';

const stage = { limit: 'disk', timeout: '5m', retry: { max: 2, delay: '200ms', errors: ['io'] } } as const;
const judging = {
  limit: 'openai',
  timeout: '90s',
  cache: true,
  retry: { max: 4, delay: '2s', factor: 2, cap: '30s', errors: ['rate_limited', 'overloaded', 'timeout', 'contract.output'] },
} as const;

const built: Definition = flow(
  'book/batch',
  {
    version: '1.0.0',
    doc: 'Six-stage processing of a folder of books.',
    input,
    profiles: { test: { run: { mode: 'strict', limit: 5 } } },
    limits: { disk: { concurrent: 12 }, openai: { concurrent: 4, rate: '2/s' } },
    budget: { calls: 20_000, tokens: 40_000_000 },
  },
  (s, input, run) => {
    const catalog = s.step('catalog', stages.catalog, { with: { catalog: input.catalog } });
    const judge = s.step('judge', stages.model, { with: { ai: input.ai } });
    const scan = s.step('scan', stages.scan, { with: { folder: input.folder, volumes: input.volumes } });
    const options = { in: scan.books, as: 'book', workers: input.workers, tolerate: '10%' };
    const books = s.each('books', { ...options, key: (book) => book.id }, (book, s) => {
      const topology = s.step('topology', stages.topology, { ...stage, with: { book } });
      const usable = $<boolean>`${topology.skip} == null`;
      const sanity = s.step('sanity', stages.sanity, {
        ...stage,
        if: usable,
        with: { book, topology: topology.document, catalog: catalog.catalog },
        catch: (caught, error) => [
          caught.value({
            meta: {},
            catalog: 'none',
            issues: [{ severity: 'error', index: null, title: '', type: 'stage_failed', message: `sanity: ${error.message}` }],
          }),
        ],
      });
      const clean = s.step('clean', stages.clean, {
        ...stage,
        if: usable,
        limit: { concurrent: 8 },
        with: { book, topology: topology.document, meta: $.maybe(sanity).meta, typography: input.typography },
      });
      const align = s.step('align', stages.align, {
        ...stage,
        if: $<boolean>`${clean} != null`,
        with: { id: book.id, document: $.or($.maybe(clean).document, topology.document) },
      });
      const toc = s.step('toc', stages.toc, {
        ...stage,
        if: $<boolean>`${align} != null`,
        with: { id: book.id, document: $.or($.maybe(align).document, topology.document) },
      });
      s.step('publish', stages.publish, {
        ...stage,
        if: $<boolean>`${toc} != null`,
        with: {
          id: book.id,
          document: $.or($.maybe(toc).document, topology.document),
          formats: input.formats,
          pictures: $.or($.maybe(clean).pictures, []),
        },
      });
      const about = { book: $.or($.maybe(toc).document, topology.document), source: book, issues: $.or($.maybe(sanity).issues, []) };
      const services = ['agent.*', 'rate_limited', 'overloaded', 'timeout', 'contract.output'];
      const validate = s.scope(
        'validate',
        {
          if: $<boolean>`${toc} != null`,
          catch: (caught, error) => [
            caught.step(stages.rules, {
              errors: [...services, 'limit.open', 'budget.exceeded', 'each.failed'],
              with: { ...about, fallback: error.message },
            }),
          ],
        },
        (s) => addValidation(s, about, judge.available, input.model),
      );
      s.step('gate', stages.gate, {
        if: $<boolean>`${run.mode} == "strict" && ${validate} != null`,
        with: { id: book.id, issues: $.or($.maybe(validate).issues, []) },
      });
      return {
        id: book.id,
        skipped: $.maybe(topology.skip).message,
        document: $.maybe(toc).document,
        method: $.maybe(validate).method,
        issues: $.or($.maybe(validate).issues, []),
        quality: $.maybe(validate).quality,
        validation: $.maybe(validate).validation,
      };
    });
    const report = s.step('report', stages.report, {
      with: { done: books.ok, failed: books.failed, ignored: $<number>`${scan.ignored}.size()` },
    });
    const { clean, withIssues, skipped, failed, summary } = report;
    return { books: report.books, clean, withIssues, skipped, failed, ignored: $<number>`${scan.ignored}.size()`, summary };
  },
);

/** A model judges titles and roles in batches, and a verdict is made of what it finds. */
function addValidation(
  s: Scope<Pools>,
  about: { readonly book: Ref<ArtifactRef>; readonly source: Ref<Book>; readonly issues: Ref<readonly Issue[]> },
  available: Ref<boolean>,
  model: Ref<string>,
): Ref<Verdict> {
  const { book } = about;
  const units = s.step('units', stages.units, { ...stage, if: available, with: { book } });
  const batches = { in: $.or($.maybe(units).ids, []), as: 'batch', workers: 4 } as const;
  const titles = s.each('titles', { ...judging, ...batches, batch: 20 }, stages.judge, (batch) => ({
    book,
    units: batch,
    task: 'titles',
    model,
  }));
  const roles = s.each('roles', { ...judging, ...batches, batch: 10 }, stages.judge, (batch) => ({
    book,
    units: batch,
    task: 'roles',
    model,
  }));
  const verdict = s.step('verdict', stages.verdict, {
    ...stage,
    if: available,
    with: {
      ...about,
      model,
      findings: $<readonly unknown[]>`${titles.ok}.map(b, b.findings).flatten() + ${roles.ok}.map(b, b.findings).flatten()`,
    },
  });
  const ruling = s.step('ruling', stages.rules, { ...stage, if: $<boolean>`!${available}`, with: about });
  return $<Verdict>`${verdict} ?? ${ruling}`;
}

const source = readFileSync(booksFlow.file, 'utf8');
const callables = new Map(handlers.map((each) => [each.name, each]));
const compile = (definition: string | Definition, profile?: string): ReturnType<typeof compileFlow> =>
  compileFlow(definition, { file: 'books', callables, ...(profile === undefined ? {} : { profile }) });

it('has the hash of the YAML, with and without the test profile', () => {
  assert.deepEqual(compile(built).diagnostics, []);
  assert.deepEqual(compile(built).flow, compile(source).flow);
  assert.equal(compile(built, 'test').flow?.hash, compile(source, 'test').flow?.hash);
  assert.notEqual(compile(built, 'test').flow?.hash, compile(built).flow?.hash);
});

it('has the same hash after it was printed as YAML', () => {
  assert.equal(compile(printFlow(built)).flow?.hash, compile(source).flow?.hash);
});

it('keeps the hash and every comment of the YAML when that is printed', () => {
  const printed = printFlow(source);
  const comments = (text: string): readonly string[] => [...text.matchAll(/(?<=^|\s)#.*$/gm)].map(([comment]) => comment.trim());
  assert.ok(comments(source).length > 5);
  assert.deepEqual(comments(printed), comments(source));
  assert.equal(compile(printed).flow?.hash, compile(source).flow?.hash);
  assert.equal(printFlow(printed), printed);
});
