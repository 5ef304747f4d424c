/** What a line item says, as far as it can be taken apart. */
export interface LineItemParts {
  readonly serviceTier: string | null;
  readonly product: string;
  readonly model: string | null;
  readonly meter: string | null;
  readonly qualifiers: string | null;
}

const TIER_SHAPE = /^([a-z][a-z ]*) \| (.+)$/;
const MODALITY_SHAPE = / (audio|image|text|video)$/;
/** A name of one word with a version in it; a product of plain words is no model. */
const MODEL_SHAPE = /^(?=.*[\d-])[A-Za-z][\w.:-]*$/;

/**
 * Takes a line item apart: `priority | gpt-5.6-sol, output, long context` is a tier, a product which is a model, a meter
 * and a qualifier. Line items are labels whose shape is not documented, so this serves grouping alone; what does not fit is
 * product as a whole.
 */
export function parseLineItem(lineItem: string): LineItemParts {
  const [, serviceTier = null, rest = lineItem] = TIER_SHAPE.exec(lineItem) ?? [];
  const [product = rest, meter = null, ...qualifiers] = rest.split(', ');
  const model = product.replace(MODALITY_SHAPE, '');
  return {
    serviceTier,
    product,
    model: meter !== null && MODEL_SHAPE.test(model) ? model : null,
    meter,
    qualifiers: qualifiers.length > 0 ? qualifiers.join(', ') : null,
  };
}

const MOST_REMEMBERED = 1_000;

/** {@link parseLineItem} for the rows of a run, most of which have one of few line items. */
export class LineItems {
  private readonly parsed = new Map<string, LineItemParts>();

  parse(lineItem: string): LineItemParts {
    let parts = this.parsed.get(lineItem);
    if (!parts) {
      // The next rows tell which are still needed.
      if (this.parsed.size >= MOST_REMEMBERED) this.parsed.clear();
      this.parsed.set(lineItem, (parts = parseLineItem(lineItem)));
    }
    return parts;
  }
}
