import mongoose from "mongoose";

/** Marks an operator, or a whole filter, as written by code and not taken from a request. */
export function trusted<T extends object>(operators: T): T {
  return mongoose.trusted(operators) as T;
}
