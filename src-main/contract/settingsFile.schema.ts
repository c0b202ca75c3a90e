/** The file of a run's settings as it is checked when it is read. */
import { z } from 'zod';
import { dataConfigSchema, trainConfigSchema } from './requests.schema.ts';
import { settingsFileFormat, settingsFileVersion } from './settingsFile.ts';

/** The name of a file or folder; a path of another computer has no place in the file. */
const name = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[^/\\]+$/, 'must be a name without a path');

export const settingsFileSchema = z.object({
  format: z.literal(settingsFileFormat),
  version: z.literal(settingsFileVersion),
  name: z.string().max(300),
  model: name,
  data: z.object({
    file: name,
    validationFile: name.optional(),
    ...dataConfigSchema.omit({ path: true, validationPath: true }).shape,
  }),
  training: trainConfigSchema.omit({ model: true, data: true }),
});
export type SettingsFile = z.infer<typeof settingsFileSchema>;
