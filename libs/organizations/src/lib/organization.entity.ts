import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** A tenant. */
@Entity({ schema: 'pipelines', name: 'organizations' })
export class OrganizationEntity {
  @PrimaryColumn({ type: 'text' })
  slug: string;

  @Column({ type: 'text' })
  name: string;

  /** Google Cloud project of its datasets and jobs; the service's when null. */
  @Column({ name: 'warehouse_project', type: 'text', nullable: true })
  warehouseProject: string | null;

  /** Location of its datasets and jobs; the service's when null. */
  @Column({ name: 'warehouse_location', type: 'text', nullable: true })
  warehouseLocation: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz', precision: 3 })
  updatedAt: Date;
}
