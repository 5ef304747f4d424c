import { addDays, type RunWindow } from '@pipelines/pipeline';

/** The window in parts of `days` days, oldest first; the last one may be shorter. */
export function splitWindow({ start, end }: RunWindow, days: number): readonly RunWindow[] {
  const windows: RunWindow[] = [];
  for (let from = start; from < end; from = addDays(from, days)) {
    const to = addDays(from, days);
    windows.push({ start: from, end: to < end ? to : end });
  }
  return windows;
}
