/** The flow under test, from whatever it is written in. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Flow, Handler } from '@scriptorium/core';
import { coreHandlers } from '@scriptorium/engine';
import { compileFlow, formatDiagnostic } from '@scriptorium/flow';
import type { Definition } from '@scriptorium/flow';

/** A `file:` URL of a definition, its text in YAML or JSON, what the builder made, or a compiled flow. */
export type FlowSource = URL | string | Definition | Flow;

/** Raises what `check` would tell of. */
export function flowOf(source: FlowSource, handlers: readonly Handler[], profile: string | undefined): Flow {
  if (typeof source === 'object' && 'ir' in source) return source as Flow;
  const file = source instanceof URL ? fileURLToPath(source) : 'test.flow.yaml';
  const written = source instanceof URL ? readFileSync(source, 'utf8') : source;
  const callables = new Map([...coreHandlers, ...handlers].map((handler) => [handler.name, handler]));
  const { flow, diagnostics } = compileFlow(written, { file, callables, ...(profile === undefined ? {} : { profile }) });
  if (flow !== null) return flow;
  const text = typeof written === 'string' ? written : JSON.stringify(written, null, 2);
  throw new Error(diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, text)).join('\n'));
}
