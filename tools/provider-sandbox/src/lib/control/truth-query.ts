import { SCALE } from '../deterministic/fixed-point.ts';

/** What a truth is asked about. */
export interface TruthQuery {
  readonly start_date: string;
  readonly end_date: string;
  /** The key whose organization is meant; the one that the sandbox hands out when absent. */
  readonly api_key?: string;
  /** Fraction digits to which every row is rounded half to even before it is summed. */
  readonly scale?: number;
}

const DATE = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' };

/** The schema of a {@link TruthQuery}. */
export const TRUTH_QUERY_SCHEMA = {
  type: 'object',
  required: ['start_date', 'end_date'],
  additionalProperties: false,
  properties: {
    start_date: DATE,
    end_date: DATE,
    api_key: { type: 'string' },
    scale: { type: 'integer', minimum: 0, maximum: SCALE },
  },
};
