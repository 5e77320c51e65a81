/** The W3C's EPUBCheck, where the machine has it (`apt-get install epubcheck`). */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

const jar = '/usr/share/java/epubcheck.jar';

/** Why it cannot be asked; false where it can. */
export const noEpubcheck: string | false = existsSync(jar) && existsSync('/usr/bin/java') ? false : `no epubcheck at ${jar}`;

interface Verdict {
  readonly messages: readonly { readonly ID: string; readonly severity: string; readonly message: string }[];
  readonly checker: { readonly nFatal: number; readonly nError: number; readonly nWarning: number };
}

/** What it finds wrong, warnings included; it is another program than the one that the other tests ask. */
export async function epubcheck(path: string): Promise<readonly string[]> {
  // A short program is done before the second compiler of Java has begun.
  const args = ['-XX:TieredStopAtLevel=1', '-jar', jar, '-q', '--json', '-', path];
  const text = await new Promise<string>((done) => {
    execFile('/usr/bin/java', args, { maxBuffer: 1 << 24 }, (_error, stdout) => done(stdout));
  });
  const { messages, checker } = JSON.parse(text) as Verdict;
  const found = messages.filter(({ severity }) => ['FATAL', 'ERROR', 'WARNING'].includes(severity));
  return found.length + checker.nFatal + checker.nError + checker.nWarning === 0
    ? []
    : found.map(({ ID, severity, message }) => `${severity} ${ID} ${message}`);
}
