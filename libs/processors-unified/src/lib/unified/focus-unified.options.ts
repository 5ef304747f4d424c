/** `processor.options` of the unified pipeline: there are none. */
export class FocusUnifiedOptions {}
