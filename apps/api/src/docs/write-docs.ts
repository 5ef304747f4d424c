import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { settingsDocument } from './settings-document.ts';
import { errorsDocument } from './errors-document.ts';

const docs = new URL('../../../../docs/', import.meta.url);

await writeFile(new URL('settings.md', docs), settingsDocument());
await writeFile(new URL('errors.md', docs), errorsDocument());
