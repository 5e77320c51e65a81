/** Requests over `fetch` that are recorded to a file, and answered from it again without asking anybody. */

export { CassetteError } from './error.ts';
export { recordTo, type CassetteOptions, type Fetch } from './recording.ts';
export { replayFrom } from './replaying.ts';
export { CASSETTE_VARIABLE, cassetteSetting, fetchOf, type CassetteSetting } from './setting.ts';
export { redaction, secretsIn } from './redaction.ts';
export { secretForms } from './secret-forms.ts';
