import { z } from 'zod';

/** Stands in turnserver.conf and in coturn's connection strings, where a space or a quote would end it. */
export const secret = z
  .string()
  .min(8)
  .max(256)
  .regex(/^(?!=)[!#-&(-~]+$/, 'must be printable ASCII without spaces and quotes, and not begin with =')
  .meta({ secret: true });
