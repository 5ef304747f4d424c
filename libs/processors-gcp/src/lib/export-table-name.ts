/** `project.dataset.table` or `dataset.table`; the project may be of a domain (`example.com:billing`). */
export const EXPORT_TABLE =
  /^(?:(?<project>(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9])\.)?(?<dataset>\w{1,1024})\.(?<table>[\w-]{1,1024})$/;
