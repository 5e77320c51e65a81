/** Every flow on the reference page of the language runs to its end, on small examples of what its handlers give. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Handler, JsonObject } from '@scriptorium/core';
import { coreHandlers } from '@scriptorium/engine';
import { compileFlow } from '@scriptorium/flow';
import { exampleOf, rehearse } from '@scriptorium/testing';
import { fencesOf, flowOnPage, flowsOnPage } from './fences.ts';
import { root } from './sources.ts';

/** Below the root, so that the packages resolve. */
const folder: string = join(root, '.scriptorium', 'language-test');
const page: string = readFileSync(join(root, 'docs/language.md'), 'utf8');
const flows = fencesOf(page).filter(({ language, note }) => language === 'yaml' && note.startsWith('flow'));

describe('the flows of the language’s page', () => {
  const handlers: Handler[] = [];

  before(async () => {
    mkdirSync(folder, { recursive: true });
    for (const name of ['handlers', 'language']) {
      const code = fencesOf(readFileSync(join(root, `docs/${name}.md`), 'utf8')).filter(({ language }) => language === 'ts');
      for (const { line, text } of code) {
        const file = join(folder, `${name}-${line}.ts`);
        writeFileSync(file, text);
        const found = (await import(pathToFileURL(file).href)) as { readonly handlers?: readonly Handler[] };
        handlers.push(...(found.handlers ?? []));
      }
    }
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const { line, note, text } of flows) {
    it(`docs/language.md:${line} runs`, async () => {
      const file = join(folder, note.slice('flow '.length) || `${line}.flow.yaml`);
      for (const named of flowsOnPage(page)) writeFileSync(join(folder, named.file), named.source as string);
      writeFileSync(file, text);
      const others = flowsOnPage(page).flatMap(({ source }) => (typeof source === 'string' && source !== text ? [source] : []));
      await using run = await rehearse(pathToFileURL(file), { handlers, input: inputFor(text, handlers), flows: others });
      await run.settle();
      for (const wait of await run.host().waits(run.id)) {
        if (wait.ask !== null) await run.answer(wait.step, exampleOf(wait.answer));
        else if (wait.event !== null) await run.signal(wait.event, exampleOf(wait.answer));
      }
      assert.equal((await run.outcome()).status, 'succeeded');
    });
  }
});

/** An example of every input that the flow requires. */
function inputFor(text: string, handlers: readonly Handler[]): JsonObject {
  const callables = new Map([...coreHandlers, ...handlers].map((handler) => [handler.name, handler]));
  const read = (path: string): ReturnType<typeof flowOnPage> => flowOnPage(page, path);
  const { flow } = compileFlow(text, { file: 'language.md', callables, read, flows: flowsOnPage(page) });
  assert.ok(flow);
  return exampleOf(flow.input) as JsonObject;
}
