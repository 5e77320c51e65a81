/** What goes wrong with a cassette, with a code that stays and what to do about it. */
export class CassetteError extends Error {
  /**
   * `cassette.miss`: a request was never recorded; `cassette.file`: the file is missing, damaged or of another version;
   * `cassette.request`: a request cannot be recorded; `cassette.setting`: what was asked for is neither of the two modes.
   */
  readonly code: 'cassette.miss' | 'cassette.file' | 'cassette.request' | 'cassette.setting';
  readonly fix: string;

  constructor(code: CassetteError['code'], message: string, fix: string) {
    super(message);
    this.name = 'CassetteError';
    this.code = code;
    this.fix = fix;
  }
}
