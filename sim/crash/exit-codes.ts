/** How a victim ends by itself, where not with one of the journal's own codes. */
export const victimExitCodes: { readonly unavailable: 90; readonly unexpected: 1 } = { unavailable: 90, unexpected: 1 };
