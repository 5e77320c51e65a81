/** A run with a file before, two runs below it, one of which has files too, and a file after, that waits for a gate. */

import { join } from 'node:path';
import { compileTree } from '../engine/kit.ts';
import type { Tree } from '../engine/kit.ts';

export function steered(home: string, version: '1.0.0' | '2.0.0'): Tree {
  const log = join(home, '..', 'calls.log');
  const write = `uses: try/write, with: { text: x, log: ${JSON.stringify(log)} }`;
  const gated = `uses: try/write, with: { text: x, log: ${JSON.stringify(log)}, gate: ${JSON.stringify(`${log}.gate`)} }`;
  const end = version === '1.0.0' ? 'end' : 'fin';
  return compileTree(
    `
flow: try/steered
version: "${version}"
${version === '1.0.0' ? '' : 'migrate: [{ from: ^1.0.0, map: { end: fin } }]'}
steps:
  first: { ${write} }
  below: { needs: [first], uses: try/child@^1 }
  files: { needs: [first], each: { in: "\${ [1] }", as: n, key: "\${ 'f' + string(n) }" }, ${write} }
  late: { needs: [files], ${gated} }
  ${end}: { value: "\${ [below, late.file.bytes] }" }
output: "\${ ${end} }"
`,
    `{ flow: try/child, version: "1.0.0", steps: { low: { ${gated} } }, output: "\${ low.file.bytes }" }`,
  );
}
