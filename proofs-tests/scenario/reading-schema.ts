import { z } from 'zod';

/** One reading of the published text, as far as it differs from the default one. */
export const readingSchema = z
  .strictObject({
    resumeRepeats: z.enum(['never', 'charged', 'free', 'charged while unacknowledged']).exactOptional(),
    answerPsn: z.enum(['expected - 1', 'own']).exactOptional(),
    nakStoppedChecked: z.boolean().exactOptional(),
    pausedCompletes: z.boolean().exactOptional(),
    pausedTimer: z.boolean().exactOptional(),
    resumingServes: z.boolean().exactOptional(),
    stopped: z.enum(['answers all', 'as coded']).exactOptional(),
    rtrTakesResume: z.boolean().exactOptional(),
    image: z.enum(['whole', 'as coded']).exactOptional(),
    memoryFirst: z.boolean().exactOptional(),
    goesOn: z.enum(['resumed', 'answered']).exactOptional(),
  })
  .readonly();
