import { describeTargetLedger } from '../../../conformance/target-ledger.ts';
import { openDoubleSinkBed } from '../../../support/hbase-sink-bed.ts';

describeTargetLedger('the double of HBase', openDoubleSinkBed, 'rows');
