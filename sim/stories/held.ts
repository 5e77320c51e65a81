/** The exit code of an author in which all that could go on waits at moments of those after it. */
export const HELD = 20;
