import { describeZombies } from '../../../conformance/hbase-sink-zombies.ts';
import { openDoubleSinkBed } from '../../../support/hbase-sink-bed.ts';

describeZombies('the double of HBase', openDoubleSinkBed);
