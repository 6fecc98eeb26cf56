import { grown, hashText, int32, SlotIndex, SlotPool } from './columns';
import { userIdOf } from './username';

/** The users that have an allocation or a session, on each server and in each realm apart. */
export class UserTable {
  /** The session that is open, or -1. */
  session: Int32Array;
  openAllocations: Int32Array;
  /** What keeps the row: allocations, open or waiting for totals, and the session. */
  private references: Int32Array;
  private servers: Int32Array;
  private realms: Int32Array;
  private readonly usernames: string[] = [];
  private readonly pool = new SlotPool();
  private readonly index: SlotIndex;

  /** `capacity`: how many rows are reserved; beyond them the columns grow. */
  constructor(
    private readonly separator: string,
    capacity: number,
  ) {
    [this.session, this.openAllocations, this.references] = [int32(capacity), int32(capacity), int32(capacity)];
    [this.servers, this.realms] = [int32(capacity), int32(capacity)];
    this.index = new SlotIndex(capacity);
  }

  /** The user's slot, made where there is none. The name is the one seen last: each credential has its own. */
  intern(server: number, realm: number, username: string): number {
    const id = userIdOf(username, this.separator);
    const hash = hashText(id, server * 31 + realm);
    const known = this.lookUp(hash, server, realm, id);
    const slot = known === -1 ? this.add(hash, server, realm) : known;
    this.usernames[slot] = username;
    return slot;
  }

  /** The user's slot, or -1. */
  find(server: number, realm: number, username: string): number {
    const id = userIdOf(username, this.separator);
    return this.lookUp(hashText(id, server * 31 + realm), server, realm, id);
  }

  retain(slot: number): void {
    this.references[slot] = (this.references[slot] ?? 0) + 1;
  }

  release(slot: number): void {
    const left = (this.references[slot] ?? 0) - 1;
    this.references[slot] = left;
    if (left > 0) return;
    this.index.remove(slot);
    this.usernames[slot] = '';
    this.pool.give(slot);
  }

  serverOf(slot: number): number {
    return this.servers[slot] ?? 0;
  }

  realmOf(slot: number): number {
    return this.realms[slot] ?? 0;
  }

  usernameOf(slot: number): string {
    return this.usernames[slot] ?? '';
  }

  idOf(slot: number): string {
    return userIdOf(this.usernameOf(slot), this.separator);
  }

  private lookUp(hash: number, server: number, realm: number, id: string): number {
    let slot = this.index.first(hash);
    while (slot !== -1 && !this.holds(slot, server, realm, id)) slot = this.index.after(slot);
    return slot;
  }

  private holds(slot: number, server: number, realm: number, id: string): boolean {
    return this.serverOf(slot) === server && this.realmOf(slot) === realm && this.idOf(slot) === id;
  }

  private add(hash: number, server: number, realm: number): number {
    const slot = this.pool.take();
    if (slot >= this.session.length) this.grow(this.session.length * 2);
    this.session[slot] = -1;
    this.openAllocations[slot] = 0;
    this.references[slot] = 0;
    this.servers[slot] = server;
    this.realms[slot] = realm;
    this.index.add(hash, slot);
    return slot;
  }

  private grow(capacity: number): void {
    this.session = grown(this.session, capacity);
    this.openAllocations = grown(this.openAllocations, capacity);
    this.references = grown(this.references, capacity);
    this.servers = grown(this.servers, capacity);
    this.realms = grown(this.realms, capacity);
  }
}
