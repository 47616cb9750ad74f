import { describeTableMark } from '../../../conformance/hbase-table-mark.ts';
import { openDoubleSinkBed } from '../../../support/hbase-sink-bed.ts';

describeTableMark('the double of HBase', openDoubleSinkBed);
