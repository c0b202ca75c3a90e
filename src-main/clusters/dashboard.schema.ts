/** Answers of Ray's dashboard, as its Jobs REST API states them; what is not needed is left out. */
import { z } from 'zod';

export const versionSchema = z.object({ version: z.string(), ray_version: z.string() });

export const jobSchema = z.object({
  submission_id: z.string().nullish(),
  status: z.enum(['PENDING', 'RUNNING', 'STOPPED', 'SUCCEEDED', 'FAILED']),
  message: z.string().nullish(),
  error_type: z.string().nullish(),
  /** Milliseconds since 1970. */
  start_time: z.number().nullish(),
  end_time: z.number().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

export const jobListSchema = z.array(jobSchema);
export const submittedSchema = z.object({ submission_id: z.string() });
export const stoppedSchema = z.object({ stopped: z.boolean() });
export const logsSchema = z.object({ logs: z.string() });

export type DashboardJob = z.infer<typeof jobSchema>;
