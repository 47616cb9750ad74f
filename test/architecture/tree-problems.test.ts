// The test of the tree sees what is against its tables, however it is written.
import { describe, expect, it } from 'vitest';
import { treeProblems, type TreeRules } from '../support/architecture/tree-problems.ts';

const rules: TreeRules = {
  mayKnow: { 'src/core': [], 'src/api': [], 'src/store': [], executors: [], 'connectors/mysql': [] },
  composition: ['src/main.ts'],
  homes: { mysql2: ['connectors/mysql'] },
  anyPackage: [],
  io: { 'src/store': ['node:fs'] },
  readEnv: ['src/main.ts'],
  importByName: [],
  wordsOfHBase: /hbase/i,
  mayNameHBase: [],
  mostFiles: 20,
};

function problemsOf(tree: Readonly<Record<string, string>>): readonly string[] {
  return treeProblems(new Map(Object.entries(tree)), rules);
}

const home = 'src/api/a.ts imports mysql2, whose home is elsewhere';

describe('an npm package away from its home is seen', () => {
  it.each([
    ["import { createPool } from 'mysql2';"],
    ["import 'mysql2';"],
    ['import { createPool } from "mysql2/promise";'],
    ["import type { Pool } from 'mysql2';"],
    ["export * from 'mysql2';"],
    ["const a = await import(\n  // over lines\n  'mysql2',\n);"],
    ['const a = await import(`mysql2`);'],
    ["let a: import('mysql2').Pool;"],
    ["import mysql = require('mysql2');"],
    ["const mysql = require('mysql2');"],
    ["import { createRequire } from 'node:module';\nconst a = createRequire(import.meta.url)('mysql2');"],
    ["import module from 'node:module';\nconst a = module.createRequire(import.meta.url)('mysql2');"],
    ["import { createPool /* it's; */ } from 'mysql2';"],
    ["import {\n  createPool, // one; or more\n} from 'mysql2';"],
  ])('%s', (text) => {
    expect(problemsOf({ 'src/api/a.ts': text })).toEqual([home]);
  });

  it.each(['js', 'mjs', 'cjs', 'mts', 'cts', 'tsx', 'jsx'])('in a file that ends in .%s', (ending) => {
    expect(problemsOf({ [`src/api/a.${ending}`]: "import 'mysql2';" })).toEqual([
      `src/api/a.${ending} imports mysql2, whose home is elsewhere`,
    ]);
  });
});

it('sees an import by a name that is made while it runs, and a require that is kept', () => {
  const wrong = ['src/api/a.ts imports by a name that is not written there'];
  expect(problemsOf({ 'src/api/a.ts': 'await import(name);' })).toEqual(wrong);
  expect(problemsOf({ 'src/api/a.ts': "await import('my' + 'sql2');" })).toEqual(wrong);
  expect(problemsOf({ 'src/api/a.cjs': 'require(name);' })).toEqual([
    'src/api/a.cjs imports by a name that is not written there',
  ]);
  expect(problemsOf({ 'src/api/a.ts': 'const require = () => held; require();' })).toEqual([]);
  expect(
    problemsOf({
      'src/api/a.ts': "import { createRequire } from 'node:module';\nconst need = createRequire(here);",
    }),
  ).toEqual(wrong);
  expect(problemsOf({ 'src/api/a.ts': "import { createRequire as make } from 'node:module';" })).toEqual(
    wrong,
  );
});

describe('a folder that knows another is seen', () => {
  const wrong = ['src/api/a.ts knows src/store/b.ts'];

  it.each([
    ["import '../store/b.ts';"],
    ["import '../store/b.js';"],
    ["import type { B } from '../store/b.ts';"],
    ["const b = import(\n  '../store/b.ts',\n);"],
    ["/// <reference path='../store/b.ts' />"],
  ])('%s', (text) => {
    expect(problemsOf({ 'src/api/a.ts': text, 'src/store/b.ts': '' })).toEqual(wrong);
  });

  it('also where the file stands in no folder of the table', () => {
    expect(problemsOf({ 'src/new/a.js': "import '../core/b.ts';" })).toEqual([
      'src/new/a.js knows src/core/b.ts',
    ]);
  });

  it('and its own, the core and all that composition knows are not', () => {
    expect(
      problemsOf({
        'src/main.ts': "import './api/a.ts'; import './store/b.ts';",
        'src/api/a.ts':
          "import './own.ts'; import '../core/c.ts';\n// import '../store/b.ts';\n\"import 'mysql2'\";",
        'src/api/own.ts': '',
        'src/store/b.ts': "import 'node:fs';",
        'src/core/c.ts': '',
      }),
    ).toEqual([]);
  });
});

describe('a cycle is seen', () => {
  const wrong = ['src/api/a.ts → src/api/b.ts → src/api/a.ts is a cycle'];

  it.each([
    ['with one leg for its effect only', "import { b } from './b.ts';", "import './a.ts';"],
    ['of types', "import type { B } from './b.ts';", "import type { A } from './a.ts';"],
    ['of types, written with .js', "import type { B } from './b.js';", "import type { A } from './a.js';"],
    ['with one leg loaded late', "import { b } from './b.ts';", "await import('./a.ts');"],
  ])('%s', (_, a, b) => {
    expect(problemsOf({ 'src/api/a.ts': a, 'src/api/b.ts': b })).toEqual(wrong);
  });
});

it('counts every source file of a folder', () => {
  const endings = ['ts', 'js', 'mjs', 'cjs', 'mts', 'cts'];
  const tree = Object.fromEntries(
    Array.from({ length: 21 }, (_, n) => [`src/api/a${n}.${endings[n % endings.length] ?? ''}`, '']),
  );
  expect(problemsOf(tree)).toEqual(['src/api has 21 files of its own']);
});

it('sees input and output where there should be none', () => {
  expect(problemsOf({ 'src/core/a.ts': "import { readFileSync } from 'node:fs';" })).toEqual([
    'src/core/a.ts imports node:fs: no input and output of that kind here',
  ]);
  expect(problemsOf({ 'src/core/a.ts': "import { readFile } from 'fs/promises';" })).toEqual([
    'src/core/a.ts imports node:fs/promises: no input and output of that kind here',
  ]);
  expect(problemsOf({ 'executors/a.ts': "import 'node:net';" })).toEqual([
    'executors/a.ts imports node:net: no input and output of that kind here',
  ]);
  expect(problemsOf({ 'executors/a.ts': "process.getBuiltinModule('net');" })).toEqual([
    'executors/a.ts imports node:net: no input and output of that kind here',
  ]);
});

describe('the environment is read in the configuration only', () => {
  it.each([
    ['process.env.HOME;'],
    ["process['env'];"],
    ['const { env } = process;'],
    ['const p = process;'],
    ['let env; ({ env } = process);'],
    ['globalThis.process.env;'],
    ["import { env } from 'node:process';"],
    ["import process from 'process';"],
  ])('%s', (text) => {
    expect(problemsOf({ 'src/api/a.ts': text })).toEqual(['src/api/a.ts reads process.env']);
  });

  it('and other words of process are free', () => {
    expect(problemsOf({ 'src/api/a.ts': 'process.cwd(); const a = { process: 1 }; a.process;' })).toEqual([]);
  });
});

it('sees a word of HBase outside its rooms', () => {
  expect(problemsOf({ 'src/core/a.ts': '// as HBase does' })).toEqual(['src/core/a.ts has a word of HBase']);
});
