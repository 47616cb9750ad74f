// Names of topics: as the contract has them, and different for different tables, also to Kafka.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isTopicName, tableTopic } from '../../src/core/record/data-topic.ts';

const topic = (name: string, namespace = 'default', prefix = ''): string =>
  tableTopic({ prefix, namespace, name });
/** What Kafka takes for the same in the names of its metrics. */
const asKafka = (name: string): string => name.replaceAll('.', '_');

it('leaves plain names as the contract has them', () => {
  expect(topic('test_employee01_2021_06_17')).toBe('default_test_employee01_2021_06_17');
  expect(topic('My-Table_1', 'ns', 'pre_')).toBe('pre_ns_My-Table_1');
});

it('makes a topic of any table', () => {
  expect(topic('pay.log')).toBe('default_pay-x2e-log');
  expect(topic('订单')).toBe('default_-x8ba2--x5355-');
  expect(topic('c', 'a_b')).toBe('a-x5f-b_c');
  const long = topic('订单'.repeat(60));
  expect(long).toHaveLength(249);
  expect(isTopicName(long)).toBe(true);
  expect(topic(`${'订单'.repeat(60)}1`)).not.toBe(long);
});

it('never makes one topic of two tables', () => {
  expect(asKafka(topic('pay.log'))).not.toBe(asKafka(topic('pay_log')));
  expect(topic('b_c', 'a')).not.toBe(topic('c', 'a_b'));
  const part = fc.string({
    unit: fc.constantFrom('a', 'x', '2', 'd', '-', '_', '.', 'é', '订'),
    minLength: 1,
    maxLength: 8,
  });
  const table = fc.record({
    namespace: fc.string({ unit: fc.constantFrom('a', '_', '订', 'x', '2'), minLength: 1, maxLength: 4 }),
    name: part,
  });
  fc.assert(
    fc.property(table, table, (a, b) => {
      const [first, second] = [a, b].map((each) => tableTopic({ prefix: '', ...each }));
      expect(isTopicName(first ?? '')).toBe(true);
      const same = a.namespace === b.namespace && a.name === b.name;
      expect(asKafka(first ?? '') === asKafka(second ?? '')).toBe(same);
    }),
    { numRuns: 2_000 },
  );
});
