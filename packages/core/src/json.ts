/** The one data type that crosses every border: handlers, journal, expressions, definitions. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type JsonObject = { readonly [key: string]: Json };

/** JSON Schema 2020-12. `true` accepts everything, `false` nothing. */
export type Schema = JsonObject | boolean;

/** A duration in whole milliseconds. */
export type Ms = number;

/** A wall-clock instant: milliseconds since 1970-01-01T00:00:00Z, always passed in by the host. */
export type Instant = number;
