/** The composition root: the one place where a host, its contracts and the process meet. */

import { openEngine } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import type { Connection, Context } from './context.ts';

export async function openConnection({ home, env }: Context): Promise<Connection> {
  let halt: (error: Error) => void = () => undefined;
  const halted = new Promise<Error>((resolve) => (halt = resolve));
  const host = await openEngine({ home, modules: [], contracts: createContracts(), env, onHalt: (error) => halt(error instanceof Error ? error : new Error(String(error))) });
  let closing: Promise<void> | null = null;
  return {
    host: {
      ...host,
      drain: () => (closing ??= host.drain()),
      stop: () => (closing = host.stop()),
    },
    own: true,
    close: () => (closing ??= host.drain()),
    halted,
  };
}
