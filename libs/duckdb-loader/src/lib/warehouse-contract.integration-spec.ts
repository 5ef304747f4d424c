import { describeWarehouseContract } from '@pipelines/pipeline/testing';
import { startDuckdbHarness } from '../testing/index.ts';

describeWarehouseContract('DuckdbWarehouse', startDuckdbHarness);
