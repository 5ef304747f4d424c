const SLUG = /^[a-z][a-z0-9_]{1,47}$/;

/** Whether the text is a legal organization slug: 2 to 48 characters, fit for a warehouse dataset's name. */
export function isOrganizationSlug(text: string): boolean {
  return SLUG.test(text);
}
