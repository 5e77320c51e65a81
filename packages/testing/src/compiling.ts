/** The flow under test, from whatever it is written in. */

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CalledFlows, Flow, Handler } from '@scriptorium/core';
import { coreHandlers } from '@scriptorium/engine';
import { compileFlow, formatDiagnostic } from '@scriptorium/flow';
import type { Definition, FlowFile, ReadDefinition } from '@scriptorium/flow';

/** A `file:` URL of a definition, its text in YAML or JSON, or what the builder made. */
export type FlowSource = URL | string | Definition;

export interface CompiledFlow {
  readonly flow: Flow;
  /** What it calls, and what that calls. */
  readonly called: CalledFlows;
}

/** Raises what `check` would tell of. `others` are the flows that it may call. */
export function compileSource(
  source: FlowSource,
  others: readonly FlowSource[],
  handlers: readonly Handler[],
  profile: string | undefined,
): CompiledFlow {
  const callables = new Map([...coreHandlers, ...handlers].map((handler) => [handler.name, handler]));
  const flows = others.map((other, index) => fileOf(other, `called-${index + 1}.flow.yaml`, callables));
  const { file, source: written } = fileOf(source, 'test.flow.yaml', callables);
  const options = { file, callables, flows, read, ...(profile === undefined ? {} : { profile }) };
  const { flow, called, diagnostics } = compileFlow(written, options);
  if (flow !== null) return { flow, called };
  const text = typeof written === 'string' ? written : JSON.stringify(written, null, 2);
  throw new Error(diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, text)).join('\n'));
}

function fileOf(source: FlowSource, name: string, callables: FlowFile['callables']): FlowFile {
  if (!(source instanceof URL)) return { file: name, source, callables };
  return { file: fileURLToPath(source), source: readFileSync(source, 'utf8'), callables };
}

/** What a definition extends lies beside it. */
const read: ReadDefinition = (relative, from) => {
  const file = resolve(dirname(from), relative);
  try {
    return { file, source: readFileSync(file, 'utf8') };
  } catch {
    return null;
  }
};
