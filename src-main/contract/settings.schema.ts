/** The settings and the wizard's project as kept on disk by the main process. */
import { z } from 'zod';
import { dataConfigSchema, trainConfigDraftSchema } from './requests.schema.ts';
import { settingsFileSchema } from './settingsFile.schema.ts';
import { withoutDefaults } from './withoutDefaults.schema.ts';

export const settingsSchema = z.object({
  version: z.literal(1).default(1),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  language: z.enum(['system', 'en', 'zh']).default('system'),
  /** Engine threads; 0 takes the number of cores. */
  threads: z.number().int().gte(0).lte(256).default(0),
  showAllSettings: z.boolean().default(false),
  /** Outlines instead of tints, also where the system does not ask for them. */
  contrast: z.enum(['system', 'high']).default('system'),
  /** The tour was taken or declined at the first start. */
  tourSeen: z.boolean().default(false),
  /** Asks for newer versions of the app at every start; else only when the person does. */
  lookForUpdates: z.boolean().default(false),
});
/** Without defaults: what a change does not name stays as it is. */
export const settingsPatchSchema = z.object(withoutDefaults(settingsSchema.shape)).omit({ version: true }).partial();

/** What the wizard holds; every part may still be missing. */
export const projectSchema = z.object({
  version: z.literal(1).default(1),
  name: z.string().default(''),
  step: z.enum(['model', 'data', 'ranks', 'train', 'export']).default('model'),
  model: z.string().optional(),
  data: dataConfigSchema.optional(),
  config: trainConfigDraftSchema.optional(),
  /** Settings of a file for rows that are yet to be chosen. */
  dataSettings: settingsFileSchema.shape.data.optional(),
  /** Steps the person has looked at: a step that a sample has prepared is only done once it was seen. */
  seen: z.array(z.enum(['model', 'data', 'ranks', 'train', 'export'])).optional(),
  run: z.string().optional(),
  exportedTo: z.string().optional(),
});

export type Settings = z.infer<typeof settingsSchema>;
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;
export type Project = z.infer<typeof projectSchema>;
