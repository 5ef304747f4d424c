import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ApiKeyEntity } from './api-key.entity.ts';
import { ApiKeyStore } from './api-key.store.ts';
import { OrganizationEntity } from './organization.entity.ts';
import { OrganizationStore } from './organization.store.ts';
import { ORGANIZATIONS_OPTIONS, type OrganizationsOptions } from './organizations.options.ts';
import { SubscriptionsView } from './subscriptions-view.ts';

/** Organizations, their keys and, when no Supabase owns them, their subscriptions. */
@Module({})
export class OrganizationsModule {
  static forRoot(options: OrganizationsOptions): DynamicModule {
    return {
      module: OrganizationsModule,
      imports: [TypeOrmModule.forFeature([OrganizationEntity, ApiKeyEntity])],
      providers: [
        { provide: ORGANIZATIONS_OPTIONS, useValue: options },
        OrganizationStore,
        ApiKeyStore,
        SubscriptionsView,
      ],
      exports: [OrganizationStore, ApiKeyStore],
    };
  }
}
