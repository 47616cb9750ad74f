// Two test projects: `unit` needs no service; `real` starts the private stack (Kafka, Connect, HBase, MariaDB, …).
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** They take minutes: begun last, they would go on alone when all others have ended. */
const longOnes = [
  'deployment-',
  'demo.',
  'hbase-client-faults.',
  'services-away.',
  'store-faults.',
  'hbase-versions.',
  'hbase-client.',
  'mysql-aside.',
  'kafka-log.',
  'hbase-sink.',
  'store.',
  'delete-policies.',
];

class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      longOnes.some((name) => moduleId.includes(`/integration/${name}`));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    // Suites on real services mostly wait; each has its own databases, tables and topics.
    maxWorkers: 3,
    sequence: { sequencer: LongOnesFirst },
    projects: [
      {
        test: {
          name: 'unit',
          // Half of a run was loading the same modules again for each file; no test replaces a module or keeps state in one.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**'],
          testTimeout: 15_000,
        },
      },
      {
        test: {
          name: 'real',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/stack-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
