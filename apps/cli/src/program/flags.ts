/** The options that commands share, as they are given. */

import type { Mode } from '@scriptorium/core';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import type { ProgressMode } from '../progress/mode.ts';

/** Options that every command has. */
export interface CommonFlags {
  readonly home?: string;
  readonly env?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** Options that are settings: what they say counts before any configuration. */
export interface SettingFlags extends CommonFlags {
  readonly out?: string;
  readonly mode?: Mode;
  readonly profile?: string;
  readonly limit?: number;
  /** `--no-progress` is what commander makes `false` of. */
  readonly progress?: ProgressMode | false;
}

/** Does the work of a command with what its options say. */
export type Act = (flags: SettingFlags, work: (context: Context) => Promise<ExitCode>) => Promise<void>;
