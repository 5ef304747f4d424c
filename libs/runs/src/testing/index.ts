export { MemoryWarehouse } from './memory-warehouse.ts';
