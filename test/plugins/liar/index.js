// No target: a ledger without rows, of which one method throws, never answers, or does nothing. For the tests of what becomes of its runs.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { config, defineDocumentTarget, text } from 'syncline/connector';

const wrongs = {
  throws: () => {
    throw new TypeError('boom');
  },
  hangs: () => new Promise(() => {}),
  forgets: async () => true,
};
const place = (file) => {
  const load = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null);
  return {
    load: async () => load(),
    compareAndSet: async (from, ledger) => {
      if ((load()?.version ?? null) !== from) return false;
      writeFileSync(file, JSON.stringify({ ledger, version: String(Number(from ?? 0) + 1) }));
      return true;
    },
    prepare: async () => ({ notes: [], doubts: [] }),
    writeRows: async () => undefined,
    readRow: async () => null,
    isEmpty: async () => true,
    close: async () => undefined,
  };
};
const says = { doc: { en: 'Of a test.', zh: '用于测试。' } };
export default defineDocumentTarget({
  className: 'example.Liar',
  version: '1',
  answerWithinMs: 1000,
  config: config({
    method: text('liar.method', says),
    what: text('liar.what', says),
    file: text('liar.file', says),
  }),
  place: ({ file }) => [file],
  open: ({ method, what, file }) =>
    method === 'open' ? wrongs[what]() : { ...place(file), [method]: wrongs[what] },
});
