/** Compute targets: Ray clusters that trainings and sweeps may be sent to. “This machine” is none of them. */
import { z } from 'zod';

/** Names are given on the command line and become part of file names. */
export const targetNameSchema = z
  .string()
  .max(40)
  .regex(/^[A-Za-z0-9][\w.-]*$/, 'use letters, digits, - _ and .');

/** A host as ssh takes it. It never begins with a dash, so it cannot become an option. */
const host = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9[][\w.:[\]-]*$/, 'a host name or address');

/** Without user, password and query. What is no address at all passes here: that is another rule's fault to tell. */
function isBareAddress(text: string): boolean {
  try {
    const { username, password, search } = new URL(text);
    return username === '' && password === '' && search === '';
  } catch {
    return true;
  }
}

export const targetSchema = z.object({
  name: targetNameSchema,
  /** Of the dashboard, e.g. `http://head:8265`; behind a tunnel as the other end of it sees it. */
  address: z
    .url({ protocol: /^https?$/ })
    .refine(isBareAddress, 'leave out user, password and query; a token has its own place'),
  /** Folder that every node sees at the same path, or a URL of fsspec (`s3://…`): checkpoints and uploads go there. */
  storage: z
    .string()
    .max(2_000)
    .regex(/^(?:\/|[a-z][a-z0-9+.-]*:\/\/)\S+$/i, 'an absolute path, or a URL such as s3://bucket/folder'),
  /** HTTP proxy on the way to the dashboard. */
  proxy: z.url({ protocol: /^https?$/ }).optional(),
  /** Certificate authority of the dashboard, a PEM file, where the system does not know it. */
  certificate: z.string().min(1).max(4_096).optional(),
  /** The dashboard is reached through `ssh -N -L`. */
  tunnel: z
    .object({
      host,
      user: z
        .string()
        .max(64)
        .regex(/^[A-Za-z0-9_][\w.-]*$/, 'a user name')
        .optional(),
      port: z.number().int().gte(1).lte(65_535).optional(),
    })
    .optional(),
});

/** A bearer token of the dashboard. */
export const targetTokenSchema = z
  .string()
  .min(1)
  .max(4_096)
  .regex(/^[\x21-\x7e]+$/, 'a token has no spaces');

/** A target with its token, as it goes to the engine alone. */
export const targetCallSchema = z.object({ target: targetSchema, token: targetTokenSchema.optional() });

export const targetRequestSchema = z.object({ target: targetCallSchema });
export const targetStopRequestSchema = z.object({ target: targetCallSchema, job: z.string().min(1).max(200) });

export const targetListSchema = z.object({ version: z.literal(1).default(1), targets: z.array(targetSchema).max(100) });

export type Target = z.infer<typeof targetSchema>;
export type TargetInput = z.input<typeof targetSchema>;
export type TargetCall = z.infer<typeof targetCallSchema>;
