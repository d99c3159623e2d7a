const defaultCapacity = 100_000;

/** How far each organisation's grants are known to this process, by version. */
export class GrantVersions {
  private readonly capacity: number;
  private readonly told = new Map<string, number>();
  private readonly highest = new Map<string, number>();

  constructor(capacity = defaultCapacity) {
    this.capacity = capacity;
  }

  /** The highest of which the topic told a change; 0 where it told none. */
  heard(organisationId: string): number {
    return this.told.get(organisationId) ?? 0;
  }

  /** The highest of which anything is known, by the topic, since it was read, or because it was made here; 0 where none is. */
  known(organisationId: string): number {
    return this.highest.get(organisationId) ?? 0;
  }

  hear(organisationId: string, version: number): void {
    this.raise(this.told, organisationId, version);
    this.raise(this.highest, organisationId, version);
  }

  learn(organisationId: string, version: number): void {
    this.raise(this.highest, organisationId, version);
  }

  /** What is forgotten of organisations that were longest at rest is only asked for once more. */
  private raise(versions: Map<string, number>, organisationId: string, version: number): void {
    if (version <= (versions.get(organisationId) ?? 0)) return;
    versions.delete(organisationId);
    const [atRest] = versions.keys();
    if (atRest !== undefined && versions.size >= this.capacity) versions.delete(atRest);
    versions.set(organisationId, version);
  }
}
