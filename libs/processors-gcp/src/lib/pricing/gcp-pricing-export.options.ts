import { ExportOptions } from '../export/export-options.ts';

/** `processor.options` of a pipeline over a pricing export. */
export class GcpPricingExportOptions extends ExportOptions {}
