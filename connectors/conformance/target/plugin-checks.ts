// What every target says of itself before a run: its configuration, its identity, and whether it can be reached.
import assert from 'node:assert/strict';
import { answered, checkConfig, checkIdentity, noSignal } from '../plugin-checks.ts';
import { pairs } from './run-tools.ts';
import { newTableName, type TargetCheck } from './target-bed.ts';

export const pluginChecks: readonly TargetCheck[] = [
  {
    name: 'its configuration is checked without being asked twice',
    act: (bed) => {
      checkConfig({ plugin: bed.plugin, config: bed.configOf(newTableName()) });
    },
  },
  {
    name: 'its identity is always the same, another one for another target, and holds no secret',
    act: (bed) => {
      const [one, other] = [bed.configOf(newTableName()), bed.configOf(newTableName())];
      checkIdentity({ plugin: bed.plugin, config: one });
      assert.notEqual(bed.plugin.identity(one), bed.plugin.identity(other));
    },
  },
  {
    name: 'its connection test says what it did, foresees the rows, and changes nothing',
    act: async (bed) => {
      const config = bed.configOf(newTableName());
      const before = await bed.footprint();
      const steps = await answered(
        'testing the connection',
        bed.plugin.testConnection(config, noSignal, pairs),
      );
      assert.ok(steps.length > 0, 'it says what it did');
      for (const { name, ok, detail } of steps) assert.ok(ok, `step ${name}: ${detail}`);
      assert.deepEqual(await bed.footprint(), before);
    },
  },
];
