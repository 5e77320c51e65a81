import type { Json } from './json.ts';

/** What a run says to its calls beside their input, by names with dots in them, as in `agents.writer.model`; null where there is none any more. */
export type Settings = { readonly [name: string]: Json };
