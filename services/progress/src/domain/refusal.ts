import { type Failure, type FieldError, failure } from "@partake/failure";

/** A request that is refused because of one field. The message never repeats the value. */
export function refused(reason: string, error: FieldError): Failure {
  return failure("invalid", reason, { errors: [error] });
}
