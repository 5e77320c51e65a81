/** The flow of stories as tests and benches run it. */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CalledFlows, Flow, Handler, JsonObject } from '@scriptorium/core';
import { compileFlow } from '@scriptorium/flow';
import type { FlowFile } from '@scriptorium/flow';
import { storiesFlow } from '@scriptorium/stories';

export type Change = readonly [from: string, to: string];

/** `changes` are made in its text; `handlers` are all that it calls. */
export function storyFlow(handlers: readonly Handler[], changes: readonly Change[] = []): Flow {
  return storyWith(handlers, changes, []).flow;
}

/** With flows that it lends, once it is changed so. */
export function storyWith(
  handlers: readonly Handler[],
  changes: readonly Change[],
  flows: readonly FlowFile[],
): { readonly flow: Flow; readonly called: CalledFlows } {
  let source = readFileSync(storiesFlow.file, 'utf8');
  for (const [from, to] of changes) {
    if (!source.includes(from)) throw new Error(`the flow has no '${from}'`);
    source = source.replaceAll(from, to);
  }
  const read = (path: string): { readonly file: string; readonly source: string } => ({
    file: path,
    source: readFileSync(join(dirname(storiesFlow.file), path), 'utf8'),
  });
  const callables = new Map(handlers.map((handler) => [handler.name, handler]));
  const { flow, called, diagnostics } = compileFlow(source, { file: 'stories.flow.yaml', callables, read, flows });
  if (flow === null) throw new Error(diagnostics.map(({ line, code, message }) => `${line} ${code}: ${message}`).join('\n'));
  return { flow, called };
}

/** What a story is given where nobody says anything else. */
export function defaultsOf({ input }: Flow): JsonObject {
  const properties = (typeof input === 'boolean' ? {} : (input['properties'] ?? {})) as { readonly [name: string]: JsonObject };
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, { default: value }]) => (value === undefined ? [] : [[name, value]])),
  );
}
