/** Of every server here. */
export const PASSWORD = 'benchmark';
