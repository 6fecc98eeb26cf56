/** Redis' INFO: `name:value` lines under `# Section` headings (https://redis.io/docs/latest/commands/info/). */
export class RedisInfo {
  private readonly values: ReadonlyMap<string, string>;

  constructor(text: string) {
    this.values = new Map(
      Array.from(text.matchAll(/^(\w{1,64}):(.{0,1024})$/gm), ([, name = '', value = '']) => [name, value.trimEnd()]),
    );
  }

  text(name: string): string | undefined {
    return this.values.get(name);
  }

  /** undefined where this Redis does not have it, or it is no number. */
  number(name: string): number | undefined {
    const text = this.values.get(name);
    return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  }
}
