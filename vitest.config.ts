// Two test projects: `unit` needs no service; `real` starts the private stack (Kafka, Connect, HBase, MariaDB, …).
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Suites on real services mostly wait; each has its own databases, tables and topics.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
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
