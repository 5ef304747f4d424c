/**
 * Which kinds of project may import which. The arrows point one way: apps compose, triggers start runs on their own
 * account, the flow lib orchestrates domain libs, and neither a domain lib nor a provider lib knows its siblings.
 */
export const depConstraints = [
  {
    sourceTag: 'type:app',
    onlyDependOnLibsWithTags: [
      'type:trigger',
      'type:flow',
      'type:domain',
      'type:provider',
      'type:infra',
      'type:contract',
      'type:tool',
    ],
  },
  {
    sourceTag: 'type:trigger',
    onlyDependOnLibsWithTags: ['type:flow', 'type:domain', 'type:infra', 'type:contract'],
  },
  { sourceTag: 'type:flow', onlyDependOnLibsWithTags: ['type:domain', 'type:infra', 'type:contract'] },
  { sourceTag: 'type:domain', onlyDependOnLibsWithTags: ['type:infra', 'type:contract'] },
  { sourceTag: 'type:provider', onlyDependOnLibsWithTags: ['type:contract'] },
  { sourceTag: 'type:infra', onlyDependOnLibsWithTags: ['type:contract'] },
  { sourceTag: 'type:contract', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:tool', 'type:contract'] },
];
