import type { ServiceName } from "@partake/contract";
import type { Read } from "./variable-readers.ts";

/** One environment variable: everything that anybody needs to know of it. */
export interface ConfigurationVariable<T = unknown, P extends string = string> {
  name: string;
  /** Its name in `Config`. */
  property: P;
  /** What it holds, in words, for the reference. */
  type: string;
  read: Read<T>;
  /** Absent: it must be set, for the services that use it. */
  fallback?: T;
  /** The fallback is only for development: in production it must be set. */
  requiredInProduction?: boolean;
  /** Never to be shown. */
  secret?: boolean;
  /** Read by these only. Absent: by all. */
  usedBy?: readonly ServiceName[];
  doc: string;
}

/** A variable that holds T, and may be absent as U. */
export function variable<T, const P extends string>(
  declared: ConfigurationVariable<T, P>,
): ConfigurationVariable<T, P> {
  return declared;
}
