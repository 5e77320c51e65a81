/** The ways in which progress can be shown. */

export const progressModes = ['auto', 'bars', 'plain', 'json', 'none'] as const;

export type ProgressMode = (typeof progressModes)[number];
