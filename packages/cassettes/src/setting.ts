/** Cassettes as people ask for them: in one word of an environment variable or a configuration. */

import { CassetteError } from './error.ts';
import { recordTo, type CassetteOptions, type Fetch } from './recording.ts';
import { replayFrom } from './replaying.ts';

/** The variable of the environment that has it, for everybody who calls services. */
export const CASSETTE_VARIABLE = 'SCRIPTORIUM_CASSETTE';

export interface CassetteSetting {
  readonly mode: 'record' | 'replay';
  readonly path: string;
}

/** @throws CassetteError `cassette.setting` for anything but `record:<path>` and `replay:<path>`; null where nothing is set. */
export function cassetteSetting(value: string | undefined): CassetteSetting | null {
  if (value === undefined || value === '') return null;
  const [, mode, path] = /^(record|replay):(.+)$/.exec(value) ?? [];
  if ((mode === 'record' || mode === 'replay') && path !== undefined) return { mode, path };
  throw new CassetteError('cassette.setting', `"${value}" names no cassette`, 'Write record:<path> or replay:<path>.');
}

/** One for each cassette of this process, so that answers that were recorded one after the other are given so. */
const open = new Map<string, (real: Fetch) => Fetch>();

/** `real` itself where nothing is set; where something is replayed, it is never called. The first call for a cassette decides about its secrets. */
export function fetchOf(value: string | undefined, real: Fetch, options: CassetteOptions = {}): Fetch {
  const setting = cassetteSetting(value);
  if (setting === null) return real;
  const name = `${setting.mode}:${setting.path}`;
  const known = open.get(name) ?? opened(setting, options);
  open.set(name, known);
  return known(real);
}

function opened({ mode, path }: CassetteSetting, options: CassetteOptions): (real: Fetch) => Fetch {
  if (mode === 'record') return recordTo(path, options);
  const replayed = replayFrom(path, options);
  return () => replayed;
}
