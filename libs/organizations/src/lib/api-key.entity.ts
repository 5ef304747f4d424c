import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What a key may do within its organization. */
export type ApiKeyScope = 'run' | 'read' | 'admin';

/** All scopes a key can carry. */
export const API_KEY_SCOPES = ['run', 'read', 'admin'] as const satisfies readonly ApiKeyScope[];

/** A key of one organization. The key itself is not stored, only its SHA-256. */
@Entity({ schema: 'pipelines', name: 'api_keys' })
export class ApiKeyEntity {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ name: 'org_slug', type: 'text' })
  orgSlug: string;

  /** The part of the key by which its row is found; not secret. */
  @Column({ type: 'text' })
  prefix: string;

  @Column({ type: 'bytea' })
  hash: Buffer;

  @Column({ type: 'text', array: true })
  scopes: ApiKeyScope[];

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date;

  @Column({ name: 'revoked_at', type: 'timestamptz', precision: 3, nullable: true })
  revokedAt: Date | null;
}
