/**
 * Installs what is missing, then runs a script of the project on the project's own Node:
 * `node scripts/start.mjs [<script> [<argument>…]]`. Without a script it only installs.
 *
 * It runs before anything is installed and on whatever Node the host has, so it is plain JavaScript without imports
 * beyond Node's own, and loads them only once the host is known to be new enough.
 */

const unusable = 4;

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  console.error(
    'scriptorium: this is Node ' + process.versions.node + ', and Node 20 or newer is needed: install Node 24 from https://nodejs.org.',
  );
  process.exitCode = unusable;
} else {
  const { install, run, Refusal } = await import('./install.mjs');
  try {
    const node = await install();
    const [script, ...rest] = process.argv.slice(2);
    if (script !== undefined) await run(node, script, rest);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(`scriptorium: ${error.message}`);
    process.exitCode = unusable;
  }
}
