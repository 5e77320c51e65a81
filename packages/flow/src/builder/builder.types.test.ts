/**
 * What TypeScript refuses in a flow. Nothing here runs: each marked line must fail to compile, or the check of types
 * fails, and every other line must compile.
 */

import { test } from 'node:test';
import { defineHandler } from '@scriptorium/core';
import type { Handler, ItemCollection, TypedHandler } from '@scriptorium/core';
import { z } from 'zod';
import { $, flow } from '../index.ts';
import type { Ref, RefOf } from '../index.ts';

interface Book {
  readonly id: string;
  readonly path: string;
  readonly pages: number;
  readonly kind: 'prose' | 'verse';
  readonly meta?: { readonly title: string };
}

declare const scan: TypedHandler<{ folder: string; depth?: number }, { books: readonly Book[]; newest: Book | null }>;
declare const clean: TypedHandler<{ path: string; kind: 'prose' | 'verse' }, { path: string; tags: { [name: string]: string } }>;
declare const review: TypedHandler<{ path: string }, { score: number; notes: readonly string[] }>;
declare const report: TypedHandler<{ done: ItemCollection<{ id: string; path: string }> }, { path: string }>;
declare const tick: TypedHandler<{ note?: string }, { at: string }>;
declare const untyped: Handler;

const version = '1.0.0';
const Input = z.object({ folder: z.string(), workers: z.int().default(4), catalog: z.string().nullable().default(null) });
const Findings = z.object({ issues: z.array(z.object({ text: z.string() })) });

/** Compiles only where both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(proof: Same<A, B>): void;
declare function valueOf<T>(ref: RefOf<T>): T;

test('lines that must not compile do not', () => {
  void [fields, inputs, calls, nulls, items, conditions, catches, schemas, handlers, scopes];
});

function fields(): void {
  flow('a/b', { version, input: Input }, (s, input, run) => {
    const found = s.step('found', scan, { with: { folder: input.folder } });
    s.value('pages', { list: found.books, first: $.at(found.books, 0), run: run.id });
    // @ts-expect-error there is no field 'book'
    s.value('wrong', found.book);
    // @ts-expect-error there is no field 'ids' of a run
    s.value('run', run.ids);
    // @ts-expect-error a list has no fields
    s.value('list', found.books.id);
    // @ts-expect-error an item out of range is null
    s.value('item', $.at(found.books, 0).id);
    // @ts-expect-error a list is not read by name
    s.value('named', $.at(found.books, 'first'));
    // @ts-expect-error text has no fields
    s.value('text', input.folder.name);
    // @ts-expect-error a definition holds no functions
    s.value('code', { run: () => 1 });
    // @ts-expect-error a definition holds no dates
    s.value('date', { at: new Date() });
  });
}

function inputs(): void {
  flow('a/b', { version, input: Input }, (s, input) => {
    same<ReturnType<typeof valueOf<number>>, number>(true);
    s.step('found', scan, { with: { folder: input.folder, depth: input.workers } });
    // @ts-expect-error there is no input 'folders'
    s.value('folders', input.folders);
    // @ts-expect-error the catalog may be null
    s.step('catalog', scan, { with: { folder: input.catalog } });
    s.step('given', scan, { with: { folder: $.or(input.catalog, 'none') } });
  });
  const plain = {
    n: { type: 'integer', default: 3 },
    name: { type: ['string', 'null'], default: null },
    of: { enum: ['a', 'b'] },
  } as const;
  flow('a/b', { version, input: plain }, (s, input) => {
    same<typeof input.n, Ref<number>>(true);
    same<typeof input.of, Ref<'a' | 'b'>>(true);
    s.step('found', scan, { with: { folder: $.or(input.name, ''), depth: input.n } });
    // @ts-expect-error a number is no text
    s.step('number', scan, { with: { folder: input.n } });
    // @ts-expect-error there is no input 'm'
    s.value('m', input.m);
  });
  flow('a/b', { version }, (s, input) => {
    // @ts-expect-error a flow without inputs has none
    s.value('n', input.n);
  });
  // @ts-expect-error a flow has a version
  flow('a/b', {}, () => 1);
  // @ts-expect-error a flow has no key 'inputs'
  flow('a/b', { version, inputs: Input }, () => 1);
}

function calls(): void {
  flow('a/b', { version, limits: { disk: { concurrent: 2 } } }, (s) => {
    const found = s.step('found', scan, { with: { folder: `books of ${s.value('year', 1)}` }, limit: 'disk' });
    s.step('tick', tick);
    s.step('noted', tick, { with: { note: 'now' } });
    // @ts-expect-error the handler needs an input
    s.step('nothing', scan);
    // @ts-expect-error the handler needs 'folder'
    s.step('empty', scan, { with: {} });
    // @ts-expect-error there is no input 'folders'
    s.step('key', scan, { with: { folder: 'a', folders: 'b' } });
    // @ts-expect-error a number is no text
    s.step('type', scan, { with: { folder: 3 } });
    // @ts-expect-error a list is no text
    s.step('list', scan, { with: { folder: found.books } });
    // @ts-expect-error 'drama' is no kind
    s.step('enum', clean, { with: { path: 'a', kind: 'drama' } });
    // @ts-expect-error there is no limit 'disc'
    s.step('pool', scan, { with: { folder: 'a' }, limit: 'disc' });
    // @ts-expect-error a step has no key 'timeouts'
    s.step('option', scan, { with: { folder: 'a' }, timeouts: '3s' });
    // @ts-expect-error a timeout has a unit
    s.step('timeout', scan, { with: { folder: 'a' }, timeout: 3 });
    // @ts-expect-error a retry says how often
    s.step('retry', scan, { with: { folder: 'a' }, retry: { delay: '3s' } });
    // @ts-expect-error needs takes steps
    s.step('needs', scan, { with: { folder: 'a' }, needs: ['found'] });
    s.step('order', scan, { with: { folder: 'a' }, needs: [found] });
  });
}

function nulls(): void {
  flow('a/b', { version, input: Input }, (s, input) => {
    const found = s.step('found', scan, { with: { folder: input.folder } });
    // @ts-expect-error the newest book may be null
    s.value('newest', found.newest.path);
    s.value('guarded', $.maybe(found.newest).path);
    const note = s.step('note', review, { with: { path: 'a' }, if: $`${input.workers} > 2` });
    // @ts-expect-error a step with \`if\` may be skipped, and its output is null then
    s.value('score', note.score);
    // @ts-expect-error what comes through a guard may be null
    s.step('path', review, { with: { path: $.maybe(found.newest).path } });
    s.step('default', review, { with: { path: $.or($.maybe(found.newest).path, 'none') } });
    // @ts-expect-error the other half may be text only
    s.step('wrong', review, { with: { path: $.or($.maybe(found.newest).path, 3) } });
    const book = $.or(found.newest, { id: '', path: '', pages: 0, kind: 'prose' });
    s.value('id', book.id);
    // @ts-expect-error a field that may be absent is null then
    s.each('titles', { in: found.books }, (each) => each.meta.title);
    const value = s.value('maybe', { a: 1 }, { if: $`${input.workers} > 2` });
    // @ts-expect-error so is data with \`if\`
    s.value('a', value.a);
    const inner = s.scope('inner', { if: $`true` }, (s) => ({ b: s.value('b', 2) }));
    // @ts-expect-error and a scope with \`if\`
    s.value('b', inner.b);
    const many = s.each('many', { in: [1, 2], if: $`true` }, (n) => n);
    // @ts-expect-error and an each with \`if\`
    s.value('ok', many.ok);
    const tags = s.step('clean', clean, { with: { path: 'a', kind: 'verse' } }).tags;
    // @ts-expect-error a key of a map may be absent
    s.step('tag', review, { with: { path: $.at(tags, 'any') } });
  });
}

function items(): void {
  flow('a/b', { version, input: Input }, (s, input) => {
    const found = s.step('found', scan, { with: { folder: input.folder } });
    const books = s.each('books', { in: found.books, as: 'book', key: (b) => b.id, workers: input.workers }, (book, s, index) => {
      const done = s.step('clean', clean, { with: { path: book.path, kind: book.kind } });
      same<typeof index, Ref<number>>(true);
      return { id: book.id, path: done.path };
    });
    s.step('report', report, { with: { done: books.ok } });
    // @ts-expect-error the failed ones are something else
    s.step('failed', report, { with: { done: books.failed } });
    // @ts-expect-error a collection is no list
    s.each('list', { in: found }, (each) => each);
    // @ts-expect-error a book has no field 'name' to be known by
    s.each('key', { in: found.books, key: (b) => b.name }, (b) => b.id);
    // @ts-expect-error a book is no key
    s.each('book', { in: found.books, key: (b) => b }, (b) => b.id);
    // @ts-expect-error workers are counted
    s.each('workers', { in: found.books, workers: 'many' }, (b) => b.id);
    // @ts-expect-error a book has no field 'title'
    s.each('title', { in: found.books }, (b) => b.title);
    s.each('calls', { in: found.books, as: 'book' }, clean, (b) => ({ path: b.path, kind: b.kind }));
    // @ts-expect-error the handler needs a kind
    s.each('less', { in: found.books, as: 'book' }, clean, (b) => ({ path: b.path }));
    // @ts-expect-error a number is no path
    s.each('number', { in: found.books, as: 'book' }, review, (b) => ({ path: b.pages }));
    s.each('groups', { in: found.books, as: 'group', batch: 20 }, (group) => ({ first: $.at(group, 0), all: group }));
    // @ts-expect-error a group of items is a list
    s.each('group', { in: found.books, as: 'group', batch: 20 }, (group) => group.id);
    s.each('chain', { in: books.ok, as: 'done', key: (b) => b.id }, review, (b) => ({ path: b.path }));
    // @ts-expect-error so many fields has no result
    s.each('result', { in: books.ok, as: 'done' }, review, (b) => ({ path: b.pages }));
    s.each('literal', { in: [{ n: 1 }, { n: 2 }] }, (each) => each.n);
  });
}

function conditions(): void {
  flow('a/b', { version, input: Input }, (s, input, run) => {
    s.value('test', 1, { if: run.test });
    s.value('strict', 1, { if: $<boolean>`${run.mode} == "strict"` });
    // @ts-expect-error a number is no condition
    s.value('number', 1, { if: input.workers });
    // @ts-expect-error the comparison would be made now, not when the flow runs
    s.value('now', 1, { if: run.mode === 'strict' });
    // @ts-expect-error neither is text
    s.value('text', 1, { if: $<string>`${run.mode}` });
  });
}

function catches(): void {
  flow('a/b', { version, input: Input }, (s, input) => {
    const one = s.step('one', review, { with: { path: 'a' }, catch: (caught) => [caught.value(null, { errors: ['io'] })] });
    // @ts-expect-error what is caught with null may be null
    s.value('score', one.score);
    const two = s.step('two', review, {
      with: { path: 'a' },
      catch: (caught, error) => [
        caught.value({ score: 0, notes: [error.message] }, { if: $`${error.code} == "io"` }),
        caught.step(review, { errors: 'io', with: { path: 'b' } }),
        caught.scope({}, (s) => s.step('again', review, { with: { path: 'c' } })),
      ],
    });
    s.value('sure', two.score);
    // @ts-expect-error no entry gives a title
    s.value('title', two.title);
    // @ts-expect-error the handler needs a path
    s.step('three', review, { with: { path: 'a' }, catch: (caught) => [caught.step(review, {})] });
    // @ts-expect-error a failure has no field 'text'
    s.step('four', review, { with: { path: 'a' }, catch: (caught, error) => [caught.value(error.text)] });
    const many = s.each('many', { in: [1], catch: (caught, _, item) => [caught.value({ n: item })] }, (n) => ({ n }));
    s.each('sum', { in: many.ok, as: 'part' }, (part) => part.n);
    void input;
  });
}

function schemas(): void {
  flow('a/b', { version, schemas: { Findings } }, (s) => {
    const judged = s.step('judged', untyped, { with: { anything: 1 }, returns: Findings });
    same<typeof judged.issues, Ref<{ text: string }[]>>(true);
    // @ts-expect-error there is no field 'issue'
    s.value('issue', judged.issue);
    const read = s.step('read', 'core/agent@^1', { returns: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } } });
    same<typeof read.n, Ref<number>>(true);
    // @ts-expect-error nor 'm' in what JSON Schema says
    s.value('m', read.m);
    const known = s.step('known', untyped, { with: {}, returns: 'Findings' });
    s.value('any', known.whatever.it['has']);
  });
  // @ts-expect-error an input has a schema
  flow('a/b', { version, input: { n: 'integer' } }, () => 1);
}

function handlers(): void {
  const length = defineHandler({
    name: 'text/length',
    version,
    doc: '',
    input: {},
    output: {},
    effects: 'none',
    run: ({ text }: { text: string }) => ({ length: text.length }),
  });
  flow('a/b', { version }, (s) => {
    same<ReturnType<typeof length.run>, ReturnType<Handler['run']>>(true);
    const counted = s.step('counted', length, { with: { text: 'abc' } });
    same<typeof counted.length, Ref<number>>(true);
    // @ts-expect-error the length is no text
    s.step('again', length, { with: { text: counted.length } });
  });
  const plain: Handler = length;
  void plain;
  const about = { name: 'a/b', version, doc: '', input: {}, output: {}, effects: 'none' } as const;
  // @ts-expect-error a handler gives JSON
  defineHandler<{ n: number }, { at: Date }>({ ...about, run: () => ({ at: new Date() }) });
  // @ts-expect-error and what it says
  defineHandler<{ n: number }, { at: string }>({ ...about, run: ({ n }) => ({ at: n }) });
}

function scopes(): void {
  flow('a/b', { version }, (s) => {
    const sum = s.scope('sum', (s) => {
      const one = s.value('one', { n: 1 });
      return { one: one.n, text: `${one.n} of 2` };
    });
    same<typeof sum.one, Ref<1>>(true);
    const text: RefOf<string> = sum.text;
    s.value('text', text);
    // @ts-expect-error only what it gives is seen
    s.value('two', sum.two);
    const open = s.scope('open', (s) => {
      s.value('one', 1);
    });
    s.value('one', open.one);
  });
}
