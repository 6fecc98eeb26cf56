/** Few distinct names, numbered in the order seen. Bounded: what comes beyond the limit shares the number of `overflow`. */
export class Names {
  private readonly numbers = new Map<string, number>();
  private readonly names: string[] = [];

  constructor(
    private readonly limit: number,
    private readonly overflow: string,
  ) {}

  /** How many numbers there are, from 0. */
  get size(): number {
    return this.names.length;
  }

  numberOf(name: string): number {
    return this.numbers.get(name) ?? this.add(this.names.length < this.limit ? name : this.overflow);
  }

  nameOf(number: number): string {
    return this.names[number] ?? this.overflow;
  }

  private add(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    this.numbers.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}
