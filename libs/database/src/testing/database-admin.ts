import { Client } from 'pg';

/** Runs `work` on a session of the test server's maintenance database. */
export async function withAdmin<T>(url: string, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: url });
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** The beginning of the name of every database that this test run makes; a server may be shared by several runs. */
export function databasePrefix(): string {
  return `test_${process.env.TEST_RUN}_`;
}

/** The URL of the test server. */
export function testServerUrl(): string {
  const url = process.env.TEST_POSTGRES_URL;
  if (!url) throw new Error('No test server: name the spec *.integration-spec.ts, so that Jest starts one.');
  return url;
}

/** Drops every database that this run made on the server. */
export async function dropDatabasesOfRun(url: string): Promise<void> {
  await withAdmin(url, async (admin) => {
    const { rows } = await admin.query<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
      [databasePrefix()],
    );
    for (const { datname } of rows) await admin.query(`DROP DATABASE ${datname} WITH (FORCE)`);
  });
}
