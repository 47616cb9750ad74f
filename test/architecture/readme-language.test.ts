// The Chinese READMEs use Chinese punctuation, and each term for one thing.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const han = /[\u4e00-\u9fff]/;

/** For what has another word in the glossary: 账本, 源, 目标端 (a sink; 目标 is what it writes to), 请求值, 状态发布者, topic. */
const otherWords = /台账|源端|接收端|愿望值|发言者|主题/;

const pages = ['.', 'src', 'connectors', 'executors', 'scheduler'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: folder !== '.', encoding: 'utf8' })
    .filter((name) => name.endsWith('.zh-CN.md'))
    .map((name) => join(folder, name)),
);

describe.each(pages)('%s', (file) => {
  const text = readFileSync(join(root, file), 'utf8').replace(/```[\s\S]*?```/g, '');
  const lines = text.split('\n').map((line) => line.replace(/`[^`]*`|\]\([^)]*\)/g, ''));

  it('has no half-width punctuation beside Chinese', () => {
    const wrong = lines.filter((line) =>
      new RegExp(`${han.source}[,;:?!()]|[,;:?!()]${han.source}`).test(line),
    );
    expect(wrong).toEqual([]);
  });

  it('has one word for one thing', () => {
    expect(lines.filter((line) => otherWords.test(line))).toEqual([]);
  });
});

/** A text with X for what is filled in, without examples in quotes and lists in brackets such as (p,s). */
function withoutCode(text: string): string {
  const filled = text.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, 'X');
  return filled.replace(/\([^()\u4e00-\u9fff]*\)|"[^"]*"|“[^”]*”|‘[^’]*’/g, (part) =>
    /X/.test(part) ? part : '',
  );
}

describe('texts of the product', () => {
  const files = ['src', 'executors', 'scheduler', 'connectors'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|js)$/.test(name))
      .map((name) => join(folder, name)),
  );

  it('have no half-width punctuation behind Chinese', () => {
    const wrong = files.flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .filter((line) => new RegExp(`${han.source}[,;!?(](?!/)`).test(line))
        // Data of the sample job, not a text of the product.
        .filter(() => !file.endsWith('make-order.ts'))
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(files.length).toBeGreaterThan(100);
    expect(wrong).toEqual([]);
  });

  it('have none before what is filled in or written in Latin letters, either', () => {
    const literal = /'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;
    const wrong = files
      .filter((file) => !file.endsWith('make-order.ts'))
      .flatMap((file) =>
        [...readFileSync(join(root, file), 'utf8').matchAll(literal)]
          .map(([text]) => withoutCode(text))
          .filter((text) => han.test(text) && /[,;]\S|:X|[)）]:|X\(/.test(text))
          .map((text) => `${file}: ${text}`),
      );
    expect(wrong).toEqual([]);
  });

  const chinese = files
    .filter((file) => !file.startsWith('src/demo'))
    .flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g)]
        .map(([text]) => text)
        .filter((text) => han.test(text))
        .map((text) => ({ file, text })),
    );

  it('have one word for one thing, and 工作节点 for a worker', () => {
    const wrong = chinese.filter(
      ({ text }) => otherWords.test(text) || /(?<![-\w])workers?(?![-\w])/i.test(text),
    );
    expect(wrong).toEqual([]);
  });

  it('mark what stands in them in the words of a server, or of another part, as it was said', () => {
    const said = /\$\{[^{}]*\b(?:message|en|said|error|cause|detail)\b(?!\.zh)[^{}]*\}/i;
    const wrong = chinese.filter(({ text }) => said.test(text.replace(/原始消息：“\$\{[^{}]*\}”/g, '')));
    expect(chinese.length).toBeGreaterThan(300);
    expect(wrong).toEqual([]);
  });
});
