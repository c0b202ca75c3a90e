/** `notes.json` of a run folder: the tags and the note of the person. A run without the file has none. */
import path from 'node:path';
import { runNotesSchema, type RunNotes } from '../contract/runNotes.schema.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { parseJson } from '../util/jsonDepth.ts';
import { mostRunFileBytes, readTextAtMost } from '../util/readAtMost.ts';

const notesName = 'notes.json';

/** What is written about a run; nothing where the file is missing or damaged. */
export async function readRunNotes(run: string): Promise<RunNotes> {
  try {
    return runNotesSchema.parse(parseJson(await readTextAtMost(path.join(run, notesName), mostRunFileBytes)));
  } catch {
    return { tags: [], note: '' };
  }
}

/** Replaces the notes; a tag that is given twice is kept once. @throws AppError DISK_FULL, NOT_WRITABLE */
export async function writeRunNotes(run: string, { tags, note }: RunNotes): Promise<RunNotes> {
  const notes = { tags: [...new Set(tags)], note };
  await writeFileAtomic(path.join(run, notesName), `${JSON.stringify(notes, null, 2)}\n`);
  return notes;
}
