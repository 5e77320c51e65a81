/** The rules of the house that a program can check and the linter does not; each test lists every violation. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { importsOf, root, sources, workspaces, type Source } from './sources.ts';

const maxLines = 400;

/** Who may import whom; a package that is not here may import what its `package.json` names. */
const mayImport: { readonly [workspace: string]: readonly RegExp[] } = {
  'packages/core': [],
  'packages/cassettes': [/^node:/],
  'packages/flow': [/^@scriptorium\/core$/, /^node:crypto$/, /^yaml$/, /^typebox(\/.+)?$/, /^re2js$/, /^@dagrejs\/dagre$/],
  'packages/advisor': [/^@scriptorium\/core$/],
  'packages/engine': [/^@scriptorium\/(core|cassettes)$/, /^node:/],
  'packages/testing': [/^@scriptorium\/(core|flow|engine)$/, /^node:/],
  'packages/agents': [/^@scriptorium\/(core|flow|cassettes)$/, /^node:/, /^(?!@scriptorium\/)/],
  'pipelines/books': [/^@scriptorium\/(core|flow|agents(\/price)?|cassettes)$/, /^node:/, /^(?!@scriptorium\/)/],
};

const modules = sources('**/*.{ts,mjs}');
const code = modules.filter(({ path }) => !path.endsWith('.test.ts') && !path.includes('/test/'));
const texts = [
  ...modules,
  ...sources('**/*.{md,json,yaml,sh,cmd}'),
  ...sources('scriptorium'),
  ...sources('.ci/*'),
  ...sources('.{npmrc,gitignore}'),
];

test(`no file of code is longer than ${maxLines} lines`, () => {
  none(
    code
      .filter(({ text }) => text.split('\n').length - 1 > maxLines)
      .map(({ path, text }) => `${path}: ${text.split('\n').length - 1} lines`),
  );
});

test('files are named for the noun they define', () => {
  none(modules.filter(({ path }) => /(^|\/)(utils?|helpers?|common|misc|shared|lib)(\/|\.ts$)/.test(path)).map(({ path }) => path));
  none(
    modules.filter(({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?(\.test)?\.(ts|mjs)$/.test(basename(path))).map(({ path }) => path),
  );
});

test('the public surface is explicit: no default exports, no star exports, no inner barrels', () => {
  none(linesWith(modules, /^\s*export\s+(default\b|\*)/));
  none(
    modules
      .filter(({ path }) => basename(path) === 'index.ts' && !/^(packages|apps|pipelines)\/[a-z]+\/src\/index\.ts$/.test(path))
      .map(({ path }) => path),
  );
});

test('no text is ever run as code', () => {
  none(linesWith(code, /\beval\(|\bnew Function\b|['"](node:)?vm['"]/));
});

test('nothing is left to be done later, and nothing is switched off', () => {
  none(linesWith(texts, /\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b/));
  none(linesWith(modules, /@ts-(ignore|nocheck)|\b(test|it|describe)\.only\(/));
  // Tests of types say of a line that it must not compile, and the check fails where it does.
  none(
    linesWith(
      modules.filter(({ path }) => !path.endsWith('.types.test.ts')),
      /@ts-expect[-]error/,
    ),
  );
});

test('no file names a place on somebody’s machine', () => {
  none(linesWith(texts, /(?<![\w.])\/(wor[k]|far[m]|hom[e]|User[s])\//));
});

test('database files are opened by SQLite alone', () => {
  // Closing any other descriptor of the file in this process drops SQLite's POSIX locks, and a second writer gets in.
  none(
    linesWith(
      code,
      /\b(open|openSync|readFile|readFileSync|copyFile|copyFileSync|cp|cpSync|createReadStream|createWriteStream)\([^)]*(\.db\b|\.sqlite\b)/,
    ),
  );
});

test('relative imports name an existing file with its extension and stay within their workspace', () => {
  const wrong = modules.flatMap(({ path, text }) =>
    importsOf(text)
      .filter((specifier) => specifier.startsWith('.'))
      .filter((specifier) => {
        const target = normalize(join(dirname(path), specifier));
        const workspace = workspaceOf(path);
        return (
          !/\.(ts|mjs|json)$/.test(specifier) ||
          !existsSync(join(root, target)) ||
          (workspace !== null && !target.startsWith(`${workspace}/`))
        );
      })
      .map((specifier) => `${path}: ${specifier}`),
  );
  none(wrong);
});

test('a workspace imports only what its package.json names, by what the other exports', () => {
  // Tests may use what the root names for all of them; the core's package.json stays without any dependency.
  const { devDependencies: testing = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Versions;
  const wrong = workspaces().flatMap(({ path: workspace, manifest }) => {
    const { name, dependencies = {}, devDependencies = {} } = manifest;
    return modules
      .filter(({ path }) => path.startsWith(`${workspace}/`))
      .flatMap(({ path, text }) => importsOf(text).map((specifier) => ({ path, specifier })))
      .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
      .filter(({ path, specifier }) => {
        const named = packageOf(specifier);
        const isDevelopment = workspace === 'bench' || workspace === 'sim' || !code.some((source) => source.path === path);
        const isNamed = named === name || named in dependencies || (isDevelopment && (named in testing || named in devDependencies));
        return !isNamed || !isExported(named, specifier);
      })
      .map(({ path, specifier }) => `${path}: ${specifier}`);
  });
  none(wrong);
});

test('arrows run one way: core ← flow, engine ← pipelines ← cli', () => {
  const wrong = Object.entries(mayImport).flatMap(([workspace, allowed]) =>
    code
      .filter(({ path }) => path.startsWith(`${workspace}/`))
      .flatMap(({ path, text }) => importsOf(text).map((specifier) => ({ path, specifier })))
      .filter(({ specifier }) => !specifier.startsWith('.') && !allowed.some((pattern) => pattern.test(specifier)))
      .map(({ path, specifier }) => `${path}: ${specifier}`),
  );
  none(wrong);
});

test('what is for tests is imported by tests alone', () => {
  none(
    code
      .filter(({ path, text }) => !/^(bench|sim)\//.test(path) && importsOf(text).includes('@scriptorium/testing'))
      .map(({ path }) => path),
  );
});

test('every dependency is pinned to one version, and every workspace is private, MIT and of modules', () => {
  const wrong = workspaces().flatMap(({ path, manifest }) => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies });
    const loose = versions
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${path}: ${name}@${version}`);
    const shape =
      manifest.private === true && manifest.license === 'MIT' && manifest.type === 'module' ? [] : [`${path}: private, license, type`];
    return [...loose, ...shape];
  });
  none(wrong);
});

test('the lock file was written for these package.json files, so that a fresh clone can install', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: { readonly [path: string]: Versions };
  };
  const manifests = [...workspaces(), ...sources('package.json').map(({ text }) => ({ path: '', manifest: JSON.parse(text) as Versions }))];
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;
  const wrong = manifests.flatMap(({ path, manifest }) =>
    kinds
      .filter((kind) => !isDeepStrictEqual(manifest[kind] ?? {}, packages[path]?.[kind] ?? {}))
      .map((kind) => `${path}/package.json: ${kind}`),
  );
  none(wrong);
});

test('what is installed has its hash, comes from the registry, and runs nothing while it is installed', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: { readonly [path: string]: { readonly link?: true; readonly resolved?: string; readonly integrity?: string } };
  };
  const installed = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && link === undefined);
  const fromRegistry = (resolved = 'https://registry.npmjs.org/'): boolean => resolved.startsWith('https://registry.npmjs.org/');
  none(installed.flatMap(([path, one]) => (fromRegistry(one.resolved) && one.integrity?.startsWith('sha512-') === true ? [] : [path])));
  assert.match(readFileSync(join(root, '.npmrc'), 'utf8'), /^ignore-scripts=true$/m);
});

type Versions = { readonly [kind in 'dependencies' | 'devDependencies' | 'optionalDependencies']?: { readonly [name: string]: string } };

function none(violations: readonly string[]): void {
  assert.deepEqual(violations, []);
}

function linesWith(files: readonly Source[], pattern: RegExp): readonly string[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
  );
}

function workspaceOf(path: string): string | null {
  return /^(?:(?:packages|apps|pipelines)\/[^/]+|bench|sim)(?=\/)/.exec(path)?.[0] ?? null;
}

/** Whether a workspace exports what is imported from it; other packages see to that themselves. */
function isExported(named: string, specifier: string): boolean {
  const exported = workspaces().find(({ manifest }) => manifest.name === named)?.manifest.exports;
  return exported === undefined || `.${specifier.slice(named.length)}` in exported;
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
