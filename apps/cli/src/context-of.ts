/** What a command is given, from where and how it was called. */

import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configurationOf, settingsOf } from './configuration/configuration.ts';
import type { Context } from './context.ts';
import type { SettingFlags } from './program/flags.ts';

const launcher = fileURLToPath(new URL('../../../scriptorium', import.meta.url));

export function contextOf(flags: SettingFlags, { terminal, env, cwd }: Pick<Context, 'terminal' | 'env' | 'cwd'>): Context {
  const { home, out, mode, profile, progress, limit } = flags;
  const given = { home, out, mode, profile, limit, progress: progress === false ? 'none' : progress };
  const configuration = configurationOf({ cwd, env, environment: flags.env, flags: given });
  const settings = settingsOf(configuration);
  const context: Context = {
    terminal,
    env,
    cwd,
    now: Date.now,
    by: `cli:${userName()}`,
    home: settings.home,
    configuration,
    settings,
    get command() {
      return commandFrom(cwd, env);
    },
    json: flags.json === true,
    verbose: flags.verbose === true,
    open: async () => (await import('./compose.ts')).openConnection(context),
    plan: async function* (request) {
      yield* (await import('./compose.ts')).planWithoutTrace(context, request);
    },
    requireModels: async (asked) => (await import('./compose.ts')).requireModels(context, asked),
  };
  return context;
}

/** The plain name where it is found by it, else the way to the launcher of this checkout. */
export function commandFrom(cwd: string, env: Context['env']): string {
  const found = (env['PATH'] ?? '').split(delimiter).some((directory) => directory !== '' && existsSync(join(directory, 'scriptorium')));
  if (found) return 'scriptorium';
  const near = relative(cwd, launcher);
  return near.startsWith('..') ? launcher : `.${sep}${near}`;
}

/** Systems without an entry for the user (some containers) have no name to give. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
