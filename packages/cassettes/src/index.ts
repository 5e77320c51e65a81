/** Requests over `fetch` that are recorded to a file, and answered from it again without asking anybody. */

export { CassetteError } from './error.ts';
export { recordTo, type CassetteOptions, type Fetch } from './recording.ts';
export { replayFrom } from './replaying.ts';
export { cassetteSetting, fetchOf, type CassetteSetting } from './setting.ts';
