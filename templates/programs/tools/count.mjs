// A program as any other: it is given a text and where its result belongs, and prints what the flow is to know, as JSON.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const [, , source, target] = process.argv;
const text = readFileSync(source, 'utf8').trim();
const words = text.split(/\s+/).filter(Boolean).length;
if (words === 0) {
  console.error(`${source} has no words`);
  process.exit(1);
}
writeFileSync(target, `# ${basename(source)}\n\n${/^[^.!?]*[.!?]?/.exec(text)[0]}\n\n${words} words\n`);
console.log(JSON.stringify({ words }));
