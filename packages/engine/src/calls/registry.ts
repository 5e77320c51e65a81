/** The handlers that this engine can call, by name. */

import { calledAs, HostError } from '@scriptorium/core';
import type { CalledFlows, Flow, Handler, HandlerModule, ReportPage, ReportSection } from '@scriptorium/core';
import { callsOf } from '../runs/flow-calls.ts';
import { resolveOwnPackages } from './own-packages.ts';

export interface Registry {
  /** `uses` with or without `@range`. */
  readonly find: (uses: string) => Handler | undefined;
  readonly all: () => readonly Handler[];
  /** Imports what is not here yet; raises `invalid` when a module exports no handlers. */
  readonly load: (urls: readonly string[]) => Promise<void>;
  readonly modules: () => readonly HandlerModule[];
  /** What makes the page of a flow's reports, where a module brings it. */
  readonly pageOf: (flow: string) => ReportPage | null;
  /** What modules add to the report of a run whose steps call their handlers, in these flows. */
  readonly sectionsOf: (flows: Iterable<Flow>) => readonly ReportSection[];
  /** Raises `invalid` when the flow calls something that is not here. */
  readonly require: (flow: Flow) => void;
  /** The handlers that the flow calls, as its steps name them. */
  readonly calledBy: (flow: Flow) => readonly string[];
  /** The flows that do parts of the work of the handlers that these flows call. */
  readonly flowsOf: (flows: readonly Flow[]) => CalledFlows;
}

/** Of two handlers with one name the first counts, as where they are called. */
export function createRegistry(known: readonly HandlerModule[]): Registry {
  const modules = new Map<string, HandlerModule>();
  const handlers = new Map<string, Handler>();
  let list: readonly HandlerModule[] = [];

  function add(module: HandlerModule): void {
    modules.set(module.url, module);
    list = [...modules.values()];
    for (const handler of module.handlers) if (!handlers.has(handler.name)) handlers.set(handler.name, handler);
  }

  const find = (uses: string): Handler | undefined => handlers.get(uses) ?? handlers.get(uses.split('@')[0] ?? uses);
  for (const module of known) add(module);

  return {
    find,
    all: () => [...handlers.values()],
    modules: () => list,
    pageOf: (flow) => list.find(({ page }) => page?.flow === flow)?.page ?? null,
    sectionsOf: (flows) => {
      const called = new Set([...flows].flatMap((flow) => callsOf(flow).handlers.map(find)));
      return list.flatMap(({ section, handlers: own }) =>
        section !== undefined && own.some((handler) => called.has(handler)) ? [section] : [],
      );
    },
    calledBy: (flow) => callsOf(flow).handlers,
    flowsOf: (flows) => {
      const own = flows.flatMap((flow) => callsOf(flow).handlers).flatMap((uses) => find(uses)?.flows ?? []);
      return Object.fromEntries(own.map((flow) => [calledAs(flow.name, { range: '*' }), flow]));
    },
    load: async (urls) => {
      for (const url of urls) {
        if (modules.has(url)) continue;
        resolveOwnPackages();
        const loaded = (await import(url)) as { readonly handlers?: unknown; readonly page?: ReportPage; readonly section?: ReportSection };
        if (!Array.isArray(loaded.handlers))
          throw new HostError(
            'invalid',
            `${url} exports no list \`handlers\``,
            'Export `const handlers = [defineHandler({ … })]` from the module.',
          );
        const { page, section } = loaded;
        const more = { ...(page === undefined ? {} : { page }), ...(section === undefined ? {} : { section }) };
        add({ url, handlers: loaded.handlers as readonly Handler[], ...more });
      }
    },
    require: (flow) => {
      const missing = callsOf(flow).handlers.filter((uses) => find(uses) === undefined);
      if (missing.length === 0) return;
      throw new HostError(
        'invalid',
        `${flow.name} calls ${missing.join(', ')}, which no loaded module has`,
        'Put a `handlers.ts` beside the flow file that exports them.',
      );
    },
  };
}
