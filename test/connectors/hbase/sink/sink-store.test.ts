import { describeSinkStore } from '../../../conformance/sink-store.ts';
import { openDoubleSinkBed } from '../../../support/hbase-sink-bed.ts';

describeSinkStore('the double of HBase', openDoubleSinkBed, 'rows');
