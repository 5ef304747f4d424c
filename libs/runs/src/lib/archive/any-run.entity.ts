import { Entity } from 'typeorm';
import { RunEntity } from '../run.entity.ts';

/** A run wherever it is kept, live or archived; only read. */
@Entity({ schema: 'pipelines', name: 'all_runs' })
export class AnyRunEntity extends RunEntity {}
