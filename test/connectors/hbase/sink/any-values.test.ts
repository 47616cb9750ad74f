import { describeAnyValues } from '../../../conformance/hbase-any-values.ts';
import { openDoubleSinkBed } from '../../../support/hbase-sink-bed.ts';

describeAnyValues(openDoubleSinkBed, 40);
