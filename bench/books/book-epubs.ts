/**
 * Puts the EPUB of every book of a folder to the W3C's EPUBCheck, all in one Java machine, and tells what it finds: the
 * tests do so with one book. Ends with 1 where there is an error or a warning.
 *
 *   npm run bench -- book-epubs [--books <folder of books>]
 *
 * Wants `apt-get install epubcheck default-jdk-headless`.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { scanFolder } from '@scriptorium/books';
import { epubBytes } from '@scriptorium/books/epub';
import { alignBook, cleanBook, measureTopology, publicationOf, readSource, restructureToc } from '@scriptorium/books/structure';

const jar = '/usr/share/java/epubcheck.jar';
const program = `import com.adobe.epubcheck.api.EpubCheck;
import com.adobe.epubcheck.util.DefaultReportImpl;
import java.io.File;
public class Check {
  public static void main(String[] paths) {
    for (String path : paths) {
      DefaultReportImpl report = new DefaultReportImpl(path);
      new EpubCheck(new File(path), report).doValidate();
      System.out.println("= " + (report.getFatalErrorCount() + report.getErrorCount()) + " " + report.getWarningCount() + " " + path);
    }
  }
}
`;

const { values } = parseArgs({ options: { books: { type: 'string' } } });
const books = values.books ?? fileURLToPath(new URL('../../../shared/corpus/raw', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'epubs-'));
try {
  const paths = await madeOf(books);
  await writeFile(join(folder, 'Check.java'), program);
  const said = await checked(paths);
  const verdicts = [...said.matchAll(/^= (\d+) (\d+) (.*)$/gm)].map(([, errors, warnings, path]) => ({ errors, warnings, path }));
  const faulty = verdicts.filter(({ errors, warnings }) => errors !== '0' || warnings !== '0');
  for (const { errors, warnings, path } of faulty) console.log(`${path}: ${errors} errors, ${warnings} warnings`);
  if (faulty.length > 0) console.log(said);
  console.log(`${verdicts.length} of ${paths.length} EPUBs checked, ${faulty.length} with errors or warnings`);
  if (faulty.length > 0 || verdicts.length < paths.length) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}

async function madeOf(input: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const { id, path, files } of (await scanFolder(input)).books) {
    const source = await readSource(path, files);
    const book = restructureToc(alignBook(cleanBook(source, measureTopology(id, source), {})));
    paths.push(join(folder, `${id}.epub`));
    await writeFile(paths.at(-1)!, await epubBytes(publicationOf(book)));
  }
  return paths;
}

function checked(paths: readonly string[]): Promise<string> {
  const args = ['-cp', jar, join(folder, 'Check.java'), ...paths];
  return new Promise((done) => {
    execFile('/usr/bin/java', args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      done(error === null ? stdout : `${stdout}${stderr}`),
    );
  });
}
